-- Each of these households with its size, its scheme (that of a stopped household; dibao for a register household) and
-- the limits that follow for the whole household, yuan: total_limit of assets, yearly_line of income (null where the
-- scheme has another test). The standard is that of its area by its people's roster rows, the urban one where they do
-- not say or disagree.
SELECT u.unit, u.scheme, u.size,
       CAST(u.size * a.value * $standard_urban AS DECIMAL(18, 2)) AS total_limit,
       CAST(12 * u.size * i.value * CASE WHEN u.rural THEN $standard_rural ELSE $standard_urban END AS DECIMAL(18, 2))
         AS yearly_line,
       CASE WHEN u.scheme = 'dibao' THEN CAST(12 * u.size * $limits_dibao_income_gate AS DECIMAL(18, 2)) END
         AS yearly_gate
FROM (
  SELECT m.unit, coalesce(max(s.scheme), 'dibao') AS scheme, count(DISTINCT m.person) AS size,
         coalesce(bool_and(r.area = '农村'), false) AS rural
  FROM unit_member m
  LEFT JOIN stopped_household s ON s.scheme || '|' || s.household_no = m.unit
  LEFT JOIN roster r ON r.person = m.person
    AND (s.scheme IS NULL OR (r.scheme = s.scheme AND r.household_no = s.household_no))
  GROUP BY m.unit
) u
JOIN policy_figure a ON a.section = 'asset_months' AND a.name = u.scheme
LEFT JOIN policy_figure i ON i.section = 'income_line' AND i.name = u.scheme
