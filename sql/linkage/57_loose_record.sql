-- The records whose person is not certain: without a number, with a masked one, or of a loose pair.
-- A row that names nobody is nobody's.
SELECT r.*
FROM uncertain_record r
WHERE (r.person = r.record_id AND (r.name <> '' OR r.id_number IS NOT NULL)) OR r.person IN (SELECT person FROM loose_pair)
