-- id: amount_mismatch
-- title: 发放金额不符
-- category: payment
-- severity: medium
-- logic: 在册低保、特困家庭核查月发放金额之和，与名册应发金额不同：低保为户月保障金，特困为各人基本生活费与照料护理费之和。
--   核查月没有发放的由“在册未发放”单列；名册金额、发放金额有一项未填的不列入。
-- schemes: dibao, tekun
-- needs: payment
-- monthly: payment
-- money: difference
-- basis: 《最低生活保障审核确认办法》第二十三条；《社会救助暂行办法》第六十六条
-- verify: 对照审批表、当月发放花名册和银行回单，看是名册没有更新、补发扣发还是发错，写明差额的原因。
-- identity: month_paid, due, paid
-- summary: {scheme_zh}家庭{household_no}在{month}应发{due}元，实发{paid}元，{more_or_less}{difference}元：{items}
-- item: {paid_zh}发放{amount}元
-- item_dibao: 名册户月保障金{amount}元
-- item_tekun: 名册基本生活费和照料护理费{amount}元
WITH month_paid AS (
  -- null where one of the month's payments does not tell its amount, as a due that is told in part is
  SELECT p.scheme, p.household_no, CASE WHEN count(*) = count(p.amount) THEN sum(p.amount) END AS paid
  FROM payment p
  WHERE p.month = $month
  GROUP BY p.scheme, p.household_no
),
wrong AS (
  SELECT d.scheme, d.household_no, d.record_id, d.due, m.paid, abs(m.paid - d.due) AS difference,
         CASE WHEN m.paid > d.due THEN '多发' ELSE '少发' END AS more_or_less
  FROM household_due d
  JOIN month_paid m ON m.scheme = d.scheme AND m.household_no = d.household_no
  WHERE m.paid <> d.due
)
SELECT w.scheme || '|' || w.household_no AS subject, w.scheme AS subject_dataset, w.record_id, w.scheme, w.household_no,
       'payment' AS evidence_dataset, p.record_id AS evidence_record_id,
       p.month AS month_paid, p.paid_on, p.amount, coalesce(strftime(p.paid_on, '%Y-%m-%d'), p.month) AS paid_zh,
       w.due, w.paid, w.difference, w.more_or_less
FROM wrong w
JOIN payment p ON p.scheme = w.scheme AND p.household_no = w.household_no AND p.month = $month
UNION ALL
SELECT w.scheme || '|' || w.household_no, w.scheme, w.record_id, w.scheme, w.household_no, w.scheme, m.record_id,
       $month, CAST(NULL AS DATE), coalesce(t.monthly_amount + t.care_amount, w.due), $month,
       w.due, w.paid, w.difference, w.more_or_less
FROM wrong w
JOIN member m ON m.scheme = w.scheme AND m.household_no = w.household_no
LEFT JOIN tekun t ON t.record_id = m.record_id
WHERE m.scheme = 'tekun' OR m.record_id = w.record_id
