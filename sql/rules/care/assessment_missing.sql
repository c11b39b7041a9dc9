-- id: assessment_missing
-- title: 未做生活自理能力评估
-- category: care
-- severity: high
-- logic: 在册特困人员在评估数据中没有到核查月末为止的评估记录，名册上也没有填写有效的评估日期。
--   只要名册填有不晚于核查月末的评估日期，或者有日期未载明的评估记录，就不列入；评估过期由“评估超期”单列。
-- schemes: tekun
-- needs: tekun, care_assessment
-- basis: 《特困人员认定办法》第二十条、第二十一条
-- verify: 查档案有没有评估表；有的，补录评估日期，没有的，安排评估人员上门按六项评估。
-- identity: start_month
-- summary: 特困人员{name}（{start_zh}起供养）没有生活自理能力评估记录，名册也未填评估日期
-- item: 名册登记护理等级{care_level_zh}
SELECT t.person AS subject, 'tekun' AS subject_dataset, t.record_id, 'tekun' AS scheme, t.household_no,
       'tekun' AS evidence_dataset, t.record_id AS evidence_record_id,
       t.start_month, t.care_level, t.assessed_on, coalesce(t.start_month, '起始月份未填') AS start_zh,
       coalesce(t.care_level, '未填') AS care_level_zh
FROM tekun t
JOIN roster r ON r.record_id = t.record_id AND r.active
WHERE (t.assessed_on IS NULL OR t.assessed_on > $as_of)
  -- a record without a day is an assessment all the same: the sentence would not be true
  AND t.person NOT IN (SELECT person FROM care_assessment WHERE assessed_on IS NULL OR assessed_on <= $as_of)
