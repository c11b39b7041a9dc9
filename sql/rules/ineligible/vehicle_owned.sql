-- id: vehicle_owned
-- title: 名下有机动车
-- category: ineligible
-- severity: high
-- logic: 在册家庭有成员名下登记有在用的机动车，每户一条，每个号牌算一次。
--   不算{lists.vehicle_exempt}，不算已注销、报废、转出的；家庭仅有一辆且用于谋生的按当月政策（{lists.vehicle_livelihood}）。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: vehicle
-- policy: lists.vehicle_exempt, lists.vehicle_livelihood
-- basis: 《最低生活保障审核确认办法》第十四条；粤府办〔2022〕3号
-- verify: 请其出示行驶证并看车，问清谁在用、何时购买、作何用途；称已报废、过户或借名登记的，要有车管所凭证。
-- identity: plate
-- summary: {scheme_zh}家庭成员名下有机动车：{items}
-- item: {owner}的{kind}{plate}，{registered_on}登记，状态{status_zh}
WITH owned AS (
  SELECT p.scheme, p.household_no, p.head_record_id, p.name AS owner, v.record_id, v.plate, v.kind, v.use,
         v.registered_on, v.status,
         row_number() OVER (
           PARTITION BY p.scheme, p.household_no, coalesce(v.plate, v.record_id) ORDER BY v.record_id
         ) AS place
  FROM household_person p
  JOIN household_fleet f ON f.scheme = p.scheme AND f.household_no = p.household_no
  JOIN vehicle_in_use v ON v.person = p.person
  WHERE f.vehicles > 1 OR NOT EXISTS (
    SELECT 1 FROM policy_list l WHERE l.list = 'vehicle_livelihood' AND l.item = p.scheme AND l.other = v.use)
)
SELECT o.scheme || '|' || o.household_no AS subject, o.scheme AS subject_dataset, o.head_record_id AS record_id,
       o.scheme, o.household_no, 'vehicle' AS evidence_dataset, o.record_id AS evidence_record_id,
       o.owner, o.plate, o.kind, o.use, o.registered_on, o.status, coalesce(o.status, '正常') AS status_zh
FROM owned o
WHERE o.place = 1
