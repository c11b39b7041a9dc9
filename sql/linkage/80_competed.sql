-- The candidates of one loose person compete with each other and with nobody: probability of each, exact sums so that
-- no order of rows changes a digit. A candidate who is loose too may be the same person as another, so that those do
-- not compete among themselves; nor do two under sound numbers that may be one person's (`mate` = the other's weight).
-- position 1 = the best; runner_up = the best of the others.
WITH best AS (
  SELECT w.*, l.person IS NULL AS sure, greatest(max(w.weight) OVER (PARTITION BY w.left_person), $nobody) AS top
  FROM weighed w
  LEFT JOIN loose_person l ON l.person = w.right_person
),
shares AS (
  SELECT *, CAST(floor(pow(2.0, greatest(weight - top, -60.0)) * 1099511627776) AS BIGINT) AS share,
         CAST(floor(pow(2.0, greatest($nobody - top, -60.0)) * 1099511627776) AS BIGINT) AS nobody_share
  FROM best
),
mates AS (
  SELECT s.left_person, s.right_person, sum(o.share) AS share, max(o.weight) AS weight
  FROM shares s
  JOIN (
    SELECT left_person AS person, right_person AS other FROM two_numbers WHERE decision = 'open'
    UNION ALL
    SELECT right_person, left_person FROM two_numbers WHERE decision = 'open'
  ) t ON t.person = s.right_person
  JOIN shares o ON o.left_person = s.left_person AND o.right_person = t.other
  GROUP BY s.left_person, s.right_person
),
summed AS (
  SELECT s.*, m.weight AS mate,
         coalesce(sum(s.share) FILTER (s.sure) OVER (PARTITION BY s.left_person), 0)
           + CASE WHEN s.sure THEN 0 ELSE s.share END + s.nobody_share - coalesce(m.share, 0) AS total
  FROM shares s
  LEFT JOIN mates m ON m.left_person = s.left_person AND m.right_person = s.right_person
)
SELECT * EXCLUDE (top, share, nobody_share, total, sure),
       round(share / greatest(total, 1), 6) AS probability,
       row_number() OVER mine AS position,
       CASE WHEN row_number() OVER mine = 1 THEN lead(weight) OVER mine
            ELSE max(weight) OVER (PARTITION BY left_person) END AS runner_up
FROM summed
WINDOW mine AS (PARTITION BY left_person ORDER BY weight DESC, right_person)
