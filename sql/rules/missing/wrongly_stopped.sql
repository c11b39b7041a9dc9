-- id: wrongly_stopped
-- title: 停保后仍困难（回头看）
-- category: missing
-- severity: high
-- logic: 近{limits.stopped_months}内整户停保（不是因死亡停保），现有在世的成员仍是监测对象（不论类别、风险是否消除），没有成员在册享受救助，成员中也没有车辆、房产、经营、资产、收入等排除情形的家庭。
--   因死亡停保的、停保已满{limits.stopped_months}的、有成员重新纳入救助的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: monitored
-- partly: household_register, death, prison, vehicle, property, business, deposit, employment, pension, public_payroll, tax
-- policy: limits.stopped_months
-- basis: 《最低生活保障审核确认办法》第三十一条至第三十三条；本市核查通知（脱贫、停救家庭回头看）
-- verify: 查停保时的审批材料，入户看现在的收入、就业和生活，对照监测资料；重新符合的，协助申请。
-- identity: stopped_from
-- summary: {scheme_zh}家庭{household_no}自{stopped_from}起停保（{reason_zh}），成员现为监测对象：{items}；没有成员在册享受救助
-- item: {member}（{kind_zh}，{registered_zh}，{cleared_zh}）
SELECT s.scheme || '|' || s.household_no AS subject, s.scheme AS subject_dataset, s.record_id, s.scheme,
       s.household_no, 'monitored' AS evidence_dataset, m.record_id AS evidence_record_id, m.person AS person,
       m.name AS member, m.kind, m.registered_month, m.cleared, s.stopped_from, s.stop_reason,
       coalesce(s.stop_reason, '原因未填') AS reason_zh, coalesce(m.kind, '监测类别未填') AS kind_zh,
       coalesce(m.registered_month || '纳入', '纳入月份未填') AS registered_zh,
       CASE WHEN m.cleared THEN '风险已消除' WHEN NOT m.cleared THEN '风险未消除' ELSE '风险是否消除未填' END AS cleared_zh
FROM stopped_household s
JOIN (SELECT DISTINCT scheme, household_no, person FROM roster) r
  ON r.scheme = s.scheme AND r.household_no = s.household_no
JOIN monitored m ON m.person = r.person
WHERE (m.registered_month IS NULL OR m.registered_month <= $month)
  AND r.person NOT IN (SELECT person FROM lost)
  AND s.scheme || '|' || s.household_no NOT IN (SELECT unit FROM screening)
