-- id: deceased_on_roster
-- title: 已死亡仍在册
-- category: ineligible
-- severity: high
-- logic: 死亡月份早于核查月而仍作为保障对象在册的人；几个来源的死亡日期不一致时以最早的为准。
--   当月死亡的不列入；不是保障对象的家庭成员、已停保的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: death
-- basis: 《社会救助暂行办法》第十三条；《特困人员认定办法》第二十四条；2022年10月20日四部门兜底保障通知（死亡后三个月内办结）
-- verify: 入户见本人；见不到的，向家属和村居查死亡证明、火化证明或户籍注销页，核对是否同一人和死亡日期。
-- identity: first_died_on
-- summary: {name}已于{first_died_on}死亡，{month}仍在{scheme_zh}名册内按保障对象登记；{items}
-- item: {origin_or_source}登记死亡日期{died_on}
SELECT r.person AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.household_no,
       'death' AS evidence_dataset, d.record_id AS evidence_record_id,
       f.died_on AS first_died_on, d.died_on, d.origin, coalesce(d.origin, '死亡数据') AS origin_or_source
FROM roster r
JOIN dead f ON f.person = r.person
JOIN death d ON d.person = r.person AND d.died_on <= $as_of
WHERE r.active AND r.covered AND month_of(f.died_on) < $month
