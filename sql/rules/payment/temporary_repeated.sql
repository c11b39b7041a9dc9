-- id: temporary_repeated
-- title: 同一事由重复临时救助
-- category: payment
-- severity: medium
-- logic: 同一人以同一原因在{limits.temporary_repeat_months}内得到两次以上临时救助。
--   相隔满{limits.temporary_repeat_months}的、原因不同或未填的、同一救助编号的几行不列入。
-- schemes: temporary
-- policy: limits.temporary_repeat_months
-- basis: 《社会救助暂行办法》第四十七条、第四十八条
-- verify: 对照各次的申请、审批材料和票据，看是否同一件事、同一张票据重复申请；确有新的困难的，写明依据。
-- identity: granted_on, reason
-- money: repeated
-- summary: {name}以同一原因在{months}个月内多次得到临时救助：{items}
-- item: {granted_on}因{reason}救助{amount}元（编号{grant}）
WITH granted AS (
  SELECT person, record_id, reason, granted_on, amount, coalesce(grant_no, record_id) AS grant_no
  FROM temporary
  WHERE granted_on <= $as_of
),
near AS (
  SELECT a.record_id AS earlier, b.record_id AS later, b.person, b.amount,
         a.granted_on <> b.granted_on OR a.grant_no = least(a.grant_no, b.grant_no) AS again
  FROM granted a
  JOIN granted b ON b.person = a.person AND b.reason = a.reason
  WHERE a.grant_no <> b.grant_no AND a.granted_on <= b.granted_on
    AND a.granted_on > months_before(b.granted_on, $limits_temporary_repeat_months)
),
involved AS (
  SELECT earlier AS record_id FROM near
  UNION
  SELECT later FROM near
),
repeated AS (
  SELECT person, sum(amount) AS repeated
  FROM (SELECT DISTINCT person, later, amount FROM near WHERE again) later_grant
  GROUP BY person
)
SELECT g.person AS subject, 'temporary' AS subject_dataset, g.record_id, 'temporary' AS scheme,
       CAST(NULL AS VARCHAR) AS household_no, 'temporary' AS evidence_dataset, g.record_id AS evidence_record_id,
       g.reason, g.granted_on, g.amount, g.grant_no AS "grant", CAST($limits_temporary_repeat_months AS BIGINT) AS months,
       p.repeated
FROM granted g
JOIN involved i ON i.record_id = g.record_id
JOIN repeated p ON p.person = g.person
