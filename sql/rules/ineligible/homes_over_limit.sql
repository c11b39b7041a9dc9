-- id: homes_over_limit
-- title: 住房超过限额
-- category: ineligible
-- severity: high
-- logic: 家庭成员名下登记的住宅按产权证号计超过{limits.homes}。
--   同一证号由几名成员共有只算一套；商铺等非住宅不计入，由“有非住宅类不动产”单列。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: property
-- policy: limits.homes
-- basis: 《最低生活保障审核确认办法》第十四条；粤府办〔2022〕3号
-- verify: 请其出示不动产权证并逐处到现场看，问清来源、是否共有、能否居住；称已转让、拆除的，要有凭证。
-- identity: certificate
-- summary: {scheme_zh}家庭登记有{homes}套住房，超过{limit_homes}套的限额：{items}
-- item: {owner}的{use}（证号{certificate}，{area_m2}平方米，{registered_on}登记）
WITH held AS (
  SELECT p.scheme, p.household_no, p.head_record_id, p.name AS owner, c.record_id, c.certificate, c.use, c.area_m2,
         c.location, c.registered_on, c.share, h.homes,
         row_number() OVER (PARTITION BY p.scheme, p.household_no, c.certificate ORDER BY c.record_id) AS place
  FROM household_home h
  JOIN household_person p ON p.scheme = h.scheme AND p.household_no = h.household_no
  JOIN certificate c ON c.person = p.person
  WHERE c.is_home AND h.homes > $limits_homes
)
SELECT h.scheme || '|' || h.household_no AS subject, h.scheme AS subject_dataset, h.head_record_id AS record_id,
       h.scheme, h.household_no, 'property' AS evidence_dataset, h.record_id AS evidence_record_id,
       h.owner, h.certificate, h.use, h.area_m2, h.location, h.registered_on, h.share, h.homes,
       CAST($limits_homes AS BIGINT) AS limit_homes
FROM held h
WHERE h.place = 1
