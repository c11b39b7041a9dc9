-- The balances that count: of each person and institution the latest on or before the audit month's end, several where
-- they bear one date. An undated balance counts where there is no dated one.
SELECT person, record_id, institution, balance, as_of
FROM (
  SELECT person, record_id, institution, balance, as_of,
         rank() OVER (PARTITION BY person, coalesce(institution, '') ORDER BY as_of DESC NULLS LAST) AS place
  FROM deposit
  WHERE person IN (SELECT person FROM concerned) AND balance IS NOT NULL AND (as_of IS NULL OR as_of <= $as_of)
) ranked
WHERE place = 1
