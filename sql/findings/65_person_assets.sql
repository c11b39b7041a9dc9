-- Financial assets of a person: the latest balances (on or before the audit month's end) of each institution, balances
-- at one institution on one date added up.
SELECT person, sum(balance) AS balance, min(record_id) AS record_id
FROM (
  SELECT person, balance, record_id,
         rank() OVER (PARTITION BY person, coalesce(institution, '') ORDER BY as_of DESC NULLS LAST) AS place
  FROM deposit
  WHERE person IN (SELECT person FROM concerned) AND balance IS NOT NULL AND (as_of IS NULL OR as_of <= $as_of)
) latest
WHERE place = 1
GROUP BY person
