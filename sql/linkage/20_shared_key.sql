-- ID keys under which more than one name stands.
SELECT id_key
FROM pair_key
WHERE id_key IS NOT NULL AND name_key <> ''
GROUP BY id_key
HAVING count(DISTINCT name_key) > 1
