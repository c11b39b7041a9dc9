-- (loose person, person of another household list): somebody of the loose person's household stands in a household of
-- another list together with them, who is not in the first household already.
WITH sure AS (SELECT * FROM mates_household WHERE mate NOT IN (SELECT person FROM loose_person))
SELECT DISTINCT h.loose_person AS left_person, r.person AS right_person
FROM sure h
JOIN group_member r ON r.group_no = h.group_no AND r.dataset = h.dataset
LEFT JOIN (SELECT DISTINCT loose_person, mate FROM mates_household) m
  ON m.loose_person = h.loose_person AND m.mate = r.person
WHERE r.person <> h.mate AND r.person <> h.loose_person AND m.mate IS NULL
