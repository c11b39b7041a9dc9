-- How many people's names fit a name with a lost character: such a name agrees with all of them.
WITH asked AS (
  SELECT DISTINCT name_key FROM loose_description WHERE wild AND person IN (SELECT left_person FROM pair_code)
),
known AS (SELECT n.name_key, f.n FROM names n JOIN name_frequency f ON f.name_no = n.name_no),
fitting AS (
  SELECT a.name_key, k.name_key AS other, max(k.n) AS n
  FROM asked a
  JOIN known k ON substr(k.name_key, 1, 1) = substr(a.name_key, 1, 1) AND length(k.name_key) = length(a.name_key)
    AND k.name_key LIKE replace(a.name_key, '?', '_')
  GROUP BY a.name_key, k.name_key
  UNION ALL
  SELECT a.name_key, k.name_key, max(k.n)
  FROM asked a
  JOIN known k ON substr(k.name_key, 2) = substr(a.name_key, 2) AND length(k.name_key) = length(a.name_key)
  WHERE strpos(a.name_key, '?') = 1 AND strpos(substr(a.name_key, 2), '?') = 0
  GROUP BY a.name_key, k.name_key
)
SELECT name_key, CAST(sum(n) AS BIGINT) AS n FROM fitting GROUP BY name_key
