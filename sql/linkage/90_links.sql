-- A row a pair of a roster row and another record. One person: a link. Two persons under one ID number, and pairs that
-- the model would not settle: review or reject. Between rosters, and within one, the pair stands once.
WITH described AS (
  SELECT r.*, m.weight, m.probability, m.pattern
  FROM reached_record r
  LEFT JOIN person_merge m ON m.person = r.own
),
together AS (
  SELECT a.record_id AS a_id, b.record_id AS b_id
  FROM described a
  JOIN described b ON b.person = a.person
  WHERE a.roster_order > 0 AND a.record_id <> b.record_id
    AND (b.roster_order = 0 OR a.roster_order < b.roster_order
         OR (a.roster_order = b.roster_order AND a.record_id < b.record_id))
),
shared AS (
  SELECT a.record_id AS a_id, b.record_id AS b_id
  FROM described a
  JOIN described b ON b.number_key = a.number_key AND b.person <> a.person
  WHERE a.roster_order > 0 AND a.record_id <> b.record_id AND a.number_key IN (SELECT id_key FROM key_conflict)
    AND (b.roster_order = 0 OR a.roster_order < b.roster_order
         OR (a.roster_order = b.roster_order AND a.record_id < b.record_id))
),
compared AS (
  SELECT t.a_id, b.dataset, t.b_id, t.decision,
         CASE
           WHEN t.decision = 'review' THEN 'exact_id'
           WHEN a.tier = 'household' OR b.tier = 'household' THEN 'household'
           WHEN a.tier = 'probabilistic' OR b.tier = 'probabilistic' THEN 'probabilistic'
           WHEN a.tier = 'repaired_id' OR b.tier = 'repaired_id' THEN 'repaired_id'
           ELSE 'exact_id'
         END AS tier,
         CASE WHEN t.decision = 'link' THEN least(a.weight, b.weight) END AS match_weight,
         CASE WHEN t.decision = 'link' AND (a.probability IS NOT NULL OR b.probability IS NOT NULL)
           THEN rounded(coalesce(a.probability, 1.0) * coalesce(b.probability, 1.0), 6) END AS match_probability,
         CASE
           -- of the merge whose weight is told
           WHEN t.decision = 'link' AND b.pattern IS NOT NULL
                AND (a.pattern IS NULL OR b.weight < a.weight OR (a.weight IS NULL AND b.weight IS NOT NULL)) THEN b.pattern
           WHEN t.decision = 'link' AND a.pattern IS NOT NULL THEN a.pattern
           ELSE 'name=' || CASE
               WHEN a.name = b.name AND a.name <> '' THEN 'equal'
               ELSE CASE name_level(
                 n.name_key, n.mandarin_no, n.cantonese_no, n.shape_no,
                 o.name_key, o.mandarin_no, o.cantonese_no, o.shape_no)
               WHEN 7 THEN 'variant' WHEN 5 THEN 'wildcard' WHEN 4 THEN 'homophone' WHEN 3 THEN 'lookalike'
               WHEN 2 THEN 'one_more_or_less' WHEN 1 THEN 'surname' WHEN 0 THEN 'unlike' ELSE 'unknown' END END
             || CASE WHEN a.id_number = b.id_number THEN ' id=equal' ELSE ' id=old_form' END
             || ' birth=' || CASE birth_level(a.birth_date, b.birth_date) WHEN 4 THEN 'equal' WHEN 3 THEN 'swapped'
               WHEN 2 THEN 'one_digit' WHEN 1 THEN 'same_year' WHEN 0 THEN 'other' ELSE 'unknown' END
             || ' sex=' || CASE WHEN a.sex = b.sex THEN 'equal' WHEN a.sex <> b.sex THEN 'other' ELSE 'unknown' END
         END AS pattern
  FROM (SELECT *, 'link' AS decision FROM together UNION ALL SELECT *, 'review' FROM shared) t
  JOIN described a ON a.record_id = t.a_id
  JOIN described b ON b.record_id = t.b_id
  LEFT JOIN names n ON n.name = a.name AND a.name <> b.name
  LEFT JOIN names o ON o.name = b.name AND a.name <> b.name
),
asked AS (
  SELECT d.left_person, d.right_person, d.decision, d.tier, d.weight, d.probability, d.pattern
  FROM pair_decision d
  WHERE d.decision <> 'link'
),
either AS (
  SELECT * FROM asked
  UNION ALL
  SELECT right_person, left_person, decision, tier, weight, probability, pattern FROM asked
),
modelled AS (
  SELECT a.record_id AS a_id, b.dataset, b.record_id AS b_id, d.decision, d.tier, d.weight AS match_weight,
         d.probability AS match_probability, d.pattern
  FROM either d
  JOIN described a ON a.person = d.left_person
  JOIN described b ON b.person = d.right_person
  WHERE a.roster_order > 0 AND a.person <> b.person
    AND (b.roster_order = 0 OR a.roster_order < b.roster_order
         OR (a.roster_order = b.roster_order AND a.record_id < b.record_id))
),
pair AS (
  SELECT a_id, dataset, b_id, decision, tier, match_weight, match_probability, pattern, 0 AS later FROM compared
  UNION ALL
  SELECT a_id, dataset, b_id, decision, tier, match_weight, match_probability, pattern, 1 FROM modelled
)
SELECT a_id AS roster_record_id, dataset, b_id AS record_id, tier, match_weight, match_probability, decision, pattern
FROM pair
QUALIFY row_number() OVER (
  PARTITION BY a_id, b_id
  ORDER BY later, CASE decision WHEN 'link' THEN 0 WHEN 'review' THEN 1 ELSE 2 END, match_probability DESC NULLS LAST,
           match_weight DESC NULLS LAST, pattern, tier
) = 1
