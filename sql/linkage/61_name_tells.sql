-- A name tells something of who bears it: two people of one name are of one sex, and born in one year, far oftener than
-- any two. That much less (bits, 0 or below) an agreeing sex or year of birth says beside an agreeing name. Counted over
-- one name in eight, among pairs born on different days (one person under two spellings is no pair), with two hundred
-- pairs of strangers added.
WITH cell AS (
  SELECT name_no, born, born_year, id_sex, CAST(count(*) AS DOUBLE) AS n
  FROM sound_key
  WHERE name_no % 8 = 0 AND born IS NOT NULL AND id_sex IS NOT NULL
  GROUP BY name_no, born, born_year, id_sex
),
namesakes AS (
  SELECT (SELECT sum(n * n) FROM (SELECT sum(n) AS n FROM cell GROUP BY name_no) AS name)
           - (SELECT sum(n * n) FROM (SELECT sum(n) AS n FROM cell GROUP BY name_no, born) AS born) AS pairs,
         (SELECT sum(n * n) FROM (SELECT sum(n) AS n FROM cell GROUP BY name_no, id_sex) AS sex)
           - (SELECT sum(n * n) FROM cell) AS one_sex,
         (SELECT sum(n * n) FROM (SELECT sum(n) AS n FROM cell GROUP BY name_no, born_year) AS year)
           - (SELECT sum(n * n) FROM (SELECT sum(n) AS n FROM cell GROUP BY name_no, born) AS born) AS one_year
),
strangers AS (
  SELECT (SELECT sum(n * n) FROM (SELECT sum(n) AS n FROM cell GROUP BY id_sex) AS sex) / (sum(n) * sum(n)) AS one_sex,
         (SELECT sum(n * n) FROM (SELECT sum(n) AS n FROM cell GROUP BY born_year) AS year) / (sum(n) * sum(n)) AS one_year
  FROM cell
)
SELECT coalesce(rounded(least(0.0, log2(s.one_sex * (n.pairs + 200) / (n.one_sex + 200 * s.one_sex))), 3), 0.0) AS sex,
       coalesce(rounded(least(0.0, log2(s.one_year * (n.pairs + 200) / (n.one_year + 200 * s.one_year))), 3), 0.0) AS year
FROM namesakes n
CROSS JOIN strangers s
