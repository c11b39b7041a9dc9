-- Old people who are the only living resident of their register household, without a living spouse or a pension that
-- counts.
WITH elder AS (
  SELECT person, min(record_id) AS record_id, min(birth) AS birth
  FROM register_row
  WHERE normal AND hukou_no IS NOT NULL AND birth <= months_before($as_of, 12 * $limits_elder_age)
  GROUP BY person
),
accompanied AS (
  SELECT DISTINCT h.person
  FROM elder e
  JOIN resident h USING (person)
  JOIN resident o ON o.hukou_no = h.hukou_no AND o.person <> h.person
  WHERE o.person NOT IN (SELECT person FROM dead)
)
SELECT e.person, e.record_id, e.birth
FROM elder e
WHERE e.person NOT IN (SELECT person FROM accompanied)
  AND e.person NOT IN (SELECT person FROM spouse WHERE alive)
  AND NOT EXISTS (
    SELECT 1 FROM pension p
    WHERE p.person = e.person AND (p.monthly_amount IS NULL OR p.monthly_amount > 0)
      AND NOT EXISTS (SELECT 1 FROM policy_list l WHERE l.list = 'pension_excluded' AND strpos(p.kind, l.item) > 0))
