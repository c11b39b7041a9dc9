-- id: carer_missing
-- title: 缺照料人或照料协议
-- category: care
-- severity: medium
-- logic: 分散供养、护理等级为半护理或全护理的在册特困人员，没有登记照料人，或没有照料协议签订日期。
--   集中供养的、全自理的、已停止供养的不列入。
-- schemes: tekun
-- needs: tekun
-- basis: 《特困人员认定办法》第二十二条；本市核查通知（委托照料协议）
-- verify: 上门看由谁照料，查照料协议；已签的，补录照料人和签订日期，没有签的，督促签订。
-- identity: lacking
-- summary: 分散供养特困人员{name}护理等级为{care_level}，{lacking}
-- item: 照料人{carer_zh}，协议签订日期{agreement_zh}
SELECT t.person AS subject, 'tekun' AS subject_dataset, t.record_id, 'tekun' AS scheme, t.household_no,
       'tekun' AS evidence_dataset, t.record_id AS evidence_record_id,
       t.support_mode, t.care_level, t.carer_name, t.care_agreement_on, coalesce(t.carer_name, '未登记') AS carer_zh,
       coalesce(strftime(t.care_agreement_on, '%Y-%m-%d'), '未填') AS agreement_zh,
       CASE WHEN t.carer_name IS NOT NULL THEN '照料人为' || t.carer_name || '，没有照料协议签订日期'
            WHEN t.care_agreement_on IS NOT NULL THEN '没有登记照料人'
            ELSE '没有登记照料人，也没有照料协议签订日期' END AS lacking
FROM tekun t
JOIN roster r ON r.record_id = t.record_id AND r.active
WHERE t.support_mode = '分散' AND t.care_level IN ('半护理', '全护理')
  AND (t.carer_name IS NULL OR t.care_agreement_on IS NULL)
