-- A person's income, yuan a year (exact) and a month: the highest of the highest wage base, all payroll and all of last
-- year's taxed income, which are mostly the same money, and the pensions beside it.
SELECT person, yearly, CAST(yearly AS DOUBLE) / 12 AS income
FROM (
  SELECT person, greatest(wage, pay, taxed) + pension AS yearly
  FROM (
    SELECT person, coalesce(max(CASE WHEN dataset = 'employment' THEN yearly END), 0) AS wage,
           coalesce(sum(CASE WHEN dataset = 'public_payroll' THEN yearly END), 0) AS pay,
           coalesce(sum(CASE WHEN dataset = 'tax' THEN yearly END), 0) AS taxed,
           coalesce(sum(CASE WHEN dataset = 'pension' THEN yearly END), 0) AS pension
    FROM earner
    GROUP BY person
  ) source
) earned
