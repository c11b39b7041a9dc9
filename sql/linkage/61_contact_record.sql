-- The records, outside the rosters, that share with a loose row of a roster a name, a phone, an account, or (where the
-- row's name is missing or has a lost character) the birth date; and those that share name and home with any loose
-- record that has neither number nor birth date: a father and a son of one name compete for it.
WITH homeless AS (
  SELECT name || coalesce(address, town || village) AS home
  FROM loose_record
  WHERE birth_date IS NULL AND id_number IS NULL AND roster_order = 0
),
asked AS (SELECT * FROM loose_record WHERE roster_order > 0)
SELECT r.person, r.name, r.birth_date, r.sex, r.town, r.village, r.address, r.phone, r.account
FROM person_record r
WHERE r.roster_order = 0
  AND (r.name IN (SELECT name FROM asked WHERE name <> '') OR r.phone IN (SELECT phone FROM asked)
       OR r.account IN (SELECT account FROM asked)
       OR r.birth_date IN (
         SELECT birth_date FROM asked WHERE person IN (SELECT person FROM loose_description WHERE name_no IS NULL))
       OR r.name || coalesce(r.address, r.town || r.village) IN (SELECT home FROM homeless))
