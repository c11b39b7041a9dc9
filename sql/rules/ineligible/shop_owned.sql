-- id: shop_owned
-- title: 有非住宅类不动产
-- category: ineligible
-- severity: high
-- logic: 在册家庭有成员名下登记有非住宅类不动产（商铺、车位、写字楼等）。
--   住宅、用途未载明的不列入；同一证号由几名成员共有只算一处。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: property
-- basis: 《最低生活保障审核确认办法》第十四条；粤府办〔2022〕3号
-- verify: 请其出示不动产权证并到现场看，问清自用、出租还是空置；称已转让的，要有过户凭证。
-- identity: certificate
-- summary: {scheme_zh}家庭登记有非住宅类不动产：{items}
-- item: {owner}的{use}（证号{certificate}，{area_m2}平方米，{registered_on}登记）
WITH held AS (
  SELECT p.scheme, p.household_no, p.head_record_id, p.name AS owner, c.record_id, c.certificate, c.use, c.area_m2,
         c.location, c.registered_on, c.share,
         row_number() OVER (PARTITION BY p.scheme, p.household_no, c.certificate ORDER BY c.record_id) AS place
  FROM household_person p
  JOIN certificate c ON c.person = p.person
  WHERE NOT c.is_home
)
SELECT h.scheme || '|' || h.household_no AS subject, h.scheme AS subject_dataset, h.head_record_id AS record_id,
       h.scheme, h.household_no, 'property' AS evidence_dataset, h.record_id AS evidence_record_id,
       h.owner, h.certificate, h.use, h.area_m2, h.location, h.registered_on, h.share
FROM held h
WHERE h.place = 1
