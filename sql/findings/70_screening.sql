-- Disqualifying evidence in the households that screening looks into, by rules 6 to 11: a row a unit and record, with
-- what it shows. The only vehicle of a household is none where policy spares those that earn its living.
WITH fleet AS (
  SELECT m.unit, count(DISTINCT coalesce(v.plate, v.record_id)) AS vehicles
  FROM unit_member m
  JOIN vehicle_in_use v ON v.person = m.person
  GROUP BY m.unit
),
home AS (
  SELECT m.unit, count(DISTINCT c.certificate) AS homes
  FROM unit_member m
  JOIN certificate c ON c.person = m.person
  WHERE c.is_home
  GROUP BY m.unit
  HAVING count(DISTINCT c.certificate) > $limits_homes
),
assets AS (
  SELECT m.unit, sum(a.balance) AS total, u.total_limit, u.size
  FROM unit_member m
  JOIN unit u ON u.unit = m.unit
  JOIN person_assets a ON a.person = m.person
  GROUP BY m.unit, u.total_limit, u.size
  HAVING sum(a.balance) > u.total_limit
),
income AS (
  SELECT m.unit, sum(i.yearly) AS yearly, u.yearly_line, u.size
  FROM unit_member m
  JOIN unit u ON u.unit = m.unit
  JOIN person_income i ON i.person = m.person
  GROUP BY m.unit, u.yearly_line, u.yearly_gate, u.size
  HAVING sum(i.yearly) >= u.yearly_line AND (u.yearly_gate IS NULL OR sum(i.yearly) > u.yearly_gate)
)
SELECT m.unit, 'vehicle' AS dataset, v.record_id,
       coalesce(o.name, '家庭成员') || '名下有' || coalesce(v.kind, '机动车') || coalesce(v.plate, '') AS shows
FROM unit_member m
JOIN unit u ON u.unit = m.unit
JOIN fleet f ON f.unit = m.unit
JOIN vehicle_in_use v ON v.person = m.person
JOIN vehicle o ON o.record_id = v.record_id
WHERE f.vehicles > 1 OR NOT EXISTS (
  SELECT 1 FROM policy_list p WHERE p.list = 'vehicle_livelihood' AND p.item = u.scheme AND p.other = o.use)
UNION ALL
SELECT m.unit, 'property', c.record_id,
       '有' || CAST(h.homes AS VARCHAR) || '套住房，超过' || CAST($limits_homes AS VARCHAR) || '套的限额'
FROM unit_member m
JOIN home h ON h.unit = m.unit
JOIN certificate c ON c.person = m.person AND c.is_home
UNION ALL
SELECT m.unit, 'property', c.record_id, coalesce(o.name, '家庭成员') || '名下有非住宅类不动产（' || c.use || '）'
FROM unit_member m
JOIN certificate c ON c.person = m.person
JOIN property o ON o.record_id = c.record_id
WHERE NOT c.is_home
UNION ALL
SELECT m.unit, 'business', b.record_id,
       coalesce(o.name, '家庭成员') || '登记有' || coalesce(b.kind, '市场主体') || coalesce('“' || b.company || '”', '')
FROM unit_member m
JOIN business_alive b ON b.person = m.person
JOIN business o ON o.record_id = b.record_id
UNION ALL
SELECT m.unit, 'deposit', b.record_id,
       '户人均金融资产' || CAST(CAST(a.total / a.size AS DECIMAL(18, 2)) AS VARCHAR) || '元，超过'
         || CAST(CAST(a.total_limit / a.size AS DECIMAL(18, 2)) AS VARCHAR) || '元的限额'
FROM unit_member m
JOIN assets a ON a.unit = m.unit
JOIN latest_balance b ON b.person = m.person
UNION ALL
SELECT m.unit, e.dataset, e.record_id,
       '户人均月收入' || CAST(CAST(i.yearly / i.size / 12 AS DECIMAL(18, 2)) AS VARCHAR) || '元，不低于'
         || CAST(CAST(i.yearly_line / i.size / 12 AS DECIMAL(18, 2)) AS VARCHAR) || '元的标准'
FROM unit_member m
JOIN income i ON i.unit = m.unit
JOIN earner e ON e.person = m.person
