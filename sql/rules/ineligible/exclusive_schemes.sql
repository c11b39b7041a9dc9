-- id: exclusive_schemes
-- title: 享受互斥救助
-- category: ineligible
-- severity: high
-- schemes: dibao, tekun, borderline, expenditure
-- partly: child_welfare
-- policy: lists.exclusive_schemes
-- basis: 《特困人员认定办法》第九条；《最低生活保障审核确认办法》第八条、第二十八条
-- identity: enrolled_in
-- summary: {name}同时享受不能兼得的救助：{items}
-- item: {enrolled_in}（{number}）
WITH benefit AS (
  SELECT person, scheme, record_id, household_no AS number, start_month FROM roster WHERE active AND covered
  UNION ALL
  SELECT person, 'child_welfare', record_id, coalesce(kind, '困境儿童'), start_month FROM child_welfare
  WHERE (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
),
clash AS (
  SELECT DISTINCT a.person
  FROM benefit a
  JOIN benefit b ON b.person = a.person
  JOIN policy_list p ON p.list = 'exclusive_schemes' AND p.item = a.scheme AND p.other = b.scheme
),
involved AS (
  SELECT b.*
  FROM benefit b
  JOIN clash c ON c.person = b.person
  WHERE EXISTS (
    SELECT 1
    FROM benefit o
    JOIN policy_list p ON p.list = 'exclusive_schemes'
    WHERE o.person = b.person
      AND ((p.item = b.scheme AND p.other = o.scheme) OR (p.other = b.scheme AND p.item = o.scheme)))
)
SELECT r.person AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.household_no,
       i.scheme AS evidence_dataset, i.record_id AS evidence_record_id,
       z.zh AS enrolled_in, i.number, i.start_month
FROM involved i
JOIN roster r ON r.person = i.person AND r.active AND r.covered
JOIN dataset_name z ON z.id = i.scheme
WHERE r.scheme IN (SELECT scheme FROM involved k WHERE k.person = r.person)
