-- Vehicles that count: in use (no word in the status says otherwise) and not of an exempt kind, however it is written
-- (普通二轮摩托车 is a 摩托车).
SELECT v.person, v.tier, v.record_id, v.plate, v.kind, v.use, v.registered_on, v.status
FROM vehicle v
WHERE NOT EXISTS (SELECT 1 FROM policy_list p WHERE p.list = 'vehicle_exempt' AND strpos(v.kind, p.item) > 0)
  AND NOT EXISTS (
    SELECT 1 FROM word w
    WHERE w.list = 'not_in_force' AND strpos(v.status, w.word) > 0 AND strpos(v.status, '未' || w.word) = 0)
  AND v.person IN (SELECT person FROM concerned)
