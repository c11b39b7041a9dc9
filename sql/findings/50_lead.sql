-- Who could be missing from the rosters: everybody whom a rule of category missing may speak about. The screening
-- is computed for their households only.
SELECT DISTINCT c.person
FROM (
  SELECT person FROM disability
  UNION
  SELECT person FROM monitored
) c
WHERE c.person NOT IN (SELECT person FROM enrolled)
  AND c.person NOT IN (SELECT person FROM dead)
  AND c.person NOT IN (SELECT person FROM gone)
  AND c.person NOT IN (SELECT person FROM imprisoned)
  AND c.person NOT IN (SELECT person FROM under_review)
