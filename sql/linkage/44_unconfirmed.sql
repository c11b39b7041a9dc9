-- Sound ID numbers that are not confirmed, and the reason: their rows have another birth date or sex, or the register
-- does not know them under an agreeing name. loose: a number outside the register whose rows have quite another birth
-- date, or the other sex, is rather somebody else's.
WITH own AS (
  SELECT p.*
  FROM identity_pair p
  WHERE p.id_state IN ('valid', 'old15') AND p.no NOT IN (SELECT no FROM key_conflict)
),
register AS (SELECT count(*) > 0 AS present FROM own WHERE in_register),
number AS (
  SELECT id_key AS person, bool_or(in_register) AS registered,
         bool_or(birth_date <> id_birth) AND NOT coalesce(bool_or(birth_date = id_birth), false) AS birth_differs,
         bool_or(sex <> id_sex) AND NOT coalesce(bool_or(sex = id_sex), false) AS sex_differs,
         max(birth_level(birth_date, id_birth)) AS birth_level
  FROM own
  WHERE id_key IN (
    SELECT id_key FROM own
    WHERE birth_date <> id_birth OR sex <> id_sex OR (NOT in_register AND (SELECT present FROM register)))
  GROUP BY id_key
)
SELECT person,
       CASE WHEN birth_differs THEN 'birth_differs' WHEN sex_differs THEN 'sex_differs' ELSE 'not_in_register' END
         AS reason,
       coalesce(NOT registered AND (birth_level <= 1 OR sex_differs), false) AS loose
FROM number
WHERE birth_differs OR sex_differs OR (NOT registered AND (SELECT present FROM register))
