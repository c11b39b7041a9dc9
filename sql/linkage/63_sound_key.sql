-- The blocking keys' columns of everybody who stands on a right number: whole numbers only, a row a (number, name) pair.
SELECT no, id_tail, id_ends, name_no, mandarin_no, cantonese_no, shape_no, surname_no, surname_sound_no, given_no,
       head_no, ends_no, wild, on_roster AS roster,
       CAST(date_diff('day', DATE '1900-01-01', id_birth) AS BIGINT) AS born, year(id_birth) AS born_year,
       month(id_birth) * 31 + day(id_birth) AS born_day
FROM identity_pair
WHERE id_state IN ('valid', 'old15') AND no NOT IN (SELECT no FROM loose_pair)
