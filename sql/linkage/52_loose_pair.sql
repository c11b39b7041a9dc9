-- Pairs that do not say who they are: a wrong number, somebody else's, one that its own rows contradict.
SELECT no, id_key || '|' || name_key AS person, true AS another FROM key_conflict
UNION ALL
SELECT no, id_number AS person, false AS another
FROM identity_pair
WHERE id_state IN ('checksum', 'birth', 'length', 'other') AND no NOT IN (SELECT no FROM key_conflict)
UNION ALL
SELECT no, id_key AS person, true AS another
FROM identity_pair
WHERE id_key IN (SELECT person FROM unconfirmed WHERE loose) AND no NOT IN (SELECT no FROM key_conflict)
