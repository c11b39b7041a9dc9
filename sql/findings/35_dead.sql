-- The first known day of death of a person, of those up to the audit month's end.
SELECT person, min(died_on) AS died_on
FROM death
WHERE died_on <= $as_of
GROUP BY person
