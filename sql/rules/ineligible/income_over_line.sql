-- id: income_over_line
-- title: 收入不低于救助线
-- category: ineligible
-- severity: medium
-- logic: 家庭成员（含非保障对象）的月收入之和，按家庭人口平均，达到或超过本地城乡低保标准的若干倍：低保{income_line.dibao}、低保边缘{income_line.borderline}、特困{income_line.tekun}。
--   每人的收入取未停保的最高缴费基数、财政供养工资、上年个税申报收入的月平均三者中最高的，另加养老待遇；不计{lists.pension_excluded}的养老待遇。支出型另有标准，不列入。
-- schemes: dibao, tekun, borderline
-- needs: employment|pension|public_payroll|tax
-- policy: income_line.dibao, income_line.borderline, income_line.tekun, standard.urban, standard.rural,
--   lists.pension_excluded, limits.dibao_income_gate
-- basis: 《社会救助暂行办法》第九条；《最低生活保障审核确认办法》第八条、第十三条；《特困人员认定办法》第六条
-- verify: 请其出示工资单、银行流水或单位证明，核对各成员现在的实际收入和家庭人口；称已离职的，要有停保或离职证明。
-- identity: household_no
-- summary: {scheme_zh}家庭{size}人月收入合计{monthly}元（人均{a_head}元），不低于{line}元的标准（人均{line_a_head}元）：{items}
-- item: {owner}{told}{amount}元
SELECT i.scheme || '|' || i.household_no AS subject, i.scheme AS subject_dataset, p.head_record_id AS record_id,
       i.scheme, i.household_no, e.dataset AS evidence_dataset, e.record_id AS evidence_record_id,
       p.name AS owner, e.told, e.amount, i.size, CAST(i.yearly / 12 AS DECIMAL(18, 2)) AS monthly,
       CAST(i.yearly / 12 / i.size AS DECIMAL(18, 2)) AS a_head,
       CAST(i.yearly_line / 12 AS DECIMAL(18, 2)) AS line,
       CAST(i.yearly_line / 12 / i.size AS DECIMAL(18, 2)) AS line_a_head
FROM household_income i
JOIN household_person p ON p.scheme = i.scheme AND p.household_no = i.household_no
JOIN earner e ON e.person = p.person
WHERE i.yearly >= i.yearly_line AND i.passes_gate
