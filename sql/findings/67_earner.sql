-- The records behind the incomes, for evidence.
SELECT 'employment' AS dataset, record_id, person FROM employment
WHERE (insured_from IS NULL OR insured_from <= $month) AND (insured_to IS NULL OR insured_to >= $month)
  AND wage_base IS NOT NULL AND person IN (SELECT person FROM concerned)
UNION ALL
SELECT 'public_payroll', record_id, person FROM public_payroll
WHERE monthly_amount IS NOT NULL AND person IN (SELECT person FROM concerned)
UNION ALL
SELECT 'tax', record_id, person FROM tax
WHERE year = $last_year AND income IS NOT NULL AND person IN (SELECT person FROM concerned)
UNION ALL
SELECT 'pension', record_id, person FROM pension
WHERE coalesce(kind, '') NOT IN (SELECT item FROM policy_list WHERE list = 'pension_excluded')
  AND monthly_amount IS NOT NULL AND person IN (SELECT person FROM concerned)
