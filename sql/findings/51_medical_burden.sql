-- Persons who paid much for treatment: what they paid themselves in the latest period that has begun (a year, or a month
-- where the list goes by months), one payment reported twice counted once; a row a record of that period.
-- burdened: the few whose bills of all years come to that much; nobody else's are looked into.
WITH burdened AS (
  SELECT person
  FROM medical
  GROUP BY person
  HAVING sum(greatest(self_paid, 0)) >= $limits_medical_self_paid
),
latest AS (
  SELECT person, record_id, period, total_cost, self_paid,
         row_number() OVER (PARTITION BY person, period, total_cost, self_paid ORDER BY record_id) AS copy
  FROM (
    SELECT person, record_id, period, total_cost, self_paid,
           rank() OVER (PARTITION BY person ORDER BY coalesce(period, '') DESC) AS place
    FROM medical
    JOIN burdened USING (person)
    WHERE self_paid IS NOT NULL
      AND coalesce(substr(period, 1, CASE WHEN substr(period, 5, 1) = '-' THEN 7 ELSE 4 END), '') <= $month
  ) ranked
  WHERE place = 1
)
SELECT person, record_id, period, total_cost, self_paid, paid
FROM (
  SELECT person, record_id, period, total_cost, self_paid, sum(self_paid) OVER (PARTITION BY person) AS paid
  FROM latest
  WHERE copy = 1
) summed
WHERE paid >= $limits_medical_self_paid
