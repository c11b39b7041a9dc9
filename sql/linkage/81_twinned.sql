-- Of those whose names sound or look alike, or fit but for a lost character, and whose households tie them: persons in one of whose households somebody
-- else has their birth date, perhaps twins (see judged.sql).
WITH asked AS (
  SELECT left_person AS person FROM competed WHERE name BETWEEN 2 AND 5 AND household > 0
  UNION
  SELECT right_person FROM competed WHERE name BETWEEN 2 AND 5 AND household > 0
),
mate AS (
  SELECT DISTINCT g.person, o.person AS other
  FROM group_member g
  JOIN group_member o ON o.group_no = g.group_no AND o.dataset = g.dataset AND o.person <> g.person
  WHERE g.person IN (SELECT person FROM asked)
),
born AS (
  SELECT p.id_key AS person, k.born
  FROM identity_pair p
  JOIN sound_key k ON k.no = p.no
  WHERE p.id_key IN (SELECT person FROM mate UNION SELECT other FROM mate)
  UNION
  SELECT person, born FROM loose_description WHERE born IS NOT NULL
)
SELECT DISTINCT m.person
FROM mate m
JOIN born b ON b.person = m.person
JOIN born c ON c.person = m.other AND c.born = b.born
