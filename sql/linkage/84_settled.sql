-- One to one: of two loose records of a list in which a person stands once, the better one keeps the person; of two
-- equally good ones a person decides.
WITH listed AS (
  SELECT DISTINCT l.person, l.dataset || CASE WHEN o.whole THEN '' ELSE ':' || coalesce(l.group_no, '') END AS list
  FROM loose_record l
  JOIN once_dataset o ON o.dataset = l.dataset
),
claim AS (
  SELECT j.left_person, j.right_person,
         rank() OVER (PARTITION BY j.right_person, l.list ORDER BY j.weight DESC)
           + count(*) OVER (PARTITION BY j.right_person, l.list, j.weight) - 1 AS place
  FROM judged j
  JOIN listed l ON l.person = j.left_person
  WHERE j.decision = 'link'
),
rival AS (SELECT DISTINCT left_person, right_person FROM claim WHERE place > 1)
SELECT j.* EXCLUDE (decision),
       CASE WHEN r.left_person IS NOT NULL THEN 'review' ELSE j.decision END AS decision,
       CASE
         WHEN r.left_person IS NOT NULL THEN 'rival'
         WHEN j.decision = 'link' THEN j.tier
         WHEN j.position = 1 AND j.apart >= $link_at THEN 'held_' || j.held
         ELSE 'below'
       END AS reason
FROM judged j
LEFT JOIN rival r ON r.left_person = j.left_person AND r.right_person = j.right_person
