-- id: enrolled_without_payment
-- title: 在册未发放
-- category: payment
-- severity: medium
-- logic: 核查月以前已起保的在册家庭，核查月没有任何发放，而同一救助核查月有发放。
--   核查月当月起保的不列入（次月起发放）；该救助核查月整月没有发放数据的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: payment
-- monthly: payment
-- basis: 《社会救助暂行办法》第十二条；《最低生活保障审核确认办法》第二十一条
-- verify: 查发放花名册和银行回单，看是发放失败、账号有误还是已经停发，并问本人是否收到。
-- identity: missed
-- summary: {scheme_zh}家庭{household_no}自{start_month}起在册，{month}没有发放记录；{items}
-- item: 最近一次发放为{last_zh}
WITH begun AS (
  SELECT r.scheme, r.household_no, min(r.start_month) AS start_month
  FROM roster r
  WHERE r.active
  GROUP BY r.scheme, r.household_no
),
paid AS (
  SELECT scheme, household_no, max(month) AS last_month,
         max(CASE WHEN month = $month THEN 1 ELSE 0 END) AS now
  FROM payment
  WHERE month <= $month
  GROUP BY scheme, household_no
)
SELECT h.scheme || '|' || h.household_no AS subject, h.scheme AS subject_dataset, h.record_id, h.scheme,
       h.household_no, h.scheme AS evidence_dataset, h.record_id AS evidence_record_id,
       b.start_month, $month AS missed, p.last_month, coalesce(p.last_month, '无') AS last_zh
FROM household h
JOIN begun b ON b.scheme = h.scheme AND b.household_no = h.household_no
LEFT JOIN paid p ON p.scheme = h.scheme AND p.household_no = h.household_no
WHERE b.start_month < $month AND coalesce(p.now, 0) = 0
  AND h.scheme IN (SELECT scheme FROM payment WHERE month = $month)
