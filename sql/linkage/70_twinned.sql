-- Persons in one of whose households somebody else has their birth date: perhaps twins.
WITH born AS (
  SELECT p.id_key AS person, k.born
  FROM sound_key k
  JOIN identity_pair p ON p.no = k.no
  WHERE p.id_key IN (SELECT person FROM group_member)
  UNION
  SELECT person, born FROM loose_description WHERE born IS NOT NULL
)
SELECT DISTINCT g.person
FROM group_member g
JOIN born b ON b.person = g.person
JOIN group_member o ON o.group_no = g.group_no AND o.dataset = g.dataset AND o.person <> g.person
JOIN born c ON c.person = o.person AND c.born = b.born
