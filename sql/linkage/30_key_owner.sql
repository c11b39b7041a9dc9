-- Whose number it is, where several names stand under one key: the name in the register with the number's own birth
-- date first, then a name with that birth date, then the commonest; the smallest name decides what is left.
SELECT id_key, name_key, mandarin, cantonese
FROM (
  SELECT p.id_key, p.name_key, min(p.mandarin) AS mandarin, min(p.cantonese) AS cantonese,
         row_number() OVER (
           PARTITION BY p.id_key
           ORDER BY max(CASE WHEN p.in_register AND p.birth = p.id_birth THEN 1 ELSE 0 END) DESC,
                    max(CASE WHEN p.birth_date = p.id_birth THEN 1 ELSE 0 END) DESC,
                    sum(p.n) DESC, p.name_key
         ) AS place
  FROM pair_key p
  JOIN shared_key s ON s.id_key = p.id_key
  WHERE p.name_key <> ''
  GROUP BY p.id_key, p.name_key
) ranked
WHERE place = 1
