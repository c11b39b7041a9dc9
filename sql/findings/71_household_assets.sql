-- Financial assets of the active households that have any, and policy's limit for the whole household (months of the
-- urban standard a head), yuan.
SELECT p.scheme, p.household_no, p.size, sum(a.balance) AS total,
       CAST(p.size * f.value * $standard_urban AS DECIMAL(18, 2)) AS total_limit
FROM household_person p
JOIN person_assets a ON a.person = p.person
JOIN policy_figure f ON f.section = 'asset_months' AND f.name = p.scheme
GROUP BY p.scheme, p.household_no, p.size, f.value
