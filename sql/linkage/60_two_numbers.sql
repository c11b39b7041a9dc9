-- Perhaps one person with two sound numbers (a changed one): a number that is not in the register, beside another under
-- the same name, birth date and sex. At one address, or with one phone, it is; in one village somebody must look. Only
-- records under the number itself speak for it, and nobody loose of that birth date may stand beside it. Two confirmed
-- numbers never are one person, nor two who stand in one list (twins whose names sound alike).
WITH
-- Somebody loose of the same birth date stands in the household with one of the two: perhaps the other twin.
twin AS (
  SELECT DISTINCT h.person
  FROM namesake_home h
  JOIN (SELECT left_person AS person, born FROM namesake UNION SELECT right_person, born FROM namesake) n
    ON n.person = h.person
  JOIN loose_record r ON r.dataset = h.dataset AND r.group_no = h.group_no
  JOIN loose_description d ON d.person = r.person AND d.born = n.born
),
near AS (
  SELECT a.left_person, a.right_person,
         max(CASE
           WHEN l.town <> r.town THEN 0
           WHEN l.village <> r.village THEN 1
           WHEN l.address = r.address AND (l.town = r.town OR strpos(l.address, coalesce(l.town, r.town)) > 0) THEN 3
           WHEN l.village = r.village THEN 2
           WHEN l.town = r.town THEN 1
         END) AS place,
         max(CASE WHEN l.phone = r.phone THEN 1 WHEN l.phone <> r.phone THEN 0 END) AS phone,
         bool_or(l.dataset = r.dataset AND (o.whole OR (o.dataset IS NOT NULL AND l.group_no = r.group_no)))
           AS side_by_side
  FROM namesake a
  JOIN namesake_home l ON l.person = a.left_person
  JOIN namesake_home r ON r.person = a.right_person
  LEFT JOIN once_dataset o ON o.dataset = l.dataset
  GROUP BY a.left_person, a.right_person
),
claim AS (
  SELECT n.*, count(*) OVER (PARTITION BY n.left_person) AS others, count(*) OVER (PARTITION BY n.right_person) AS claims
  FROM near n
  LEFT JOIN near b ON b.left_person = n.right_person AND b.right_person = n.left_person
  WHERE (n.place >= 2 OR n.phone = 1) AND NOT coalesce(n.side_by_side, false)
    AND (b.left_person IS NULL OR n.left_person < n.right_person)
)
SELECT left_person, right_person, 7 AS name, 0 AS id, 4 AS birth, 1 AS sex, place, phone,
       CAST(NULL AS TINYINT) AS account, CAST(NULL AS TINYINT) AS household, CAST(NULL AS TINYINT) AS once,
       CASE
         WHEN (place = 3 OR phone = 1) AND others = 1 AND claims = 1 AND left_person NOT IN (SELECT person FROM twin)
           AND right_person NOT IN (SELECT person FROM twin) THEN 'link'
         ELSE 'review'
       END AS decision
FROM claim
