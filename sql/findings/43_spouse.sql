-- Who is married to whom on the audit month's last day, as each party's latest event says; a row a party and record,
-- whichever of the two the record names first. spouse: whose number the record gives, in either form, whatever the name
-- beside it; null where no record of the drop has that number. numbered: the record gives the spouse's number whole.
-- alive: no death is known of the spouse, nor a register entry that was struck off.
WITH owner AS (
  SELECT id_number, id_key AS person FROM identity_pair WHERE id_state IN ('valid', 'old15')
  UNION
  SELECT id_key, id_key FROM identity_pair WHERE id_state = 'old15'
  UNION
  SELECT substr(id_key, 1, 6) || substr(id_key, 9, 9), id_key
  FROM identity_pair
  WHERE id_state = 'valid' AND substr(id_key, 7, 2) = '19'
    AND substr(id_key, 1, 6) || substr(id_key, 9, 9) IN (SELECT spouse_id_number FROM marriage)
),
event AS (
  SELECT m.person, o.person AS spouse, m.spouse_name, m.spouse_id_number NOT LIKE '%*%' AS numbered, m.event,
         m.registered_on, m.record_id
  FROM marriage m
  LEFT JOIN owner o ON o.id_number = m.spouse_id_number
  UNION ALL
  SELECT o.person, coalesce(p.person, m.person), m.name, m.id_number NOT LIKE '%*%', m.event, m.registered_on, m.record_id
  FROM marriage m
  JOIN owner o ON o.id_number = m.spouse_id_number
  LEFT JOIN owner p ON p.id_number = m.id_number
),
latest AS (
  SELECT person, spouse, spouse_name, numbered, event, registered_on, record_id,
         rank() OVER (PARTITION BY person ORDER BY registered_on DESC NULLS LAST) AS place
  FROM event
  WHERE registered_on IS NULL OR registered_on <= $as_of
),
struck AS (
  SELECT person FROM register_row WHERE state = '注销' AND person NOT IN (SELECT person FROM resident)
)
SELECT l.person, l.spouse, l.spouse_name, l.numbered, l.registered_on, l.record_id,
       l.spouse IS NULL OR (l.spouse NOT IN (SELECT person FROM dead) AND l.spouse NOT IN (SELECT person FROM struck))
         AS alive
FROM latest l
WHERE l.place = 1 AND l.event = '结婚'
