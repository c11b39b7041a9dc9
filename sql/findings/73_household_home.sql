-- How many homes the members of an active household have: distinct certificates, so that a co-owned one counts once.
SELECT p.scheme, p.household_no, count(DISTINCT c.certificate) AS homes
FROM household_person p
JOIN certificate c ON c.person = p.person
WHERE c.is_home
GROUP BY p.scheme, p.household_no
