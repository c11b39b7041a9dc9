-- Persons serving a sentence on the audit month's last day.
SELECT DISTINCT person
FROM prison
WHERE from_on <= $as_of AND (until_on IS NULL OR until_on >= $as_of)
