-- The candidates of one loose person compete with each other and with nobody: probability of each, exact sums so that
-- no order of rows changes a digit. A candidate who is loose too may be the same person as another, so that those do
-- not compete among themselves. Two sound numbers may be one person's as well: as far as they are likely to be, the one
-- does not speak against the other (probability); before a person has said that they are, a link may not lean on it
-- (apart: as if all were different people). position 1 = the best; runner_up = the best of the others.
WITH best AS (
  SELECT w.*, n.bits AS nobody, l.person IS NULL AS sure,
         greatest(max(w.weight) OVER (PARTITION BY w.left_person), n.bits) AS top
  FROM weighed w
  JOIN nobody n ON n.person = w.left_person
  LEFT JOIN loose_person l ON l.person = w.right_person
),
shares AS (
  SELECT *, CAST(floor(pow(2.0, greatest(weight - top, -60.0)) * 1099511627776) AS BIGINT) AS share,
         CAST(floor(pow(2.0, greatest(nobody - top, -60.0)) * 1099511627776) AS BIGINT) AS nobody_share
  FROM best
),
same AS (
  SELECT s.left_person, s.right_person, CAST(sum(floor(r.share * c.same)) AS BIGINT) AS share
  FROM shares s
  JOIN shares r ON r.left_person = s.left_person AND r.sure
  JOIN same_chance c ON c.person = s.right_person AND c.other = r.right_person
  WHERE s.sure
  GROUP BY s.left_person, s.right_person
),
summed AS (
  SELECT s.*, coalesce(m.share, 0) AS same_share,
         coalesce(sum(s.share) FILTER (s.sure) OVER (PARTITION BY s.left_person), 0)
           + CASE WHEN s.sure THEN 0 ELSE s.share END + s.nobody_share AS total
  FROM shares s
  LEFT JOIN same m ON m.left_person = s.left_person AND m.right_person = s.right_person
)
SELECT * EXCLUDE (top, share, nobody_share, same_share, total, sure),
       rounded((share + same_share) / greatest(total, 1), 6) AS probability, rounded(share / greatest(total, 1), 6) AS apart,
       row_number() OVER mine AS position,
       CASE WHEN row_number() OVER mine = 1 THEN lead(weight) OVER mine
            ELSE max(weight) OVER (PARTITION BY left_person) END AS runner_up
FROM summed
WINDOW mine AS (PARTITION BY left_person ORDER BY weight DESC, right_person)
