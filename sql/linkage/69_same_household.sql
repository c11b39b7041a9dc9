-- (loose person, person) under one household number in two lists.
SELECT DISTINCT l.person AS left_person, r.person AS right_person
FROM group_member l
JOIN group_member r ON r.group_no = l.group_no AND r.dataset <> l.dataset AND r.person <> l.person
WHERE l.person IN (SELECT person FROM loose_person)
