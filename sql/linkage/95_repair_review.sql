-- The doubtful repairs as pairs of records, a roster row first.
WITH side AS (
  SELECT d.id_key, d.id_level, d.name_level, d.sex_agrees, b.record_id AS broken_id, b.dataset AS broken_dataset,
         b.roster_order AS broken_order, s.record_id AS sound_id, s.dataset AS sound_dataset,
         s.roster_order AS sound_order
  FROM doubtful d
  JOIN doubtful_record b ON b.id_number = d.id_number AND b.name = d.name
  JOIN doubtful_record s ON s.person = d.id_key
  WHERE (b.roster_order > 0 OR s.roster_order > 0) AND b.record_id <> s.record_id
)
SELECT DISTINCT
       CASE WHEN sound_first THEN sound_id ELSE broken_id END AS roster_record_id,
       CASE WHEN sound_first THEN broken_dataset ELSE sound_dataset END AS dataset,
       CASE WHEN sound_first THEN broken_id ELSE sound_id END AS record_id,
       'repaired_id' AS tier, CAST(NULL AS DOUBLE) AS match_weight, CAST(NULL AS DOUBLE) AS match_probability,
       'review' AS decision,
       'id=' || id_level || ' name=' || CASE name_level
           WHEN 5 THEN 'equal' WHEN 4 THEN 'wildcard' WHEN 3 THEN 'homophone' WHEN 2 THEN 'one_more_or_less'
           ELSE 'surname' END || ' birth=equal sex=' || CASE WHEN sex_agrees THEN 'equal' ELSE 'other' END AS pattern
FROM (
  SELECT *,
         broken_order = 0 OR (sound_order > 0 AND (sound_order < broken_order
           OR (sound_order = broken_order AND sound_id < broken_id))) AS sound_first
  FROM side
) ordered
