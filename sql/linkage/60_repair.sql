-- A repaired number counts only when one right number fits, under a name on the ladder and no other sex.
SELECT id_number, name, id_key, id_level, name_level
FROM (
  SELECT *, count(*) OVER (PARTITION BY id_number, name) AS rivals
  FROM repair_candidate
  WHERE name_level >= 2
) fitting
WHERE rivals = 1 AND sex_agrees
