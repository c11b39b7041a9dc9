-- id: monitored_uncovered
-- title: 监测对象未纳入救助
-- category: missing
-- severity: high
-- logic: 防返贫监测户（脱贫不稳定、边缘易致贫、突发严重困难）风险未消除，而有成员不在任何救助名册中，每户一条。
--   脱贫户、风险已消除的不列入；已死亡、户籍已迁出或注销、正在服刑的人不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: monitored
-- identified: monitored
-- partly: household_register, death, prison
-- basis: 2022年10月20日四部门兜底保障通知；《社会救助暂行办法》第九条
-- verify: 入户问清收入、支出和风险原因，对照防返贫监测资料；符合的，协助申请相应的救助。
-- identity: kind
-- summary: 监测户{household_no}（{kind}，风险未消除）有成员未纳入任何救助：{items}
-- item: {member}
SELECT coalesce(m.household_no, m.person) AS subject, 'monitored' AS subject_dataset, m.record_id,
       CAST(NULL AS VARCHAR) AS scheme, m.household_no, 'monitored' AS evidence_dataset,
       m.record_id AS evidence_record_id, m.person AS person, m.name AS member, m.kind, m.registered_month, m.cleared,
       m.per_capita_income
FROM monitored m
JOIN lead l ON l.person = m.person
WHERE m.kind IN ('脱贫不稳定户', '边缘易致贫户', '突发严重困难户') AND coalesce(m.cleared, false) = false
  AND (m.registered_month IS NULL OR m.registered_month <= $month)
