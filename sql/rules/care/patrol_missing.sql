-- id: patrol_missing
-- title: 未按期巡访
-- category: care
-- severity: medium
-- logic: 分散供养的在册特困人员，到核查月末为止的{limits.patrol_days}内没有巡访记录（按特困编号或本人身份对上的都算）。
--   集中供养的不列入；核查月末以后的巡访不算。
-- schemes: tekun
-- needs: tekun, patrol
-- policy: limits.patrol_days
-- basis: 《特困人员认定办法》第二十二条；本市核查通知（分散供养人员每月巡访）
-- verify: 查巡访记录本，上门见本人、看生活状况；已巡访的，补录日期，没有巡访的，当即补上。
-- identity: last_zh
-- summary: 分散供养特困人员{name}在截至月末的{days}天内没有巡访记录；{items}
-- item: 最近一次巡访为{last_zh}
WITH visit AS (
  SELECT t.record_id, p.visited_on
  FROM tekun t
  JOIN patrol p ON p.household_no = t.household_no
  UNION ALL
  SELECT t.record_id, p.visited_on
  FROM tekun t
  JOIN patrol p ON p.person = t.person
),
latest AS (
  SELECT record_id, max(visited_on) AS visited_on
  FROM visit
  WHERE visited_on <= $as_of
  GROUP BY record_id
)
SELECT t.person AS subject, 'tekun' AS subject_dataset, t.record_id, 'tekun' AS scheme, t.household_no,
       'tekun' AS evidence_dataset, t.record_id AS evidence_record_id,
       t.support_mode, l.visited_on, coalesce(strftime(l.visited_on, '%Y-%m-%d'), '无') AS last_zh,
       CAST($limits_patrol_days AS BIGINT) AS days
FROM tekun t
JOIN roster r ON r.record_id = t.record_id AND r.active
LEFT JOIN latest l ON l.record_id = t.record_id
WHERE t.support_mode = '分散'
  AND (l.visited_on IS NULL OR l.visited_on <= days_before($as_of, $limits_patrol_days))
