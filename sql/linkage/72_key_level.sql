-- What numbers and names say of each candidate pair: the best of each field over the two persons' descriptions. A pair
-- whose names are not on the ladder goes on only where the numbers nearly agree: address, phone and household say no
-- more than that the two are relatives. A number that agrees in area and birth date, or of which a mask shows no more
-- than these, has said what an equal birth date says; two wrong numbers at most three characters apart are probably one
-- number wrong in two ways, and say no less; farther apart, but not wholly, they may be that and say nothing. Where
-- there is no other number to compare it with, the birth date inside a wrong number stands for one that the record
-- lacks.
-- ends_agree: of a masked number the last four digits are shown and agree, which no twin's do.
-- ($anybody lets every pair through, for learning.)
WITH described AS (
  SELECT person, true AS sound, name, name_no, surname_no, name_key, mandarin_no, cantonese_no, shape_no, id_text, birth,
         number_birth, sex
  FROM sound_description
  UNION ALL
  SELECT person, false, name, name_no, surname_no, name_key, mandarin_no, cantonese_no, shape_no, id_text, birth,
         number_birth, sex
  FROM loose_description
),
compared AS (
  SELECT c.left_person, c.right_person,
         CASE
           WHEN l.name_key = '' OR r.name_key = '' THEN NULL
           WHEN l.name = r.name THEN 7
           WHEN l.name_key = r.name_key THEN 6
           ELSE name_level(l.name_key, l.mandarin_no, l.cantonese_no, l.shape_no,
                           r.name_key, r.mandarin_no, r.cantonese_no, r.shape_no)
         END AS name,
         CASE
           WHEN l.id_text IS NULL OR r.id_text IS NULL THEN NULL
           WHEN strpos(l.id_text, '*') > 0 OR strpos(r.id_text, '*') > 0 THEN
             CASE
               WHEN length(l.id_text) = length(r.id_text)
                 AND (r.id_text LIKE replace(l.id_text, '*', '_') OR l.id_text LIKE replace(r.id_text, '*', '_')) THEN 3
               WHEN r.sound THEN 1
             END
           WHEN l.id_text = r.id_text THEN 7
           WHEN levenshtein(l.id_text, r.id_text) = 1 THEN 5
           WHEN adjacent_swap(l.id_text, r.id_text) THEN 4
           WHEN substr(l.id_text, 1, 14) = substr(r.id_text, 1, 14) THEN 2
           WHEN NOT r.sound AND levenshtein(l.id_text, r.id_text) <= 3 THEN 2
           WHEN NOT r.sound AND levenshtein(l.id_text, r.id_text) = 4 THEN NULL
           ELSE 1
         END AS id,
         birth_level(l.birth, r.birth) AS birth,
         birth_level(coalesce(l.birth, l.number_birth), coalesce(r.birth, r.number_birth)) AS birth_within,
         CASE
           WHEN l.sex IN ('男', '女') AND r.sex IN ('男', '女') THEN CASE WHEN l.sex = r.sex THEN 1 ELSE 0 END
         END AS sex,
         coalesce(l.birth, l.number_birth) = coalesce(r.birth, r.number_birth) AS birth_agrees,
         strpos(substr(l.id_text, 7, 8), '*') = 0 AND strpos(substr(r.id_text, 7, 8), '*') = 0 AS birth_shown,
         right(l.id_text, 4) = right(r.id_text, 4) AND strpos(right(l.id_text, 4), '*') = 0 AS ends_agree,
         CASE WHEN l.name_key = r.name_key THEN r.name_no END AS name_no,
         CASE WHEN l.surname_no = r.surname_no THEN r.surname_no END AS surname_no,
         CASE WHEN l.wild THEN l.name_key END AS wild_name
  FROM candidate c
  JOIN loose_description l ON l.person = c.left_person
  JOIN described r ON r.person = c.right_person
)
SELECT left_person, right_person, CAST(max(name) AS TINYINT) AS name, CAST(max(id) AS TINYINT) AS id,
       CAST(CASE
         WHEN max(id) = 2 OR (max(id) = 3 AND max(birth) = 4 AND bool_or(id = 3 AND birth_shown)
           AND NOT coalesce(bool_or(id = 3 AND ends_agree), false)) THEN NULL
         WHEN max(id) IS NULL THEN max(birth_within)
         ELSE max(birth)
       END AS TINYINT) AS birth,
       CAST(max(sex) AS TINYINT) AS sex,
       coalesce(bool_or(birth_agrees), false) AS birth_agrees, coalesce(bool_or(id = 3 AND ends_agree), false) AS ends_agree,
       max(name_no) AS name_no, max(surname_no) AS surname_no,
       max(wild_name) AS wild_name
FROM compared
GROUP BY left_person, right_person
HAVING $anybody OR max(name) IS NULL OR max(name) >= 2 OR max(id) >= 3
