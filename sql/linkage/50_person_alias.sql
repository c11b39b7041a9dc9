-- Who a record is about, where the ID number as written does not say it: (ID number, name) → person.
-- person null = nobody but the record itself.
SELECT id_number, name, id_key || '|' || name_key AS person, id_key
FROM key_conflict
UNION ALL
SELECT id_number, name, CASE WHEN id_state = 'old15' THEN id_key END AS person, id_key
FROM identity_pair
WHERE id_state IN ('old15', 'masked') AND no NOT IN (SELECT no FROM key_conflict)
