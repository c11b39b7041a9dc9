-- Whose number it is, where several names stand under one key: the name in the register with the number's own birth
-- date first, then the name that most rows speak for, twice where they have the number's birth date and not at all where
-- they have another; the smallest name decides what is left.
SELECT id_key, name_key, mandarin_no, cantonese_no, shape_no
FROM (
  SELECT id_key, name_key, min(mandarin_no) AS mandarin_no, min(cantonese_no) AS cantonese_no,
         min(shape_no) AS shape_no,
         row_number() OVER (
           PARTITION BY id_key
           ORDER BY max(CASE WHEN in_register AND coalesce(birth_date, id_birth) = id_birth THEN 1 ELSE 0 END) DESC,
                    sum(CASE WHEN birth_date = id_birth THEN 2 * n WHEN birth_date IS NULL THEN n ELSE 0 END) DESC,
                    max(CASE WHEN birth_date = id_birth THEN 1 ELSE 0 END) DESC, sum(n) DESC, name_key
         ) AS place
  FROM shared_pair
  WHERE name_key <> ''
  GROUP BY id_key, name_key
) ranked
WHERE place = 1
