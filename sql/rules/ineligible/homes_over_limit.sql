-- id: homes_over_limit
-- title: 住房超过限额
-- category: ineligible
-- severity: high
-- schemes: dibao, tekun, borderline, expenditure
-- needs: property
-- policy: limits.homes
-- basis: 《最低生活保障审核确认办法》第十四条；粤府办〔2022〕3号
-- identity: certificate
-- summary: {scheme_zh}家庭登记有{homes}套住房，超过{limit_homes}套的限额：{items}
-- item: {owner}的{use}（证号{certificate}，{area_m2}平方米，{registered_on}登记）
WITH held AS (
  SELECT m.scheme, m.household_no, m.head_record_id, m.name AS owner, c.*,
         row_number() OVER (
           PARTITION BY m.scheme, m.household_no, c.certificate ORDER BY c.record_id, m.record_id
         ) AS place
  FROM member m
  JOIN certificate c ON c.person = m.person
  WHERE c.is_home
),
counted AS (
  SELECT scheme, household_no, count(DISTINCT certificate) AS homes
  FROM held
  GROUP BY scheme, household_no
  HAVING count(DISTINCT certificate) > $limits_homes
)
SELECT h.scheme || '|' || h.household_no AS subject, h.scheme AS subject_dataset, h.head_record_id AS record_id,
       h.scheme, h.household_no, 'property' AS evidence_dataset, h.record_id AS evidence_record_id,
       h.owner, h.certificate, h.use, h.area_m2, h.location, h.registered_on, h.share, c.homes,
       CAST($limits_homes AS BIGINT) AS limit_homes
FROM held h
JOIN counted c ON c.scheme = h.scheme AND c.household_no = h.household_no
WHERE h.place = 1
