-- Existing companies and traders in which a person has a stake, kinds that policy exempts left out, however they are
-- written (农民专业合作社法人 is a 农民专业合作社). A role that is not told counts.
SELECT b.person, b.tier, b.record_id, b.uscc, b.company, b.role, b.kind, b.capital, b.status, b.established_on,
       strpos(coalesce(b.kind, ''), '公司') > 0 AS is_company
FROM business b
WHERE NOT EXISTS (SELECT 1 FROM policy_list p WHERE p.list = 'business_exempt' AND strpos(b.kind, p.item) > 0)
  AND NOT EXISTS (
    SELECT 1 FROM word w
    WHERE w.list = 'not_in_force' AND strpos(b.status, w.word) > 0 AND strpos(b.status, '未' || w.word) = 0)
  AND (EXISTS (SELECT 1 FROM word w WHERE w.list = 'stake' AND strpos(b.role, w.word) > 0)
    OR NOT EXISTS (SELECT 1 FROM word w WHERE w.list = 'no_stake' AND strpos(b.role, w.word) > 0))
  AND b.person IN (SELECT person FROM concerned)
