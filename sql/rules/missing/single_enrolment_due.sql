-- id: single_enrolment_due
-- title: 低保边缘重残应单人保
-- category: missing
-- severity: high
-- logic: 低保边缘家庭的保障对象，持有效残疾证且为一级、二级（任何类别）或三级智力、三级精神，而没有纳入低保的人，可按单人户申请低保。
--   已在低保名册中按保障对象保障的、残疾证已注销或过期的不列入；已死亡、户籍已迁出或注销、正在服刑的不列入。
-- schemes: borderline
-- needs: disability
-- partly: dibao, household_register, death, prison
-- basis: 《最低生活保障审核确认办法》第八条
-- verify: 查残疾证的类别、等级和有效期，问本人或监护人是否愿意按单人户申请；不愿申请的，请其签字说明。
-- identity: certificate_or_kind
-- summary: {name}在低保边缘家庭{household_no}中，持有效残疾证（{items}），可按单人户申请低保，而未在低保名册中
-- item: {kind}{level}级，证号{certificate_zh}
SELECT r.person AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.household_no,
       'disability' AS evidence_dataset, s.record_id AS evidence_record_id, r.person AS person, s.certificate_no,
       coalesce(s.certificate_no, '未载明') AS certificate_zh, s.kind, s.level, s.issued_on, s.status,
       coalesce(s.certificate_no, s.kind) AS certificate_or_kind
FROM roster r
JOIN severe s ON s.person = r.person
WHERE r.scheme = 'borderline' AND r.active
  AND r.person NOT IN (SELECT person FROM roster WHERE scheme = 'dibao' AND active AND covered)
  AND r.person NOT IN (SELECT person FROM lost)
