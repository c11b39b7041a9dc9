-- Links that hang on a name and an address, where a loose row of that name and address is of another birth date than the
-- person's: father and son of one name. Candidates on right numbers compete from the start; this row may have found
-- its own only later, or not at all. Whose the record is, a person decides.
--   namesake  no number, birth date, phone, account or household, and somebody else of one name stands at the address
WITH number AS (
  SELECT DISTINCT id_key AS person, id_birth FROM identity_pair WHERE id_state IN ('valid', 'old15')
),
weak AS (
  SELECT m.person, m.merged, l.name, l.address, n.id_birth
  FROM person_merge m
  JOIN loose_record l ON l.record_id = m.person
  JOIN number n ON n.person = m.merged
  WHERE l.id_number IS NULL AND l.birth_date IS NULL AND l.name <> ''
    AND strpos(m.pattern, 'phone=equal') = 0 AND strpos(m.pattern, 'account=equal') = 0
    AND strpos(m.pattern, 'household=same') = 0 AND strpos(m.pattern, 'household=kin') = 0
),
namesake AS (
  SELECT l.name, l.address, coalesce(l.birth_date, n.id_birth) AS birth
  FROM loose_record l
  LEFT JOIN number n ON n.person = l.person
  WHERE l.id_number IS NOT NULL AND l.name IN (SELECT name FROM weak)
)
SELECT DISTINCT w.person
FROM weak w
JOIN namesake o ON o.name = w.name AND o.address = w.address AND o.birth <> w.id_birth
