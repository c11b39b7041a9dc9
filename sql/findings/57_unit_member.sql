-- The households that screening looks into, a row a unit and person: the register household of everybody whom a rule
-- of category missing may speak about (unit = that person; alone where the register has none), and the stopped
-- households (unit = scheme|household_no, every row).
WITH stopped AS (
  SELECT s.scheme || '|' || s.household_no AS unit, r.person
  FROM stopped_household s
  JOIN roster r ON r.scheme = s.scheme AND r.household_no = s.household_no
),
about AS (
  SELECT person FROM lead
  UNION
  SELECT person FROM severe
  UNION
  SELECT s.person FROM stopped s JOIN monitored m ON m.person = s.person
)
SELECT a.person AS unit, o.person
FROM about a
JOIN resident own ON own.person = a.person
JOIN resident o ON o.hukou_no = own.hukou_no
UNION
SELECT person, person FROM about
UNION
SELECT unit, person FROM stopped
