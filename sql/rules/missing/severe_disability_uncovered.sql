-- id: severe_disability_uncovered
-- title: 重度残疾人未纳入救助
-- category: missing
-- severity: high
-- logic: 持有效残疾证、一级或二级（智力、精神类含三级），而不在低保、特困、低保边缘、支出型任何一个名册中的人。
--   残疾证已注销、过期、冻结的不列入；已死亡、户籍已迁出或注销、正在服刑的人不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: disability
-- identified: disability
-- partly: household_register, death, prison
-- basis: 《最低生活保障审核确认办法》第八条；2022年10月20日四部门兜底保障通知
-- verify: 入户见本人，查残疾证的等级和有效期，问清家庭收入和财产；符合的，协助申请低保或低保边缘。
-- identity: certificate_or_kind
-- summary: {name}持有效残疾证（{items}），未在低保、特困、低保边缘、支出型名册中
-- item: {kind}{level}级，证号{certificate_zh}
SELECT d.person AS subject, 'disability' AS subject_dataset, d.record_id, CAST(NULL AS VARCHAR) AS scheme,
       CAST(NULL AS VARCHAR) AS household_no, 'disability' AS evidence_dataset, d.record_id AS evidence_record_id,
       d.person AS person, d.certificate_no, coalesce(d.certificate_no, '未载明') AS certificate_zh, d.kind, d.level,
       d.issued_on, d.status, coalesce(d.certificate_no, d.kind) AS certificate_or_kind
FROM severe d
JOIN lead l ON l.person = d.person
