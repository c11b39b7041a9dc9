-- What numbers and names say of each candidate pair: the best of each field over the two persons' descriptions. A pair
-- whose names are not on the ladder goes on only where the numbers nearly agree: address, phone and household say no
-- more than that the two are relatives. A number that agrees in area and birth date, or of which a mask shows no more
-- than these, has said what an equal birth date says, or one written amiss; two wrong numbers at most three characters
-- apart are probably one number wrong in two ways, and say no less; farther apart, but not wholly, they may be that and
-- say nothing. Where there is no other number to compare it with, the birth date inside a wrong number stands for one
-- that the record lacks.
-- A number that lost its last three digits to a spreadsheet agrees with one that rounds up to it: the end is left off
-- there, or rounded, and the fifteenth digit may be the next one's.
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
met AS (
  SELECT c.left_person, c.right_person, l.name AS l_name, l.name_key AS l_key, l.mandarin_no AS l_mandarin,
         l.cantonese_no AS l_cantonese, l.shape_no AS l_shape, l.id_text AS l_text, l.wild, l.surname_no AS l_surname,
         r.name AS r_name, r.name_key AS r_key, r.mandarin_no AS r_mandarin, r.cantonese_no AS r_cantonese,
         r.shape_no AS r_shape, r.id_text AS r_text, r.sound, r.surname_no AS r_surname, r.name_no AS r_no,
         CASE WHEN strpos(l.id_text, '*') = 0 AND strpos(r.id_text, '*') = 0 THEN slip(l.id_text, r.id_text) END AS slip,
         -- only for two wrong numbers: nothing else in linkage costs as much a pair
         CASE WHEN NOT r.sound THEN levenshtein(l.id_text, r.id_text) END AS apart,
         birth_level(l.birth, r.birth) AS birth,
         coalesce(l.birth, l.number_birth) AS l_within, coalesce(r.birth, r.number_birth) AS r_within,
         CASE
           WHEN l.sex IN ('男', '女') AND r.sex IN ('男', '女') THEN CASE WHEN l.sex = r.sex THEN 1 ELSE 0 END
         END AS sex
  FROM candidate c
  JOIN loose_description l ON l.person = c.left_person
  JOIN described r ON r.person = c.right_person
),
levelled AS (
  SELECT *,
         CASE
           WHEN l_key = '' OR r_key = '' THEN NULL
           WHEN l_name = r_name THEN 7
           WHEN l_key = r_key THEN 6
           ELSE name_level(l_key, l_mandarin, l_cantonese, l_shape, r_key, r_mandarin, r_cantonese, r_shape)
         END AS name,
         CASE
           WHEN l_text IS NULL OR r_text IS NULL THEN NULL
           WHEN slip IS NULL THEN
             CASE
               WHEN length(l_text) = length(r_text)
                 AND (r_text LIKE replace(l_text, '*', '_') OR l_text LIKE replace(r_text, '*', '_')) THEN 3
               WHEN strpos(l_text, '*') = 16 AND length(l_text) = 18 AND length(r_text) = 18
                 AND substr(r_text, 16, 1) >= '5'
                 AND whole_number(substr(l_text, 1, 15)) = whole_number(substr(r_text, 1, 15)) + 1 THEN 3
               WHEN sound THEN 1
             END
           WHEN slip = 0 THEN 7
           WHEN slip = 1 THEN 5
           WHEN slip = 2 THEN 4
           WHEN substr(l_text, 1, 14) = substr(r_text, 1, 14) THEN 2
           WHEN NOT sound AND apart <= 3 THEN 2
           WHEN NOT sound AND apart = 4 THEN NULL
           ELSE 1
         END AS id
  FROM met
),
compared AS (
  SELECT left_person, right_person, name, id, birth, sex, CASE WHEN id IS NULL THEN birth_level(l_within, r_within) END
           AS birth_within,
         l_within = r_within AS birth_agrees,
         strpos(substr(l_text, 7, 8), '*') = 0 AND strpos(substr(r_text, 7, 8), '*') = 0 AS birth_shown,
         right(l_text, 4) = right(r_text, 4) AND strpos(right(l_text, 4), '*') = 0 AS ends_agree,
         CASE WHEN l_key = r_key THEN r_no END AS name_no,
         CASE WHEN l_surname = r_surname THEN r_surname END AS surname_no,
         CASE WHEN wild THEN l_key END AS wild_name
  FROM levelled
)
SELECT left_person, right_person, CAST(max(name) AS TINYINT) AS name, CAST(max(id) AS TINYINT) AS id,
       CAST(CASE
         WHEN max(id) = 2 OR (max(id) = 3 AND max(birth) >= 2 AND bool_or(id = 3 AND birth_shown)
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
