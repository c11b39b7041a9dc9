-- id: paid_without_enrolment
-- title: 不在册却发放
-- category: payment
-- severity: high
-- logic: 发放所写的救助种类和家庭编号，在该救助的名册上查不到任何一行。
--   名册上有而已停保的不列入，由“停保后继续发放”单列；该救助的名册没有收到时不核查。
-- schemes: dibao, tekun, borderline, expenditure, temporary
-- needs: payment
-- basis: 《社会救助暂行办法》第六十六条；《最低生活保障审核确认办法》第二十八条
-- verify: 查发放花名册和审批档案，看家庭编号是否录错或已更换；没有审批的，查清由谁申报、由谁领取。
-- identity: household_no
-- money: total
-- summary: {scheme_zh}发放明细中的{household_no}不在该名册内，共发放{total}元：{items}
-- item: {month_paid}发放{amount}元
SELECT p.scheme || '|' || p.household_no AS subject, 'payment' AS subject_dataset,
       min(p.record_id) OVER (PARTITION BY p.scheme, p.household_no) AS record_id, p.scheme, p.household_no,
       'payment' AS evidence_dataset, p.record_id AS evidence_record_id,
       p.month AS month_paid, p.amount, p.paid_on,
       sum(p.amount) OVER (PARTITION BY p.scheme, p.household_no) AS total
FROM payment p
WHERE p.scheme IN (SELECT id FROM dataset_name WHERE present) AND p.household_no IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM roster r WHERE r.scheme = p.scheme AND r.household_no = p.household_no)
  AND NOT EXISTS (SELECT 1 FROM temporary t WHERE p.scheme = 'temporary' AND t.grant_no = p.household_no)
