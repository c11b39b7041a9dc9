-- How many vehicles in use the members of an active household have, each plate once.
SELECT p.scheme, p.household_no, count(DISTINCT coalesce(v.plate, v.record_id)) AS vehicles
FROM household_person p
JOIN vehicle_in_use v ON v.person = p.person
GROUP BY p.scheme, p.household_no
