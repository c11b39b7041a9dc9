-- Households that were stopped in the months that policy looks back on and have nobody enrolled now: a row each, with
-- the reason of the last stop. Those whose last rows all stopped for a death are none.
WITH stopped AS (
  SELECT h.scheme, h.household_no, h.record_id, h.stopped_from
  FROM household h
  WHERE h.stopped_from <= $month
    AND month_index(h.stopped_from) > month_index($month) - $limits_stopped_months
),
last_row AS (
  SELECT s.scheme, s.household_no, r.stop_reason,
         EXISTS (SELECT 1 FROM word w WHERE w.list = 'death' AND strpos(r.stop_reason, w.word) > 0) AS by_death
  FROM stopped s
  JOIN roster r ON r.scheme = s.scheme AND r.household_no = s.household_no AND r.stop_month = s.stopped_from
),
reason AS (
  SELECT scheme, household_no, min(CASE WHEN NOT by_death THEN stop_reason END) AS stop_reason,
         bool_and(by_death) AS by_death
  FROM last_row
  GROUP BY scheme, household_no
),
again AS (
  SELECT DISTINCT r.scheme, r.household_no
  FROM roster r
  JOIN enrolled e ON e.person = r.person
)
SELECT s.scheme, s.household_no, s.record_id, s.stopped_from, n.stop_reason
FROM stopped s
JOIN reason n ON n.scheme = s.scheme AND n.household_no = s.household_no
LEFT JOIN again a ON a.scheme = s.scheme AND a.household_no = s.household_no
WHERE NOT n.by_death AND a.scheme IS NULL
