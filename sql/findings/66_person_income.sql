-- A person's monthly income: the highest of open insurance's wage base, payroll and last year's taxed income, and the
-- pensions of kinds that policy counts.
SELECT person, sum(earned) + sum(pension) AS income, min(record_id) AS record_id
FROM (
  SELECT person, max(amount) AS earned, 0 AS pension, min(record_id) AS record_id
  FROM (
    SELECT person, wage_base AS amount, record_id FROM employment
    WHERE (insured_from IS NULL OR insured_from <= $month) AND (insured_to IS NULL OR insured_to >= $month)
      AND person IN (SELECT person FROM concerned)
    UNION ALL
    SELECT person, monthly_amount, record_id FROM public_payroll WHERE person IN (SELECT person FROM concerned)
    UNION ALL
    SELECT person, income / 12, record_id FROM tax
    WHERE year = $last_year AND person IN (SELECT person FROM concerned)
  ) earning
  WHERE amount IS NOT NULL
  GROUP BY person
  UNION ALL
  SELECT person, 0, sum(monthly_amount), min(record_id)
  FROM pension
  WHERE coalesce(kind, '') NOT IN (SELECT item FROM policy_list WHERE list = 'pension_excluded')
    AND monthly_amount IS NOT NULL AND person IN (SELECT person FROM concerned)
  GROUP BY person
) source
GROUP BY person
