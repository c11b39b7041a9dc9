-- The records behind the incomes, a row a record: insurance open in the audit month, payroll, last year's taxed income,
-- pensions of kinds that policy counts (城乡居民基本养老保险 is of the kind 城乡居民). yearly: what it comes to in a year (yuan: a year's income has no exact twelfth);
-- amount: what the record says, told in words by `told`.
SELECT 'employment' AS dataset, record_id, person, CAST(wage_base * 12 AS DECIMAL(18, 2)) AS yearly, wage_base AS amount,
       '在' || coalesce(employer, '单位不详处') || '参保，月缴费基数' AS told
FROM employment
WHERE (insured_from IS NULL OR insured_from <= $month) AND (insured_to IS NULL OR insured_to >= $month)
  AND wage_base IS NOT NULL AND person IN (SELECT person FROM concerned)
UNION ALL
SELECT 'public_payroll', record_id, person, CAST(monthly_amount * 12 AS DECIMAL(18, 2)), monthly_amount,
       '在' || coalesce(unit, '单位不详处') || '由财政供养，月工资'
FROM public_payroll
WHERE monthly_amount IS NOT NULL AND person IN (SELECT person FROM concerned)
UNION ALL
SELECT 'tax', record_id, person, income, income, CAST(year AS VARCHAR) || '年个税申报收入'
FROM tax
WHERE year = $last_year AND income IS NOT NULL AND person IN (SELECT person FROM concerned)
UNION ALL
SELECT 'pension', record_id, person, CAST(monthly_amount * 12 AS DECIMAL(18, 2)), monthly_amount,
       '领取' || coalesce(kind, '') || '养老待遇，每月'
FROM pension
WHERE NOT EXISTS (SELECT 1 FROM policy_list l WHERE l.list = 'pension_excluded' AND strpos(kind, l.item) > 0)
  AND monthly_amount IS NOT NULL AND person IN (SELECT person FROM concerned)
