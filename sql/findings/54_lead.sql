-- Who could be missing from the rosters: everybody whom rules 16 to 21 may speak about, identified, within reach and
-- not enrolled. Those whose tie to a roster is under review are among them: their findings are held back.
SELECT DISTINCT c.person
FROM (
  SELECT person FROM severe
  UNION
  SELECT person FROM monitored
  UNION
  SELECT person FROM medical_burden
  UNION
  SELECT person FROM disaster
  UNION
  SELECT person FROM child_alone
  UNION
  SELECT person FROM elder_alone
) c
WHERE c.person IN (SELECT person FROM known_person)
  AND c.person NOT IN (SELECT person FROM enrolled)
  AND c.person NOT IN (SELECT person FROM lost)
