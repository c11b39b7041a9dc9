-- Who stands together as far as is known by now.
SELECT DISTINCT g.group_no, g.dataset, coalesce(m.merged, g.own) AS person
FROM group_own g
LEFT JOIN person_merge m ON m.person = g.own
