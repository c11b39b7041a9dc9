-- id: on_public_payroll
-- title: 家庭成员为财政供养人员
-- category: ineligible
-- severity: high
-- schemes: dibao, tekun, borderline, expenditure
-- needs: public_payroll
-- basis: 《最低生活保障审核确认办法》第十三条
-- identity: unit
-- summary: {scheme_zh}家庭成员为财政供养人员：{items}
-- item: {owner}在{unit_zh}任{post_zh}，月工资{monthly_amount}元
SELECT subject, subject_dataset, record_id, scheme, household_no, evidence_dataset, evidence_record_id,
       owner, unit, post, monthly_amount, coalesce(unit, '单位不详') AS unit_zh, coalesce(post, '职') AS post_zh
FROM (
  SELECT m.scheme || '|' || m.household_no AS subject, m.scheme AS subject_dataset, m.head_record_id AS record_id,
         m.scheme, m.household_no, 'public_payroll' AS evidence_dataset, p.record_id AS evidence_record_id,
         m.name AS owner, p.unit, p.post, p.monthly_amount,
         row_number() OVER (PARTITION BY m.scheme, m.household_no, p.record_id ORDER BY m.record_id) AS place
  FROM member m
  JOIN public_payroll p ON p.person = m.person
) held
WHERE place = 1
