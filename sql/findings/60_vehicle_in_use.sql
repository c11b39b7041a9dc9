-- Vehicles that count: in use (no word in the status says otherwise) and not of an exempt kind.
SELECT v.person, v.tier, v.record_id, v.plate, v.kind, v.use, v.registered_on, v.status
FROM vehicle v
WHERE coalesce(v.kind, '') NOT IN (SELECT item FROM policy_list WHERE list = 'vehicle_exempt')
  AND NOT EXISTS (SELECT 1 FROM word w WHERE w.list = 'not_in_force' AND strpos(v.status, w.word) > 0)
  AND v.person IN (SELECT person FROM concerned)
