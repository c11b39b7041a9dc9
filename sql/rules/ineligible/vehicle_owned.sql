-- id: vehicle_owned
-- title: 名下有机动车
-- category: ineligible
-- severity: high
-- schemes: dibao, tekun, borderline, expenditure
-- needs: vehicle
-- policy: lists.vehicle_exempt
-- basis: 《最低生活保障审核确认办法》第十四条；粤府办〔2022〕3号
-- identity: plate
-- summary: {scheme_zh}家庭成员名下有机动车：{items}
-- item: {owner}的{kind}{plate}，{registered_on}登记，状态{status_zh}
SELECT subject, subject_dataset, record_id, scheme, household_no, evidence_dataset, evidence_record_id,
       owner, plate, kind, registered_on, status, coalesce(status, '正常') AS status_zh
FROM (
  SELECT m.scheme || '|' || m.household_no AS subject, m.scheme AS subject_dataset, m.head_record_id AS record_id,
         m.scheme, m.household_no, 'vehicle' AS evidence_dataset, v.record_id AS evidence_record_id,
         m.name AS owner, v.plate, v.kind, v.registered_on, v.status,
         row_number() OVER (
           PARTITION BY m.scheme, m.household_no, coalesce(v.plate, v.record_id) ORDER BY v.record_id, m.record_id
         ) AS place
  FROM member m
  JOIN vehicle_in_use v ON v.person = m.person
) owned
WHERE place = 1
