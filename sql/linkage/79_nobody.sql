-- For each loose person that weight; in several lists, of the one that knows most of its people elsewhere.
SELECT r.person, min(p.bits) AS bits
FROM loose_record r
JOIN list_prior p ON p.dataset = r.dataset
GROUP BY r.person
