-- The persons whose records are looked at beside a roster row: those on the rosters, and those who stand under a
-- roster row's ID number with an unlike name.
WITH roster_key AS (
  SELECT DISTINCT coalesce(a.id_key, r.id_number) AS id_key
  FROM roster_record r
  LEFT JOIN person_alias a ON a.id_number = r.id_number AND a.name = r.name
  WHERE r.id_number IS NOT NULL
)
SELECT DISTINCT person FROM roster_record
UNION
SELECT id_key FROM roster_key WHERE id_key IN (SELECT id_key FROM key_owner)
UNION
SELECT a.person FROM person_alias a JOIN roster_key k ON k.id_key = a.id_key WHERE a.person IS NOT NULL
