-- Names under a key that is somebody else's: the exact ID with an unlike name is a conflict to look at, not a link. One
-- character more or less is likeness enough only where the row's own birth date is not another than the number's
-- (the head's number given to a child is often the head's name and one character).
SELECT id_number, name, id_key, name_key
FROM (
  SELECT p.id_number, p.name, p.id_key, p.name_key, p.birth_date, p.id_birth,
         name_level(p.name_key, p.mandarin, p.cantonese, o.name_key, o.mandarin, o.cantonese) AS name_level
  FROM pair_key p
  JOIN key_owner o ON o.id_key = p.id_key
  WHERE p.name_key <> ''
) compared
WHERE name_level < 2 OR (name_level = 2 AND birth_date <> id_birth)
