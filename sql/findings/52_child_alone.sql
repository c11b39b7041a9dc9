-- Children in register households all of whose adults are dead, struck off the register or in prison; a row a child
-- and adult. An adult who moved out, or whose age is not told, is alive elsewhere; a child alone on a number from the
-- start tells nothing.
WITH aged AS (
  SELECT person, hukou_no, record_id, name, state, status_on, normal, birth,
         coalesce(birth > months_before($as_of, 12 * $limits_child_age), false) AS minor
  FROM register_row
),
child AS (
  SELECT person, min(record_id) AS record_id, min(birth) AS birth
  FROM aged
  WHERE normal AND minor
  GROUP BY person
),
adult AS (
  SELECT r.person, r.hukou_no, r.record_id, r.name, r.state, r.status_on,
         d.person IS NOT NULL AS died,
         r.person IN (SELECT person FROM imprisoned) AS jailed,
         coalesce(r.state = '注销' AND r.person NOT IN (SELECT person FROM resident), false) AS struck
  FROM aged r
  LEFT JOIN dead d ON d.person = r.person
  WHERE NOT r.minor
),
beside AS (
  SELECT c.person, c.record_id, c.birth, a.person AS adult, a.record_id AS adult_record_id, a.name AS adult_name,
         a.died, a.jailed, a.struck, a.status_on,
         min(CASE WHEN a.died OR a.jailed OR a.struck THEN 1 ELSE 0 END) OVER (PARTITION BY c.person)
           AS all_lost
  FROM child c
  JOIN resident h ON h.person = c.person
  JOIN adult a ON a.hukou_no = h.hukou_no
)
SELECT person, record_id, birth, adult, adult_record_id, adult_name, died, jailed, struck, status_on
FROM beside
WHERE all_lost = 1
