-- What is compared of each loose person as it stands on numbers and names: a row a loose pair, and a row a record that
-- has no number or a masked one. A number that is another's says nothing (id_text null). number_birth is the birth
-- date inside a wrong number; born counts days, for the blocking keys; inside_born that of the number where it is
-- another than the row's own.
WITH described AS (
  SELECT p.no, l.person, p.name, l.another, p.id_state, p.id_number, p.birth_date, p.id_birth, p.sex,
         p.on_roster AS roster, CASE WHEN NOT l.another THEN p.id_tail END AS id_tail,
         CASE WHEN NOT l.another THEN p.id_ends END AS id_ends
  FROM loose_pair l
  JOIN identity_pair p ON p.no = l.no
  UNION ALL
  SELECT -row_number() OVER (ORDER BY r.record_id), r.person, r.name, false, coalesce(p.id_state, ''),
         r.id_number, r.birth_date, CAST(NULL AS DATE), r.sex, r.roster_order > 0, p.id_tail, p.id_ends
  FROM loose_record r
  JOIN identity_pair p ON p.name = r.name AND p.id_number IS NOT DISTINCT FROM r.id_number
  WHERE r.person = r.record_id
),
inside AS (
  SELECT *, CASE WHEN NOT another AND id_state IN ('checksum', 'masked', 'length') THEN birth_inside(id_number) END
           AS number_birth
  FROM described
),
dated AS (SELECT *, coalesce(birth_date, number_birth) AS likely_birth FROM inside)
SELECT d.* EXCLUDE (another, id_state, id_number, birth_date, id_birth, number_birth,
                     likely_birth),
       coalesce(n.name_key, '') AS name_key, n.name_no, n.mandarin_no, n.cantonese_no, n.shape_no,
       n.surname_no, n.surname_sound_no, n.given_no, n.head_no, n.ends_no, n.wild,
       CASE
         WHEN d.another THEN NULL
         WHEN d.id_state = 'masked' AND length(d.id_number) BETWEEN 15 AND 18 THEN d.id_number
         WHEN d.id_state IN ('checksum', 'birth', 'length') AND length(d.id_number) BETWEEN 16 AND 20 THEN d.id_number
       END AS id_text,
       d.birth_date AS birth, d.number_birth,
       CAST(date_diff('day', DATE '1900-01-01', d.likely_birth) AS BIGINT) AS born, year(d.likely_birth) AS born_year,
       month(d.likely_birth) * 31 + day(d.likely_birth) AS born_day,
       CASE WHEN d.number_birth <> d.birth_date
         THEN CAST(date_diff('day', DATE '1900-01-01', d.number_birth) AS BIGINT) END AS inside_born
FROM dated d
LEFT JOIN names n ON n.name = d.name
