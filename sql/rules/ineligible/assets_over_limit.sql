-- id: assets_over_limit
-- title: 金融资产超过限额
-- category: ineligible
-- severity: high
-- logic: 家庭成员（含非保障对象）在各机构最近一次余额之和，按家庭人口平均，超过城镇低保标准的若干个月：低保{asset_months.dibao}、特困{asset_months.tekun}、低保边缘{asset_months.borderline}、支出型{asset_months.expenditure}。
--   恰好等于限额的不列入；同一机构同一日期的几笔相加；核查月末以后的余额不看。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: deposit
-- policy: asset_months.dibao, asset_months.tekun, asset_months.borderline, asset_months.expenditure, standard.urban
-- basis: 《最低生活保障审核确认办法》第十四条；《特困人员认定办法》第七条；粤府办〔2022〕3号
-- verify: 请家庭成员出示存折、存单和近期流水，核对余额、家庭人口和人均数；称是代管、借名或赔偿款的，要有凭据。
-- identity: household_no
-- summary: {scheme_zh}家庭{size}人有金融资产{total}元（人均{a_head}元），超过{total_limit}元的限额（人均{limit_a_head}元）：{items}
-- item: {owner}在{institution}{as_of_zh}余额{balance}元
SELECT a.scheme || '|' || a.household_no AS subject, a.scheme AS subject_dataset, p.head_record_id AS record_id,
       a.scheme, a.household_no, 'deposit' AS evidence_dataset, b.record_id AS evidence_record_id,
       p.name AS owner, b.institution, b.balance, b.as_of, coalesce(strftime(b.as_of, '%Y-%m-%d'), '（日期未载明）') AS as_of_zh,
       a.size, a.total, a.total_limit, CAST(a.total / a.size AS DECIMAL(18, 2)) AS a_head,
       CAST(a.total_limit / a.size AS DECIMAL(18, 2)) AS limit_a_head
FROM household_assets a
JOIN household_person p ON p.scheme = a.scheme AND p.household_no = a.household_no
JOIN latest_balance b ON b.person = p.person
WHERE a.total > a.total_limit
