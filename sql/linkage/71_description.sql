-- The descriptions of everybody in a candidate pair who stands on a right number of their own (or on two), beyond those
-- known.
SELECT coalesce(m.merged, p.id_key) AS person, p.name, n.name_no, n.surname_no, coalesce(n.name_key, '') AS name_key, n.mandarin_no,
       n.cantonese_no, n.shape_no, p.id_key AS id_text, p.id_birth AS birth, CAST(NULL AS DATE) AS number_birth,
       p.id_sex AS sex
FROM identity_pair p
LEFT JOIN names n ON n.name = p.name
LEFT JOIN person_merge m ON m.person = p.id_key
WHERE p.id_key IN (
    SELECT person FROM wanted_person
    UNION
    SELECT person FROM person_merge WHERE merged IN (SELECT person FROM wanted_person))
  AND p.id_state IN ('valid', 'old15')
  AND p.no NOT IN (SELECT no FROM loose_pair)
