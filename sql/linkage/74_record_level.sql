-- What the records say of each candidate pair: address, phone, account, household number, and whether the candidate
-- already has a row of his own where a person has one row only. The best over the two persons' records. An address such
-- as '3组12号' stands in every village: it counts with the town beside it or in it, without any for no more than a town.
WITH known AS (
  SELECT person, dataset, town, village, address, phone, account, group_no FROM known_record
  UNION ALL
  SELECT person, dataset, town, village, address, phone, account, group_no FROM loose_record
)
SELECT c.left_person, c.right_person,
       max(CASE
         WHEN l.town <> r.town THEN 0
         WHEN l.village <> r.village THEN 1
         WHEN l.address = r.address AND (l.town = r.town OR strpos(l.address, coalesce(l.town, r.town)) > 0) THEN 3
         WHEN l.town IS NULL OR r.town IS NULL THEN CASE WHEN l.address = r.address THEN 1 END
         WHEN l.village = r.village THEN 2
         ELSE 1
       END) AS place,
       max(CASE WHEN l.phone IS NOT NULL AND r.phone IS NOT NULL THEN CASE WHEN l.phone = r.phone THEN 1 ELSE 0 END END)
         AS phone,
       max(CASE
         WHEN l.account IS NOT NULL AND r.account IS NOT NULL THEN CASE WHEN l.account = r.account THEN 1 ELSE 0 END
       END) AS account,
       bool_or(l.group_no = r.group_no AND l.dataset <> r.dataset) AS same_household,
       bool_or(l.group_no IS NOT NULL AND r.group_no IS NOT NULL AND l.dataset <> r.dataset) AS both_housed,
       bool_or(l.dataset = r.dataset AND (o.whole OR (o.dataset IS NOT NULL AND l.group_no = r.group_no))) AS taken,
       bool_or(o.dataset IS NOT NULL) AS once
FROM key_level c
JOIN loose_record l ON l.person = c.left_person
JOIN known r ON r.person = c.right_person
LEFT JOIN once_dataset o ON o.dataset = l.dataset
GROUP BY c.left_person, c.right_person
