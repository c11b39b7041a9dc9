-- Who a record is about, where the ID number as written does not say it: (ID number, name) → person and tier.
-- person null = nobody but the record itself.
SELECT c.id_number, c.name, c.id_key || '|' || c.name_key AS person, 'exact_id' AS tier, c.id_key
FROM key_conflict c
UNION ALL
SELECT r.id_number, r.name, r.id_key AS person, 'repaired_id' AS tier, r.id_key
FROM repair r
UNION ALL
SELECT p.id_number, p.name, CASE WHEN p.id_state = 'old15' THEN p.id_key END AS person, 'exact_id' AS tier, p.id_key
FROM pair_key p
LEFT JOIN key_conflict c ON c.id_number = p.id_number AND c.name = p.name
LEFT JOIN repair r ON r.id_number = p.id_number AND r.name = p.name
WHERE p.id_state IN ('old15', 'masked') AND c.id_number IS NULL AND r.id_number IS NULL
