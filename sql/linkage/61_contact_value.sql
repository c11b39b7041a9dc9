-- What brings records outside the rosters beside a loose row of a roster: its name, phone, account, or (where its name is
-- missing or has a lost character) its birth date; and the name with the home of any loose record that has neither
-- number nor birth date: a father and a son of one name compete for it.
WITH asked AS (SELECT * FROM loose_record WHERE roster_order > 0)
SELECT DISTINCT 'name' AS kind, name AS value FROM asked WHERE name <> ''
UNION ALL
SELECT DISTINCT 'phone', phone FROM asked WHERE phone IS NOT NULL
UNION ALL
SELECT DISTINCT 'account', account FROM asked WHERE account IS NOT NULL
UNION ALL
SELECT DISTINCT 'birth', strftime(birth_date, '%Y%m%d')
FROM asked
WHERE birth_date IS NOT NULL AND person IN (SELECT person FROM loose_description WHERE name_no IS NULL)
UNION ALL
SELECT DISTINCT 'home', name || coalesce(address, town || village)
FROM loose_record
WHERE birth_date IS NULL AND id_number IS NULL AND roster_order = 0
