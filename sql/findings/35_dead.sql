-- Whose death is linked, and the first known day of it, of those up to the audit month's end. One whose death bears no
-- day is dead all the same (died_on is null): what asks for the month of death says nothing of him.
SELECT person, min(died_on) AS died_on
FROM death
WHERE died_on IS NULL OR died_on <= $as_of
GROUP BY person
