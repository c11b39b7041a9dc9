-- id: account_shared
-- title: 多户共用账户
-- category: payment
-- severity: high
-- logic: 低保、特困名册中同一银行账号登记在两个以上在册家庭名下，每个账号一条。
--   供养机构的账户用于本机构集中供养人员的不列入；已停保的家庭不列入。
-- schemes: dibao, tekun
-- basis: 《最低生活保障审核确认办法》第二十六条
-- verify: 查各户的存折和代领委托书，问清账户是谁的、钱由谁领用，并看是否录错账号。
-- identity: bank_account, household
-- summary: 账号{account_zh}登记在{households}个在册家庭名下：{items}
-- item: {household_zh}家庭{household}（{head}，开户人{holder_zh}）
WITH account AS (
  SELECT m.scheme, m.household_no, m.head_record_id, m.record_id, m.name, d.bank_account, d.account_holder,
         false AS own_institution
  FROM member m
  JOIN dibao d ON d.record_id = m.record_id
  UNION ALL
  SELECT m.scheme, m.household_no, m.head_record_id, m.record_id, m.name, t.bank_account, t.account_holder,
         -- one institution, in whatever characters it is written (as in account_holder_outside)
         coalesce(t.support_mode = '集中' AND name_level(n.name_key, n.mandarin_no, n.cantonese_no, n.shape_no,
                    o.name_key, o.mandarin_no, o.cantonese_no, o.shape_no) >= 5, false)
  FROM member m
  JOIN tekun t ON t.record_id = m.record_id
  LEFT JOIN names n ON n.name = t.account_holder
  LEFT JOIN names o ON o.name = t.institution
),
counted AS (
  SELECT bank_account, count(DISTINCT scheme || '|' || household_no) AS households
  FROM account
  WHERE NOT own_institution
  GROUP BY bank_account
  HAVING count(DISTINCT scheme || '|' || household_no) > 1
)
SELECT a.bank_account AS subject, a.scheme AS subject_dataset, a.head_record_id AS record_id, a.scheme,
       a.household_no, a.scheme AS evidence_dataset, a.record_id AS evidence_record_id,
       a.bank_account, '尾号' || substr(a.bank_account, greatest(length(a.bank_account) - 3, 1)) AS account_zh,
       c.households, z.zh AS household_zh, a.household_no AS household, h.name AS head, a.name AS member,
       a.account_holder, coalesce(a.account_holder, '未填') AS holder_zh
FROM account a
JOIN counted c ON c.bank_account = a.bank_account
JOIN household h ON h.scheme = a.scheme AND h.household_no = a.household_no
JOIN dataset_name z ON z.id = a.scheme
WHERE NOT a.own_institution
