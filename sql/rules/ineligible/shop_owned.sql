-- id: shop_owned
-- title: 有非住宅类不动产
-- category: ineligible
-- severity: high
-- schemes: dibao, tekun, borderline, expenditure
-- needs: property
-- basis: 《最低生活保障审核确认办法》第十四条；粤府办〔2022〕3号
-- identity: certificate
-- summary: {scheme_zh}家庭登记有非住宅类不动产：{items}
-- item: {owner}的{use}（证号{certificate}，{area_m2}平方米，{registered_on}登记）
SELECT subject, subject_dataset, record_id, scheme, household_no, evidence_dataset, evidence_record_id,
       owner, certificate, use, area_m2, location, registered_on, share
FROM (
  SELECT m.scheme || '|' || m.household_no AS subject, m.scheme AS subject_dataset, m.head_record_id AS record_id,
         m.scheme, m.household_no, 'property' AS evidence_dataset, c.record_id AS evidence_record_id,
         m.name AS owner, c.certificate, c.use, c.area_m2, c.location, c.registered_on, c.share,
         row_number() OVER (
           PARTITION BY m.scheme, m.household_no, c.certificate ORDER BY c.record_id, m.record_id
         ) AS place
  FROM member m
  JOIN certificate c ON c.person = m.person
  WHERE NOT c.is_home
) held
WHERE place = 1
