-- id: care_level_mismatch
-- title: 护理等级与评估不符
-- category: care
-- severity: high
-- logic: 按最近一次评估六项中不能自理的项数得出的等级（0项全自理，1至3项半护理，4至6项全护理），与名册的护理等级或自理能力不一致。
--   没有评估记录的不列入，由“未做生活自理能力评估”单列；名册两项都未填的不列入。
-- schemes: tekun
-- needs: tekun, care_assessment
-- basis: 《特困人员认定办法》第二十一条、第二十二条
-- verify: 上门逐项看吃饭、穿衣、上下床、如厕、室内行走、洗澡能否自理，对照评估表，看是名册没有更新还是评估有误。
-- identity: level
-- summary: {name}{assessed_on}评估六项中{failed_zh}项不能自理，应为{level}，名册登记护理等级{care_level_zh}、自理能力{self_care_zh}
-- item: {assessed_on}评估为{level}
SELECT t.person AS subject, 'tekun' AS subject_dataset, t.record_id, 'tekun' AS scheme, t.household_no,
       'care_assessment' AS evidence_dataset, a.record_id AS evidence_record_id,
       a.assessed_on, a.failed, CASE WHEN a.most_failed > a.failed THEN '至少' ELSE '' END || CAST(a.failed AS VARCHAR) AS failed_zh,
       a.level, a.result, t.care_level, t.self_care,
       coalesce(t.care_level, '未填') AS care_level_zh, coalesce(t.self_care, '未填') AS self_care_zh
FROM tekun t
JOIN roster r ON r.record_id = t.record_id AND r.active
JOIN latest_assessment a ON a.person = t.person
WHERE t.care_level <> a.level
   OR CASE t.self_care WHEN '全自理' THEN '全自理' WHEN '半失能' THEN '半护理' WHEN '失能' THEN '全护理' END <> a.level
