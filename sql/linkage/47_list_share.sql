-- Of each list's people (those on a sound number), how many have another record anywhere: so likely is it, before any
-- evidence, that somebody loose in that list is somebody known. The household register has many who stand in no other
-- list; hardly anybody is on a roster and in no register.
WITH person AS (
  SELECT lists, n > 1 AS again
  FROM identity_pair
  WHERE id_state IN ('valid', 'old15') AND no NOT IN (SELECT no FROM shared_pair)
  UNION ALL
  SELECT bit_or(lists), sum(n) > 1
  FROM shared_pair
  GROUP BY id_key
),
counted AS (SELECT lists, again, count(*) AS n FROM person GROUP BY lists, again)
SELECT l.dataset, CAST(coalesce(sum(c.n), 0) AS BIGINT) AS people,
       CAST(coalesce(sum(CASE WHEN c.again THEN c.n ELSE 0 END), 0) AS BIGINT) AS again
FROM person_list l
LEFT JOIN counted c ON c.lists & l.bit > 0
GROUP BY l.dataset
