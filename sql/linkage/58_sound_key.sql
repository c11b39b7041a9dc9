-- The blocking keys' columns of everybody who stands on a right number: whole numbers only, a row a (number, name) pair.
SELECT p.no, p.id_tail, p.id_ends, n.name_no, n.mandarin_no, n.cantonese_no, n.shape_no, n.surname_no,
       n.surname_sound_no, n.given_no, n.head_no, n.ends_no, n.wild, p.on_roster AS roster, p.id_sex,
       CAST(date_diff('day', DATE '1900-01-01', p.id_birth) AS BIGINT) AS born, year(p.id_birth) AS born_year,
       month(p.id_birth) * 31 + day(p.id_birth) AS born_day,
       CAST(date_diff('day', DATE '1900-01-01', p.id_birth) AS BIGINT) AS inside_born
FROM identity_pair p
LEFT JOIN names n ON n.name = p.name
WHERE p.id_state IN ('valid', 'old15') AND p.no NOT IN (SELECT no FROM loose_pair)
