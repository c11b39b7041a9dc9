-- Sentences that are being served on the audit month's last day, a row a record.
SELECT person, record_id, from_on, until_on
FROM prison
WHERE from_on <= $as_of AND (until_on IS NULL OR until_on >= $as_of)
