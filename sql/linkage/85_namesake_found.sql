-- Links that hang on a name and an address, where a loose row of that name and address is of another birth date than the
-- person's: father and son of one name. Candidates on right numbers compete from the start; this row may have found
-- its own only later, or not at all. Whose the record is, a person decides.
--   namesake  no number, birth date, phone, account or household, and somebody else of one name stands at the address
WITH unsure AS (
  SELECT m.person, m.merged, l.name, l.address
  FROM person_merge m
  JOIN loose_record l ON l.record_id = m.person
  WHERE l.id_number IS NULL AND l.birth_date IS NULL AND l.name <> ''
    AND strpos(m.pattern, 'phone=equal') = 0 AND strpos(m.pattern, 'account=equal') = 0
    AND strpos(m.pattern, 'household=same') = 0 AND strpos(m.pattern, 'household=kin') = 0
),
beside AS (
  SELECT l.name, l.address, l.birth_date, l.person
  FROM loose_record l
  WHERE l.id_number IS NOT NULL AND l.name IN (SELECT name FROM unsure)
),
number AS (
  SELECT DISTINCT id_key AS person, id_birth
  FROM identity_pair
  WHERE id_state IN ('valid', 'old15') AND id_key IN (SELECT merged FROM unsure UNION SELECT person FROM beside)
),
weak AS (SELECT u.person, u.name, u.address, n.id_birth FROM unsure u JOIN number n ON n.person = u.merged),
namesake AS (
  SELECT b.name, b.address, coalesce(b.birth_date, n.id_birth) AS birth
  FROM beside b
  LEFT JOIN number n ON n.person = b.person
)
SELECT DISTINCT w.person
FROM weak w
JOIN namesake o ON o.name = w.name AND o.address = w.address AND o.birth <> w.id_birth
