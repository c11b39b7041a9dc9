-- The register household of every lead: the lead, and those with a normal entry under the same number.
SELECT DISTINCT l.person, coalesce(o.person, l.person) AS resident
FROM lead l
LEFT JOIN (SELECT person, hukou_no FROM household_register WHERE status = '正常') own ON own.person = l.person
LEFT JOIN (SELECT person, hukou_no FROM household_register WHERE status = '正常') o ON o.hukou_no = own.hukou_no
UNION
SELECT person, person FROM lead
