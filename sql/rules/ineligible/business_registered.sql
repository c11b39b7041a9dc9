-- id: business_registered
-- title: 登记有市场主体
-- category: ineligible
-- severity: medium
-- schemes: dibao, tekun, borderline, expenditure
-- needs: business
-- policy: lists.business_exempt
-- basis: 《最低生活保障审核确认办法》第十三条、第十四条；粤府办〔2022〕3号
-- identity: entity
-- summary: {scheme_zh}家庭成员登记有存续的市场主体：{items}
-- item: {owner}任{role_zh}的{kind_zh}“{company}”，{established_on}成立，状态{status_zh}
SELECT subject, subject_dataset, record_id, scheme, household_no, evidence_dataset, evidence_record_id,
       severity, owner, entity, uscc, company, role, kind, capital, status, established_on,
       coalesce(role, '相关人员') AS role_zh, coalesce(kind, '市场主体') AS kind_zh, coalesce(status, '存续') AS status_zh
FROM (
  SELECT m.scheme || '|' || m.household_no AS subject, m.scheme AS subject_dataset, m.head_record_id AS record_id,
         m.scheme, m.household_no, 'business' AS evidence_dataset, b.record_id AS evidence_record_id,
         CASE WHEN b.is_company THEN 'high' ELSE 'medium' END AS severity, m.name AS owner,
         coalesce(b.uscc, b.company, b.record_id) AS entity, b.uscc, b.company, b.role, b.kind, b.capital, b.status,
         b.established_on,
         row_number() OVER (
           PARTITION BY m.scheme, m.household_no, b.record_id ORDER BY m.record_id
         ) AS place
  FROM member m
  JOIN business_alive b ON b.person = m.person
) held
WHERE place = 1
