-- A number that nothing confirms, and another under the same name, birth date and sex.
WITH open_number AS (
  SELECT p.id_key AS person, k.name_no, k.born, p.id_sex
  FROM identity_pair p
  JOIN sound_key k ON k.no = p.no
  WHERE p.id_key IN (SELECT person FROM unconfirmed WHERE NOT loose)
),
reached AS (
  SELECT o.person, o.id_sex, k.no, k.name_no, k.born
  FROM open_number o
  JOIN sound_key k ON k.name_no = o.name_no AND k.born = o.born
)
SELECT DISTINCT r.person AS left_person, p.id_key AS right_person, r.name_no, r.born
FROM reached r
JOIN identity_pair p ON p.no = r.no AND p.id_sex = r.id_sex
WHERE p.id_key <> r.person
