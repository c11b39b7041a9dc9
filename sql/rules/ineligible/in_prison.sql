-- id: in_prison
-- title: 服刑期间仍在册
-- category: ineligible
-- severity: high
-- schemes: dibao, tekun, borderline, expenditure
-- needs: prison
-- basis: 《最低生活保障审核确认办法》第七条；《特困人员认定办法》第二十四条
-- identity: from_on
-- summary: {name}正在服刑，{month}仍按{scheme_zh}保障对象登记；{items}
-- item: 服刑自{from_on}起至{until_on_zh}
SELECT r.person AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.household_no,
       'prison' AS evidence_dataset, p.record_id AS evidence_record_id,
       p.from_on, p.until_on, coalesce(strftime(p.until_on, '%Y-%m-%d'), '未载明') AS until_on_zh
FROM roster r
JOIN prison p ON p.person = r.person
WHERE r.active AND r.covered AND p.from_on <= $as_of AND (p.until_on IS NULL OR p.until_on >= $as_of)
