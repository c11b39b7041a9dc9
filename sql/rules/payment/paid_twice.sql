-- id: paid_twice
-- title: 重复发放
-- category: payment
-- severity: high
-- logic: 同一救助、同一家庭、同一月份有两笔以上金额相同的发放，每个家庭一条，发放数据中的各个月份都看。
--   同月两笔金额不同的、不同月份金额相同的不列入。
-- schemes: dibao, tekun, borderline, expenditure, temporary
-- needs: payment
-- money: repeated
-- basis: 《社会救助暂行办法》第六十六条
-- verify: 查发放花名册和银行回单，看是两笔都已到账、退汇后重发还是补发往月。
-- identity: month_paid, amount
-- summary: {scheme_zh}家庭{household_no}同月同额重复发放，多发{repeated}元：{items}
-- item: {month_paid}发放{times}笔{amount}元
WITH twice AS (
  SELECT scheme, household_no, month, amount, count(*) AS times
  FROM payment
  GROUP BY scheme, household_no, month, amount
  HAVING count(*) > 1
),
told AS (
  SELECT scheme, household_no, month, amount, times,
         sum(amount * (times - 1)) OVER (PARTITION BY scheme, household_no) AS repeated
  FROM twice
)
SELECT t.scheme || '|' || t.household_no AS subject,
       CASE WHEN h.record_id IS NULL THEN 'payment' ELSE h.scheme END AS subject_dataset,
       coalesce(h.record_id, min(p.record_id) OVER (PARTITION BY t.scheme, t.household_no)) AS record_id,
       t.scheme, t.household_no, 'payment' AS evidence_dataset, p.record_id AS evidence_record_id,
       t.month AS month_paid, t.amount, p.paid_on, t.times, t.repeated
FROM told t
JOIN payment p ON p.scheme = t.scheme AND p.household_no = t.household_no AND p.month = t.month AND p.amount = t.amount
LEFT JOIN household h ON h.scheme = t.scheme AND h.household_no = t.household_no
