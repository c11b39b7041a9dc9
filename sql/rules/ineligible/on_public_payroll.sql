-- id: on_public_payroll
-- title: 家庭成员为财政供养人员
-- category: ineligible
-- severity: high
-- logic: 在册家庭有成员（含非保障对象）由财政供养。
--   不含已停保家庭和已不在册的成员；只看有无，不看工资多少。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: public_payroll
-- basis: 《最低生活保障审核确认办法》第十三条
-- verify: 请其单位或县人社、财政部门说明是否在职，核对是否同一人、是否共同生活的家庭成员。
-- identity: unit
-- summary: {scheme_zh}家庭成员为财政供养人员：{items}
-- item: {owner}在{unit_zh}任{post_zh}，月工资{monthly_amount}元
SELECT p.scheme || '|' || p.household_no AS subject, p.scheme AS subject_dataset, p.head_record_id AS record_id,
       p.scheme, p.household_no, 'public_payroll' AS evidence_dataset, w.record_id AS evidence_record_id,
       p.name AS owner, w.unit, w.post, w.monthly_amount, coalesce(w.unit, '单位不详') AS unit_zh,
       coalesce(w.post, '职') AS post_zh
FROM household_person p
JOIN public_payroll w ON w.person = p.person
