-- Perhaps one person with two sound numbers, left to a person at first (60_two_numbers): two people, once a loose row has
-- turned out to be one of them and stands beside the other in a list that has everybody once.
WITH asked AS (
  SELECT left_person, right_person FROM pair_decision WHERE reason = 'two_numbers' AND decision = 'review'
),
side AS (SELECT left_person AS person FROM asked UNION SELECT right_person FROM asked),
listed AS (
  SELECT h.person, h.dataset FROM namesake_home h JOIN side s ON s.person = h.person
  UNION
  SELECT m.merged, r.dataset FROM side s JOIN person_merge m ON m.merged = s.person JOIN loose_record r ON r.own = m.person
)
SELECT DISTINCT a.left_person, a.right_person
FROM asked a
JOIN listed l ON l.person = a.left_person
JOIN listed r ON r.person = a.right_person AND r.dataset = l.dataset
JOIN once_dataset o ON o.dataset = l.dataset AND o.whole
