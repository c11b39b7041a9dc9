-- id: exclusive_schemes
-- title: 享受互斥救助
-- category: ineligible
-- severity: high
-- logic: 同一人同时享受不能兼得的救助：{lists.exclusive_schemes}。
--   不含非保障对象，不含已停保的；临时救助不在此列。
-- schemes: dibao, tekun, borderline, expenditure
-- partly: child_welfare
-- policy: lists.exclusive_schemes
-- basis: 《特困人员认定办法》第九条；《最低生活保障审核确认办法》第八条、第二十八条
-- verify: 对照几项救助的档案和发放记录，看是否同一人、实际在领哪几项，再按政策确定保留哪一项。
-- identity: enrolled_in
-- summary: {name}同时享受不能兼得的救助：{items}
-- item: {enrolled_in}（{number}）
WITH benefit AS (
  SELECT person, scheme, record_id, household_no AS number, start_month FROM roster WHERE active AND covered
  UNION ALL
  SELECT person, 'child_welfare', record_id, coalesce(kind, '困境儿童'), start_month FROM child_welfare
  WHERE (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
),
pair AS (
  SELECT item AS one, other AS two FROM policy_list WHERE list = 'exclusive_schemes'
  UNION ALL
  SELECT other, item FROM policy_list WHERE list = 'exclusive_schemes'
),
involved AS (
  SELECT DISTINCT a.person, a.scheme, a.record_id, a.number, a.start_month
  FROM benefit a
  JOIN benefit b ON b.person = a.person
  JOIN pair p ON p.one = a.scheme AND p.two = b.scheme
)
SELECT r.person AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.number AS household_no,
       i.scheme AS evidence_dataset, i.record_id AS evidence_record_id,
       z.zh AS enrolled_in, i.number, i.start_month
FROM involved i
JOIN involved r ON r.person = i.person AND r.scheme <> 'child_welfare'
JOIN dataset_name z ON z.id = i.scheme
