-- id: business_registered
-- title: 登记有市场主体
-- category: ineligible
-- severity: medium
-- logic: 在册家庭有成员在存续的公司或个体工商户任法定代表人、股东或经营者；公司为高，个体工商户为中。
--   不算{lists.business_exempt}，不算已注销、吊销的，也不算监事、董事、经理等没有出资的职务。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: business
-- policy: lists.business_exempt
-- basis: 《最低生活保障审核确认办法》第十三条、第十四条；粤府办〔2022〕3号
-- verify: 到经营场所看是否营业，请其出示营业执照；称已停业或身份被冒用的，要有注销证明或市场监管部门的说明。
-- identity: entity
-- summary: {scheme_zh}家庭成员登记有存续的市场主体：{items}
-- item: {owner}任{role_zh}的{kind_zh}“{company}”，{established_on}成立，状态{status_zh}
SELECT p.scheme || '|' || p.household_no AS subject, p.scheme AS subject_dataset, p.head_record_id AS record_id,
       p.scheme, p.household_no, 'business' AS evidence_dataset, b.record_id AS evidence_record_id,
       CASE WHEN b.is_company THEN 'high' ELSE 'medium' END AS severity, p.name AS owner,
       coalesce(b.uscc, b.company, b.record_id) AS entity, b.uscc, b.company, b.role, b.kind, b.capital, b.status,
       b.established_on, coalesce(b.role, '相关人员') AS role_zh, coalesce(b.kind, '市场主体') AS kind_zh,
       coalesce(b.status, '存续') AS status_zh
FROM household_person p
JOIN business_alive b ON b.person = p.person
