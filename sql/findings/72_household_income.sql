-- Income of the active households that have any, and the line of their scheme and area (urban where that is unknown)
-- for the whole household, yuan a year. passes_gate: dibao's check asks for more than policy's gate besides. A scheme
-- without a line has another test.
SELECT p.scheme, p.household_no, p.size, sum(i.yearly) AS yearly,
       CAST(12 * p.size * f.value * CASE WHEN h.area = '农村' THEN $standard_rural ELSE $standard_urban END
         AS DECIMAL(18, 2)) AS yearly_line,
       p.scheme <> 'dibao' OR sum(i.yearly) > CAST(12 * p.size * $limits_dibao_income_gate AS DECIMAL(18, 2))
         AS passes_gate
FROM household_person p
JOIN household h ON h.scheme = p.scheme AND h.household_no = p.household_no
JOIN person_income i ON i.person = p.person
JOIN policy_figure f ON f.section = 'income_line' AND f.name = p.scheme
GROUP BY p.scheme, p.household_no, p.size, h.area, f.value
