-- Existing companies and traders in which a person has a stake, kinds that policy exempts left out. A role that is not
-- told counts.
SELECT b.person, b.tier, b.record_id, b.uscc, b.company, b.role, b.kind, b.capital, b.status, b.established_on,
       strpos(coalesce(b.kind, ''), '公司') > 0 AS is_company
FROM business b
WHERE coalesce(b.kind, '') NOT IN (SELECT item FROM policy_list WHERE list = 'business_exempt')
  AND NOT EXISTS (SELECT 1 FROM word w WHERE w.list = 'not_in_force' AND strpos(b.status, w.word) > 0)
  AND (EXISTS (SELECT 1 FROM word w WHERE w.list = 'stake' AND strpos(b.role, w.word) > 0)
    OR NOT EXISTS (SELECT 1 FROM word w WHERE w.list = 'no_stake' AND strpos(b.role, w.word) > 0))
  AND b.person IN (SELECT person FROM concerned)
