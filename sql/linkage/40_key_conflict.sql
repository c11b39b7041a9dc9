-- Names under a key that is somebody else's: the exact ID with an unlike name is a conflict to look at, not a link.
SELECT p.id_number, p.name, p.id_key, p.name_key
FROM pair_key p
JOIN key_owner o ON o.id_key = p.id_key
WHERE p.name_key <> ''
  AND name_level(p.name_key, p.mandarin, p.cantonese, o.name_key, o.mandarin, o.cantonese) < 2
