-- The candidates of one loose person compete with each other and with nobody: probability of each, exact sums so that
-- no order of rows changes a digit. A candidate who is loose too may be the same person as another, so that those do
-- not compete among themselves. position 1 = the best; runner_up = the best of the others.
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
summed AS (
  SELECT *, coalesce(sum(share) FILTER (sure) OVER (PARTITION BY left_person), 0)
           + CASE WHEN sure THEN 0 ELSE share END + nobody_share AS total
  FROM shares
)
SELECT * EXCLUDE (top, share, nobody_share, total, sure),
       round(share / greatest(total, 1), 6) AS probability,
       row_number() OVER mine AS position,
       CASE WHEN row_number() OVER mine = 1 THEN lead(weight) OVER mine
            ELSE max(weight) OVER (PARTITION BY left_person) END AS runner_up
FROM summed
WINDOW mine AS (PARTITION BY left_person ORDER BY weight DESC, right_person)
