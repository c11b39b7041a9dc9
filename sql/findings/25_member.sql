-- The people of the active households: every active row, covered or not, with the household's head row beside it.
SELECT r.scheme, r.household_no, r.record_id, r.person, r.name, r.relation, r.covered, h.record_id AS head_record_id,
       h.size
FROM roster r
JOIN household h ON h.scheme = r.scheme AND h.household_no = r.household_no
WHERE r.active
