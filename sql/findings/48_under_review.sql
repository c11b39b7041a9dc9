-- Persons without a roster row of their own whose tie to one a person has yet to judge: neither on a roster nor
-- missing from it.
SELECT DISTINCT r.person
FROM reached_record r
JOIN (
  SELECT record_id FROM links WHERE decision = 'review'
  UNION
  SELECT roster_record_id FROM links WHERE decision = 'review'
) open_question ON open_question.record_id = r.record_id
WHERE r.person NOT IN (SELECT person FROM roster)
