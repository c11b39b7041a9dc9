-- id: disaster_hit_uncovered
-- title: 受灾未获救助
-- category: missing
-- severity: medium
-- logic: 截至核查月末的{limits.disaster_months}内受灾，受灾以后没有得到临时救助，也不在低保、特困、低保边缘、支出型任何一个名册中的人。
--   受灾以后得过临时救助的不列入，受灾以前的临时救助不算；已死亡、户籍已迁出或注销、正在服刑的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: disaster
-- identified: disaster
-- partly: temporary, household_register, death, prison
-- policy: limits.disaster_months
-- basis: 《社会救助暂行办法》第四十七条
-- verify: 入户看损失和现在的生活，查村居灾情登记和已得的补助、理赔；仍困难的，协助申请临时救助。
-- identity: happened_on, event
-- summary: {name}受灾（{items}），此后没有临时救助记录，未在低保、特困、低保边缘、支出型名册中
-- item: {happened_on}{event_zh}，损失{loss}元
SELECT d.person AS subject, 'disaster' AS subject_dataset, d.record_id, CAST(NULL AS VARCHAR) AS scheme,
       CAST(NULL AS VARCHAR) AS household_no, 'disaster' AS evidence_dataset, d.record_id AS evidence_record_id,
       d.person AS person, d.event, coalesce(d.event, '灾种未载明') AS event_zh, d.loss, d.happened_on
FROM disaster d
JOIN lead l ON l.person = d.person
WHERE d.happened_on > months_before($as_of, $limits_disaster_months) AND d.happened_on <= $as_of
  AND NOT EXISTS (
    SELECT 1 FROM temporary t
    WHERE t.person = d.person AND t.granted_on >= d.happened_on AND t.granted_on <= $as_of)
