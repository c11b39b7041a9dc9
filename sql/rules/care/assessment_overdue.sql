-- id: assessment_overdue
-- title: 评估超期
-- category: care
-- severity: high
-- logic: 在册特困人员最近一次生活自理能力评估（评估记录与名册评估日期取较晚的）距核查月末已超过{limits.assessment_months}；半失能、失能人员自{limits.reassess_from_month}起，当年还没有评估的也列入。
--   恰好满{limits.assessment_months}的不列入；从未评估的由“未做生活自理能力评估”单列。
-- schemes: tekun
-- needs: tekun, care_assessment
-- policy: limits.assessment_months, limits.reassess_from_month
-- basis: 《特困人员认定办法》第二十一条、第二十二条；本市核查通知（半失能、失能人员当年复评）
-- verify: 查档案有没有更近的评估表；没有的，安排上门按吃饭、穿衣、上下床、如厕、室内行走、洗澡六项重新评估。
-- identity: latest_on
-- summary: 特困人员{name}（自理能力{self_care_zh}）最近一次评估为{latest_on}，{why}；{items}
-- item: 名册填评估日期{on_roster_zh}
-- item_care_assessment: 评估记录日期{latest_on_file}
WITH told AS (
  SELECT t.person, t.record_id, t.household_no, t.self_care, a.record_id AS assessment_id,
         a.assessed_on AS latest_on_file, CASE WHEN t.assessed_on <= $as_of THEN t.assessed_on END AS on_roster
  FROM tekun t
  JOIN roster r ON r.record_id = t.record_id AND r.active
  LEFT JOIN latest_assessment a ON a.person = t.person
),
dated AS (
  SELECT person, record_id, household_no, self_care, assessment_id, latest_on_file, on_roster,
         greatest(coalesce(latest_on_file, on_roster), coalesce(on_roster, latest_on_file)) AS latest_on
  FROM told
),
judged AS (
  SELECT person, record_id, household_no, self_care, assessment_id, latest_on_file, on_roster, latest_on,
         latest_on < months_before($as_of, $limits_assessment_months) AS is_old
  FROM dated
),
overdue AS (
  SELECT person, record_id, household_no, self_care, assessment_id, latest_on_file, on_roster, latest_on,
         CASE WHEN is_old THEN '至' || strftime($as_of, '%Y-%m-%d') || '已超过' || CAST($limits_assessment_months AS VARCHAR) || '个月'
              ELSE substr($month, 1, 4) || '年内尚未复评' END AS why,
         coalesce(self_care, '未填') AS self_care_zh, coalesce(strftime(on_roster, '%Y-%m-%d'), '为空') AS on_roster_zh
  FROM judged
  WHERE is_old
     OR (self_care IN ('半失能', '失能') AND CAST(substr($month, 6, 2) AS INTEGER) >= $limits_reassess_from_month
       AND substr(month_of(latest_on), 1, 4) < substr($month, 1, 4))
)
SELECT o.person AS subject, 'tekun' AS subject_dataset, o.record_id, 'tekun' AS scheme, o.household_no,
       'tekun' AS evidence_dataset, o.record_id AS evidence_record_id,
       o.latest_on, o.latest_on_file, o.self_care, o.why, o.self_care_zh, o.on_roster_zh
FROM overdue o
UNION ALL
SELECT o.person, 'tekun', o.record_id, 'tekun', o.household_no, 'care_assessment', o.assessment_id,
       o.latest_on, o.latest_on_file, o.self_care, o.why, o.self_care_zh, o.on_roster_zh
FROM overdue o
WHERE o.assessment_id IS NOT NULL
