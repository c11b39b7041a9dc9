-- Names under a key that is somebody else's: the exact ID with an unlike name is a conflict to look at, not a link. A
-- name is the owner's when it is on the ladder to the owner's name, or sounds or looks like another that is (a letter
-- short here, written by ear there; through a name with a lost character anybody would be). One character more or less
-- is likeness enough only where the row's own birth date is not another than the number's (the head's number given to
-- a child is often the head's name and one character).
WITH likeness AS (
  SELECT p.no, p.id_number, p.name, p.id_key, p.name_key, p.mandarin_no, p.cantonese_no, p.shape_no,
         -- another day of the same year is a slip: nobody's child is of one year with him
         coalesce(year(p.birth_date) <> year(p.id_birth), false) AS other_birth,
         coalesce(birth_level(p.birth_date, p.id_birth) = 0, false) AS strange_birth,
         name_level(p.name_key, p.mandarin_no, p.cantonese_no, p.shape_no,
                    o.name_key, o.mandarin_no, o.cantonese_no, o.shape_no) AS name_level
  FROM shared_pair p
  JOIN key_owner o ON o.id_key = p.id_key
  WHERE p.name_key <> ''
),
unlike AS (
  SELECT *
  FROM likeness
  WHERE name_level < 2 OR (name_level = 2 AND other_birth) OR (name_level < 6 AND strange_birth)
),
alike AS (
  SELECT DISTINCT id_key, name_key, mandarin_no, cantonese_no, shape_no
  FROM likeness
  WHERE (name_level >= 3 OR (name_level = 2 AND NOT other_birth)) AND strpos(name_key, '?') = 0
    AND (name_level >= 6 OR NOT strange_birth)
),
related AS (
  SELECT u.no
  FROM unlike u
  JOIN alike a ON a.id_key = u.id_key
  WHERE name_level(u.name_key, u.mandarin_no, u.cantonese_no, u.shape_no,
                   a.name_key, a.mandarin_no, a.cantonese_no, a.shape_no) >= 3
    AND NOT u.strange_birth
)
SELECT no, id_number, name, id_key, name_key FROM unlike WHERE no NOT IN (SELECT no FROM related)
