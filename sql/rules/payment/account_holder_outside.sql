-- id: account_holder_outside
-- title: 开户人非家庭成员
-- category: payment
-- severity: medium
-- logic: 低保、特困名册登记的开户人不是在册家庭成员，也不是特困人员的照料人或供养机构。
--   繁简体、异体字写法不同的，生僻字缺失而其余相同的，视为同一姓名；开户人未填的不列入。
-- schemes: dibao, tekun
-- basis: 《最低生活保障审核确认办法》第二十六条
-- verify: 查存折和代领委托书，问清开户人与本户的关系、钱由谁领用；没有正当理由的，改用本户成员的账户。
-- identity: account_holder
-- summary: {scheme_zh}家庭{household_no}的开户人不是家庭成员：{items}
-- item: {member}的账户{account_zh}开户人为{account_holder}
WITH account AS (
  SELECT m.scheme, m.household_no, m.head_record_id, m.record_id, m.name, d.bank_account, d.account_holder
  FROM member m
  JOIN dibao d ON d.record_id = m.record_id
  WHERE d.account_holder IS NOT NULL
  UNION ALL
  SELECT m.scheme, m.household_no, m.head_record_id, m.record_id, m.name, t.bank_account, t.account_holder
  FROM member m
  JOIN tekun t ON t.record_id = m.record_id
  WHERE t.account_holder IS NOT NULL
),
allowed AS (
  SELECT scheme, household_no, name FROM member
  UNION
  SELECT m.scheme, m.household_no, t.carer_name FROM member m JOIN tekun t ON t.record_id = m.record_id
  UNION
  SELECT m.scheme, m.household_no, t.institution FROM member m JOIN tekun t ON t.record_id = m.record_id
),
inside AS (
  SELECT DISTINCT a.record_id
  FROM account a
  JOIN allowed w ON w.scheme = a.scheme AND w.household_no = a.household_no
  JOIN names n ON n.name = a.account_holder
  JOIN names o ON o.name = w.name
  WHERE name_level(n.name_key, n.mandarin_no, n.cantonese_no, n.shape_no,
                   o.name_key, o.mandarin_no, o.cantonese_no, o.shape_no) >= 5
)
SELECT a.scheme || '|' || a.household_no AS subject, a.scheme AS subject_dataset, a.head_record_id AS record_id,
       a.scheme, a.household_no, a.scheme AS evidence_dataset, a.record_id AS evidence_record_id,
       a.name AS member, a.bank_account, coalesce('尾号' || substr(a.bank_account, greatest(length(a.bank_account) - 3, 1)), '（账号未填）') AS account_zh,
       a.account_holder
FROM account a
WHERE a.record_id NOT IN (SELECT record_id FROM inside)
