-- Each candidate pair's weight in bits: its pattern's, and what the name's own frequency adds (a rare name that agrees
-- says more than a common one), less what the name has said of sex and year of birth already; a place that is free in a
-- list where a person stands once says as much as the list is complete. code: the pattern as one number.
SELECT l.*,
       rounded(w.weight + CASE
         WHEN l.name >= 6 THEN least(8.0, greatest(-8.0, log2($name_equal_u * $people / coalesce(f.n, 1))))
         WHEN l.name = 5 AND x.n IS NOT NULL
           THEN least(8.0, greatest(-8.0, log2($name_wild_u * $people / x.n)))
         WHEN l.name >= 1 AND s.n IS NOT NULL THEN least(8.0, greatest(-8.0, log2($surname_square * $known / s.n)))
         ELSE 0.0
       END + CASE
         WHEN l.name >= 6 THEN CASE WHEN l.sex = 1 THEN t.sex ELSE 0.0 END + CASE WHEN l.birth >= 1 THEN t.year ELSE 0.0 END
         ELSE 0.0
       END + CASE WHEN l.once = 1 THEN log2($free_u / (1 - coalesce(h.share, 0.0))) ELSE 0.0 END, 3) AS weight
FROM pair_code l
CROSS JOIN name_tells t
JOIN pattern_weight w ON w.code = l.code
LEFT JOIN name_frequency f ON f.name_no = l.name_no
LEFT JOIN wild_frequency x ON x.name_key = l.wild_name
LEFT JOIN surname_frequency s ON s.surname_no = l.surname_no
LEFT JOIN once_share h ON h.person = l.left_person
