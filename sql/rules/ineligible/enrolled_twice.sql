-- id: enrolled_twice
-- title: 同一救助重复享受
-- category: ineligible
-- severity: high
-- schemes: dibao, tekun, borderline, expenditure
-- basis: 《社会救助暂行办法》第九条；《最低生活保障审核确认办法》第四条、第二十八条
-- identity: household
-- summary: {name}同时登记在{scheme_zh}的多个家庭中：{items}
-- item: {household}（{household_town}）
SELECT r.person || '|' || r.scheme AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.household_no,
       r.scheme AS evidence_dataset, r.record_id AS evidence_record_id,
       r.household_no AS household, coalesce(r.town, '镇街不详') AS household_town, r.start_month
FROM roster r
JOIN (
  SELECT scheme, person FROM roster
  WHERE active AND covered
  GROUP BY scheme, person
  HAVING count(DISTINCT household_no) > 1
) twice ON twice.scheme = r.scheme AND twice.person = r.person
WHERE r.active AND r.covered
