-- How much the candidates of each list's loose people come to: for each loose person the evidence for all candidates
-- together (bits, in eighths; null where nobody is a candidate), counted. Only who can be found at all counts: a name,
-- and a birth date or a part of a number. Exact sums, so that no order of rows changes them.
WITH best AS (SELECT left_person, weight, max(weight) OVER (PARTITION BY left_person) AS top FROM weighed),
summed AS (
  SELECT left_person, top,
         sum(CAST(floor(pow(2.0, greatest(weight - top, -60.0)) * 1099511627776) AS BIGINT)) AS parts
  FROM best
  GROUP BY left_person, top
),
asked AS (
  SELECT DISTINCT person, dataset
  FROM loose_record
  WHERE person IN (SELECT person FROM loose_person)
    AND person IN (
      SELECT person FROM loose_description
      WHERE name_no IS NOT NULL AND (born IS NOT NULL OR id_ends IS NOT NULL OR id_tail IS NOT NULL))
)
SELECT a.dataset,
       CAST(floor(rounded((s.top + log2(CAST(s.parts AS DOUBLE)) - 40) * 8, 4)) AS BIGINT) AS eighths,
       CAST(count(*) AS BIGINT) AS n
FROM asked a
LEFT JOIN summed s ON s.left_person = a.person
GROUP BY a.dataset, CAST(floor(rounded((s.top + log2(CAST(s.parts AS DOUBLE)) - 40) * 8, 4)) AS BIGINT)
