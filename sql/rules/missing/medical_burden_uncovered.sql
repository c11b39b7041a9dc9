-- id: medical_burden_uncovered
-- title: 医疗负担重未纳入救助
-- category: missing
-- severity: medium
-- logic: 最近一个医保年度个人自付达到{limits.medical_self_paid}（含），而不在低保、特困、低保边缘、支出型任何一个名册中的人。
--   近{limits.grant_months}内得过临时救助的不列入；已死亡、户籍已迁出或注销、正在服刑的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: medical
-- identified: medical
-- partly: temporary, household_register, death, prison
-- policy: limits.medical_self_paid, limits.grant_months
-- basis: 《社会救助暂行办法》第四十七条；2022年10月20日四部门兜底保障通知
-- verify: 入户看结算单和票据，减去商业保险、互助等补偿后算实际自付，问清收入和财产；符合的，协助申请救助。
-- identity: period
-- summary: {name}{period_zh}医疗费用个人自付{paid}元，不低于{limit_paid}元，未在低保、特困、低保边缘、支出型名册中，近{grant_months}个月也没有临时救助记录
-- item: 自付{self_paid}元
SELECT b.person AS subject, 'medical' AS subject_dataset, b.record_id, CAST(NULL AS VARCHAR) AS scheme,
       CAST(NULL AS VARCHAR) AS household_no, 'medical' AS evidence_dataset, b.record_id AS evidence_record_id,
       b.person AS person, b.period, coalesce(b.period || CASE WHEN length(b.period) = 4 THEN '年度' ELSE '期间' END, '（年度未载明）') AS period_zh, b.total_cost, b.self_paid, b.paid,
       $limits_medical_self_paid AS limit_paid, $limits_grant_months AS grant_months
FROM medical_burden b
JOIN lead l ON l.person = b.person
WHERE NOT EXISTS (
  SELECT 1 FROM temporary t
  WHERE t.person = b.person AND t.granted_on > months_before($as_of, $limits_grant_months) AND t.granted_on <= $as_of)
