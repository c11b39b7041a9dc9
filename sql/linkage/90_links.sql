-- A row a pair of a roster row and another record under one ID key. The same person: a link. Another person under the
-- same number: to be looked at. Between rosters, and within one, the pair stands once.
WITH described AS (
  SELECT r.*, n.name_key, n.mandarin, n.cantonese,
         CASE WHEN strpos(r.person, '|') > 0 THEN split_part(r.person, '|', 1) ELSE r.person END AS shared
  FROM reached_record r
  LEFT JOIN names n ON n.name = r.name
),
pair AS (
  SELECT a.record_id AS roster_record_id, b.dataset, b.record_id,
         a.person = b.person AS same, a.tier = 'repaired_id' OR b.tier = 'repaired_id' AS repaired,
         CASE
           WHEN a.id_number = b.id_number THEN 'equal'
           WHEN a.tier = 'repaired_id' OR b.tier = 'repaired_id' THEN 'repaired'
           ELSE 'old_form'
         END AS id_level,
         name_level(a.name_key, a.mandarin, a.cantonese, b.name_key, b.mandarin, b.cantonese) AS name_level,
         CASE
           WHEN a.birth_date IS NULL OR b.birth_date IS NULL THEN 'unknown'
           WHEN a.birth_date = b.birth_date THEN 'equal'
           ELSE 'other'
         END AS birth_level,
         CASE WHEN a.sex IS NULL OR b.sex IS NULL THEN 'unknown' WHEN a.sex = b.sex THEN 'equal' ELSE 'other' END
           AS sex_level
  FROM described a
  JOIN described b ON b.shared = a.shared
  WHERE a.roster_order > 0 AND a.record_id <> b.record_id
    AND (b.roster_order = 0 OR a.roster_order < b.roster_order
         OR (a.roster_order = b.roster_order AND a.record_id < b.record_id))
)
SELECT roster_record_id, dataset, record_id,
       CASE WHEN repaired THEN 'repaired_id' ELSE 'exact_id' END AS tier,
       CAST(NULL AS DOUBLE) AS match_weight, CAST(NULL AS DOUBLE) AS match_probability,
       CASE WHEN same THEN 'link' ELSE 'review' END AS decision,
       'id=' || id_level || ' name=' || CASE name_level
           WHEN 5 THEN 'equal' WHEN 4 THEN 'wildcard' WHEN 3 THEN 'homophone' WHEN 2 THEN 'one_more_or_less'
           WHEN 1 THEN 'surname' WHEN 0 THEN 'unlike' ELSE 'unknown' END
       || ' birth=' || birth_level || ' sex=' || sex_level AS pattern
FROM pair
