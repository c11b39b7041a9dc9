-- Every distinct (ID number, name) of the drop with what both say: the key, the birth date (the row's own, else the
-- number's), the sounds of the name.
SELECT p.id_number, p.name, i.id_key, i.id_state, i.id_birth, i.id_sex,
       coalesce(p.birth_date, i.id_birth) AS birth, p.birth_date, p.sex, p.in_register, p.n,
       coalesce(m.name_key, '') AS name_key, m.mandarin, m.cantonese
FROM identity_pair p
JOIN id_numbers i ON i.id_number = p.id_number
LEFT JOIN names m ON m.name = p.name
