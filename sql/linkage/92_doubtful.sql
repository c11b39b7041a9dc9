-- Repairs that were not safe enough to count (several numbers fit, another sex, only the surname agrees) where a roster
-- row is on either side: a person decides.
SELECT c.id_number, c.name, c.id_key, c.id_level, c.name_level, c.sex_agrees
FROM repair_candidate c
LEFT JOIN repair f ON f.id_number = c.id_number AND f.name = c.name
LEFT JOIN (SELECT DISTINCT person FROM roster_record) s ON s.person = c.id_key
LEFT JOIN (SELECT DISTINCT id_number, name FROM roster_record) b ON b.id_number = c.id_number AND b.name = c.name
WHERE f.id_number IS NULL AND c.name_level >= 1 AND (s.person IS NOT NULL OR b.id_number IS NOT NULL)
