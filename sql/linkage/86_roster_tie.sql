-- The persons whose records are looked at beside a roster row: those on the rosters, those who stand under a roster
-- row's ID number with an unlike name, and those who may be a person of a roster.
WITH roster_person AS (SELECT DISTINCT person, number_key FROM roster_record),
conflict AS (
  SELECT c.id_key, coalesce(m.merged, c.id_key || '|' || c.name_key) AS person
  FROM key_conflict c
  LEFT JOIN person_merge m ON m.person = c.id_key || '|' || c.name_key
)
SELECT person FROM roster_person
UNION
SELECT id_key FROM key_conflict WHERE id_key IN (SELECT number_key FROM roster_person)
UNION
SELECT person FROM conflict WHERE id_key IN (SELECT number_key FROM roster_person)
UNION
SELECT d.right_person FROM pair_decision d WHERE d.left_person IN (SELECT person FROM roster_person)
UNION
SELECT d.left_person FROM pair_decision d WHERE d.right_person IN (SELECT person FROM roster_person)
