-- id: enrolled_twice
-- title: 同一救助重复享受
-- category: ineligible
-- severity: high
-- logic: 同一人在同一种救助的两个以上家庭中同时作为保障对象在册。
--   不含非保障对象，不含已停保的；两种不同的救助由“享受互斥救助”单列。
-- schemes: dibao, tekun, borderline, expenditure
-- basis: 《社会救助暂行办法》第九条；《最低生活保障审核确认办法》第四条、第二十八条
-- verify: 对照两户的档案和户口簿，入户看是否同一人、实际在哪一户生活，确定哪一户应减员。
-- identity: scheme, household
-- summary: {name}同时登记在同一救助的多个家庭中：{items}
-- item: {enrolled_in}{household}（{household_town}）
SELECT r.person AS subject, r.scheme AS subject_dataset, r.record_id, r.scheme, r.household_no,
       r.scheme AS evidence_dataset, r.record_id AS evidence_record_id,
       z.zh AS enrolled_in, r.household_no AS household, coalesce(r.town, '镇街不详') AS household_town, r.start_month
FROM roster r
JOIN (
  SELECT scheme, person FROM roster
  WHERE active AND covered
  GROUP BY scheme, person
  HAVING count(DISTINCT household_no) > 1
) twice ON twice.scheme = r.scheme AND twice.person = r.person
JOIN dataset_name z ON z.id = r.scheme
WHERE r.active AND r.covered
