-- id: paid_after_stop
-- title: 停保后继续发放
-- category: payment
-- severity: high
-- logic: 家庭所有人员都已停保，在最晚的停保月份及以后仍有发放。
--   停保月份之前的发放不列入；家庭中还有人在册的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: payment
-- basis: 《社会救助暂行办法》第十三条、第六十六条
-- verify: 查停保审批表和逐月银行回单，看停保月份是否录错，以后的款项是补发往月还是多发、由谁领取。
-- identity: stopped_from
-- money: total
-- summary: {scheme_zh}家庭{household_no}自{stopped_from}起停保，之后仍发放{total}元：{items}
-- item: {month_paid}发放{amount}元
SELECT h.scheme || '|' || h.household_no AS subject, h.scheme AS subject_dataset, h.record_id, h.scheme,
       h.household_no, 'payment' AS evidence_dataset, p.record_id AS evidence_record_id,
       p.month AS month_paid, p.amount, p.paid_on, h.stopped_from,
       sum(p.amount) OVER (PARTITION BY h.scheme, h.household_no) AS total
FROM household h
JOIN payment p ON p.scheme = h.scheme AND p.household_no = h.household_no AND p.month >= h.stopped_from
