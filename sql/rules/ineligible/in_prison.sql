-- id: in_prison
-- title: 服刑期间仍在册
-- category: ineligible
-- severity: high
-- logic: 核查月末正在服刑而仍作为保障对象在册的人；截止日期未载明的视为仍在服刑。
--   核查月末之前已刑满的、尚未开始的不列入；不是保障对象的家庭成员不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: prison
-- basis: 《最低生活保障审核确认办法》第七条；《特困人员认定办法》第二十四条
-- verify: 向家属、村居和司法所（派出所）查是否在押和起止日期，核对文书上的姓名、证件号是否本人。
-- identity: from_on
-- summary: {name}正在服刑，{month}仍按{scheme_zh}保障对象登记；{items}
-- item: 刑期自{from_on}起，{until_zh}
SELECT r.person AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.household_no,
       'prison' AS evidence_dataset, p.record_id AS evidence_record_id,
       p.from_on, p.until_on, coalesce('至' || strftime(p.until_on, '%Y-%m-%d'), '截止日期未载明') AS until_zh
FROM roster r
JOIN imprisoned p ON p.person = r.person
WHERE r.active AND r.covered
