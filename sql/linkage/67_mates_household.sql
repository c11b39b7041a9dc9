-- (loose person, somebody of their household, household of another list in which that somebody stands).
WITH mate AS (
  SELECT DISTINCT l.person AS loose_person, m.person AS mate, l.group_no, l.dataset
  FROM group_member l
  JOIN group_member m ON m.group_no = l.group_no AND m.dataset = l.dataset AND m.person <> l.person
  WHERE l.person IN (SELECT person FROM loose_person)
)
SELECT DISTINCT m.loose_person, m.mate, g.group_no, g.dataset
FROM mate m
JOIN group_member g ON g.person = m.mate AND (g.group_no <> m.group_no OR g.dataset <> m.dataset)
