-- Numbers that cannot be right (check character, birth date, length) or are masked, beside the right numbers one slip
-- away under the same birth date: one character changed, lost or doubled, two neighbours swapped, or the mask fits.
WITH broken AS (
  SELECT p.*
  FROM pair_key p
  LEFT JOIN key_conflict c ON c.id_number = p.id_number AND c.name = p.name
  WHERE p.id_state IN ('checksum', 'birth', 'length', 'masked') AND p.name_key <> '' AND p.birth IS NOT NULL
    AND c.id_number IS NULL
),
sound AS (
  SELECT p.*
  FROM pair_key p
  LEFT JOIN key_conflict c ON c.id_number = p.id_number AND c.name = p.name
  WHERE p.id_state IN ('valid', 'old15') AND p.name_key <> '' AND c.id_number IS NULL
),
place AS (SELECT unnest(generate_series(1, 17)) AS i),
near AS (
  SELECT b.id_number, b.name, s.id_key, b.id_state,
         CASE
           WHEN b.id_state = 'masked' THEN 'masked'
           WHEN levenshtein(b.id_number, s.id_key) = 1 THEN 'one_off'
           ELSE 'swap'
         END AS id_level,
         name_level(b.name_key, b.mandarin, b.cantonese, s.name_key, s.mandarin, s.cantonese) AS name_level,
         CASE WHEN b.sex IS NULL OR b.sex NOT IN ('男', '女') THEN NULL ELSE b.sex = s.id_sex END AS sex_agrees
  FROM broken b
  JOIN sound s ON s.id_birth = b.birth
  WHERE substr(b.name_key, 1, 1) = substr(s.name_key, 1, 1)
     OR substr(b.mandarin, 1, 3) = substr(s.mandarin, 1, 3)
     OR substr(b.cantonese, 1, 3) = substr(s.cantonese, 1, 3)
     OR strpos(b.name_key, '?') = 1 OR strpos(s.name_key, '?') = 1
),
judged AS (
  SELECT n.*
  FROM near n
  WHERE (n.id_state <> 'masked' AND levenshtein(n.id_number, n.id_key) = 1)
     OR (n.id_state = 'masked' AND length(n.id_number) = 18
         AND n.id_key LIKE replace(n.id_number, '*', '_'))
     OR (n.id_state <> 'masked' AND length(n.id_number) = 18 AND levenshtein(n.id_number, n.id_key) = 2
         AND EXISTS (
           SELECT 1 FROM place
           WHERE substr(n.id_number, 1, place.i - 1) || substr(n.id_number, place.i + 1, 1)
              || substr(n.id_number, place.i, 1) || substr(n.id_number, place.i + 2) = n.id_key))
)
SELECT id_number, name, id_key, max(name_level) AS name_level, min(id_level) AS id_level,
       bool_and(coalesce(sex_agrees, true)) AS sex_agrees
FROM judged
GROUP BY id_number, name, id_key
