-- Disqualifying evidence in a lead's register household, by rules 6-11 with dibao's limits and the urban standard: a
-- row a record, with what it shows.
WITH home AS (
  SELECT l.person, count(DISTINCT c.certificate) AS homes
  FROM lead_resident l JOIN certificate c ON c.person = l.resident
  WHERE c.is_home
  GROUP BY l.person
),
size AS (SELECT person, count(*) AS residents FROM lead_resident GROUP BY person),
assets AS (
  SELECT l.person, sum(a.balance) AS total, min(a.record_id) AS record_id
  FROM lead_resident l JOIN person_assets a ON a.person = l.resident
  GROUP BY l.person
),
income AS (
  SELECT l.person, sum(i.income) AS total
  FROM lead_resident l JOIN person_income i ON i.person = l.resident
  GROUP BY l.person
)
SELECT l.person, 'vehicle' AS dataset, v.record_id, '名下有' || coalesce(v.kind, '机动车') AS shows
FROM lead_resident l JOIN vehicle_in_use v ON v.person = l.resident
UNION ALL
SELECT l.person, 'property', c.record_id, '住房超过限额'
FROM lead_resident l
JOIN home h ON h.person = l.person AND h.homes > $limits_homes
JOIN certificate c ON c.person = l.resident AND c.is_home
UNION ALL
SELECT l.person, 'property', c.record_id, '有非住宅类不动产'
FROM lead_resident l JOIN certificate c ON c.person = l.resident
WHERE NOT c.is_home
UNION ALL
SELECT l.person, 'business', b.record_id, '登记有' || coalesce(b.kind, '市场主体')
FROM lead_resident l JOIN business_alive b ON b.person = l.resident
UNION ALL
SELECT a.person, 'deposit', a.record_id, '户人均金融资产超过限额'
FROM assets a JOIN size s ON s.person = a.person
WHERE a.total / s.residents > $asset_months_dibao * $standard_urban
UNION ALL
SELECT DISTINCT i.person, w.dataset, w.record_id, '户人均收入不低于低保标准'
FROM income i
JOIN size s ON s.person = i.person
JOIN lead_resident l ON l.person = i.person
JOIN earner w ON w.person = l.resident
WHERE i.total / s.residents >= $income_line_dibao * $standard_urban
