-- id: care_pay_mismatch
-- title: 照料护理费不符标准
-- category: care
-- severity: high
-- logic: 在册特困人员的照料护理费不等于其护理等级的标准：全自理{care_pay.全自理}、半护理{care_pay.半护理}、全护理{care_pay.全护理}。
--   护理等级或照料护理费未填的不列入，由数据缺项单列。
-- schemes: tekun
-- needs: tekun
-- policy: care_pay.全自理, care_pay.半护理, care_pay.全护理
-- money: difference
-- basis: 粤民〔2019〕451号
-- verify: 对照审批表、当月标准和银行回单，看是护理等级还是金额录错，有没有补发、扣发。
-- identity: care_level, care_amount
-- summary: 特困人员{name}护理等级为{care_level}，标准为每月{standard}元，名册照料护理费为{care_amount}元，{more_or_less}{difference}元
-- item: {care_level}标准{standard}元
SELECT t.person AS subject, 'tekun' AS subject_dataset, t.record_id, 'tekun' AS scheme, t.household_no,
       'tekun' AS evidence_dataset, t.record_id AS evidence_record_id,
       t.care_level, t.care_amount, CAST(f.value AS DECIMAL(18, 2)) AS standard,
       abs(t.care_amount - CAST(f.value AS DECIMAL(18, 2))) AS difference,
       CASE WHEN t.care_amount > f.value THEN '多' ELSE '少' END AS more_or_less
FROM tekun t
JOIN roster r ON r.record_id = t.record_id AND r.active
JOIN policy_figure f ON f.section = 'care_pay' AND f.name = t.care_level
WHERE t.care_amount <> CAST(f.value AS DECIMAL(18, 2))
