-- How likely two sound numbers under one name, birth date and sex are one person's, where the register does not know them
-- apart: such pairs are far more than chance would bring, but a common name meets its like by chance as well. found =
-- such pairs a number outside the register; chance = that two people were born on one day, of one sex.
WITH pair AS (
  SELECT least(left_person, right_person) AS person, greatest(left_person, right_person) AS other, min(name_no) AS name_no
  FROM namesake
  GROUP BY least(left_person, right_person), greatest(left_person, right_person)
),
rate AS (
  SELECT (SELECT count(*) FROM pair) / greatest((SELECT count(*) FROM unconfirmed WHERE NOT loose), 1) AS found,
         (SELECT sum(n * n) / greatest(sum(n) * sum(n), 1) / 2 FROM (
           SELECT count(*) AS n FROM sound_key WHERE born IS NOT NULL GROUP BY born) AS day) AS chance
),
likely AS (
  SELECT p.person, p.other, rounded(r.found / (r.found + f.n * r.chance), 6) AS same
  FROM pair p
  JOIN name_frequency f ON f.name_no = p.name_no
  CROSS JOIN rate r
)
SELECT person, other, same FROM likely
UNION ALL
SELECT other, person, same FROM likely
