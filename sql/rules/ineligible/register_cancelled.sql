-- id: register_cancelled
-- title: 户籍注销或迁出仍在册
-- category: ineligible
-- severity: medium
-- logic: 户籍在核查月末以前已注销或迁出本县、而仍作为保障对象在册的人。
--   县内另有一条正常户籍的不列入；已有死亡记录的由“已死亡仍在册”单列；不是保障对象的家庭成员不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: household_register
-- partly: death
-- basis: 《最低生活保障审核确认办法》第四条；《特困人员认定办法》第二十四条
-- verify: 查户口簿或请派出所出具户籍证明，核对是否同一人、注销或迁出的日期和去向，本人现住何处。
-- identity: state
-- summary: {name}的户籍已{state}，{month}仍在{scheme_zh}名册内按保障对象登记；{items}
-- item: 户号{hukou_no}，{changed_zh}{state}
SELECT r.person AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.household_no,
       'household_register' AS evidence_dataset, h.record_id AS evidence_record_id,
       h.hukou_no, h.state, h.status_on, coalesce(strftime(h.status_on, '%Y-%m-%d'), '日期未载明') AS changed_zh
FROM roster r
JOIN gone g ON g.person = r.person
JOIN register_row h ON h.person = r.person
WHERE r.active AND r.covered AND r.person NOT IN (SELECT person FROM death)
