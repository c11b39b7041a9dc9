-- Each candidate pair's levels: integers as in the linkage's declaration, weakest 0, null = no information.
SELECT k.left_person, k.right_person, c.blocks, k.name, k.id, k.birth, k.sex,
       CAST(r.place AS TINYINT) AS place, CAST(r.phone AS TINYINT) AS phone, CAST(r.account AS TINYINT) AS account,
       CAST(CASE
         WHEN r.same_household THEN 2
         WHEN n.left_person IS NOT NULL THEN 1
         WHEN h.person IS NOT NULL AND r.both_housed THEN 0
       END AS TINYINT) AS household,
       CAST(CASE WHEN r.taken THEN 0 WHEN r.once THEN 1 END AS TINYINT) AS once,
       k.birth_agrees, k.ends_agree, k.name_no, k.surname_no, k.wild_name
FROM key_level k
JOIN candidate c ON c.left_person = k.left_person AND c.right_person = k.right_person
LEFT JOIN record_level r ON r.left_person = k.left_person AND r.right_person = k.right_person
LEFT JOIN kin n ON n.left_person = k.left_person AND n.right_person = k.right_person
LEFT JOIN housed h ON h.person = k.left_person
