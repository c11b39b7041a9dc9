-- The (ID number, name) pairs under keys that have more than one, with what their names look and sound like.
SELECT p.no, p.id_number, p.name, p.id_key, p.id_birth, p.birth_date, p.in_register, p.lists, p.n,
       coalesce(m.name_key, '') AS name_key, m.mandarin_no, m.cantonese_no, m.shape_no
FROM identity_pair p
LEFT JOIN names m ON m.name = p.name
WHERE p.id_key IN (SELECT id_key FROM identity_pair WHERE id_key IS NOT NULL GROUP BY id_key HAVING count(*) > 1)
