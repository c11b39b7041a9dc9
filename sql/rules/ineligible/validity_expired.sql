-- id: validity_expired
-- title: 有效期已过
-- category: ineligible
-- severity: medium
-- logic: 低保边缘、支出型家庭的有效期在核查月第一天之前已届满而仍未停保；支出型未填有效期的，认定月份早于核查月{limits.validity_months}以上。
--   有效期到核查月内任何一天的、已停保的不列入；低保边缘未填有效期的由数据缺项单列。
-- schemes: borderline, expenditure
-- policy: limits.validity_months
-- basis: 粤府办〔2022〕3号；《最低生活保障审核确认办法》第三十一条
-- verify: 查档案中的审批表和复核记录；已办延续的，补录有效期，没有办的，通知其重新申请或办理停保。
-- identity: expired
-- summary: {scheme_zh}家庭{household_no}有效期已过仍未停保：{items}
-- item: {expired_zh}
WITH dated AS (
  SELECT record_id, 'borderline' AS scheme, valid_until FROM borderline
  UNION ALL
  SELECT record_id, 'expenditure', valid_until FROM expenditure
),
-- A household's end often stands on its head's row alone: the other rows are none without an end.
ending AS (
  SELECT r.scheme, r.household_no, r.head_record_id, r.record_id, r.name, d.valid_until,
         max(d.valid_until) OVER (PARTITION BY r.scheme, r.household_no) AS last_end
  FROM member r
  JOIN dated d ON d.record_id = r.record_id
)
SELECT r.scheme || '|' || r.household_no AS subject, r.scheme AS subject_dataset, r.head_record_id AS record_id, r.scheme,
       r.household_no, r.scheme AS evidence_dataset, r.record_id AS evidence_record_id,
       r.name AS member, r.valid_until, m.start_month,
       coalesce(strftime(r.valid_until, '%Y-%m-%d'), m.start_month) AS expired,
       coalesce('有效期至' || strftime(r.valid_until, '%Y-%m-%d'), m.start_month || '认定，未填有效期') AS expired_zh
FROM ending r
JOIN roster m ON m.record_id = r.record_id
WHERE month_of(r.valid_until) < $month
   OR (r.scheme = 'expenditure' AND r.last_end IS NULL
     AND month_index(m.start_month) < month_index($month) - $limits_validity_months)
