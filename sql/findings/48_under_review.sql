-- Persons without a roster row of their own whose tie to one a person has yet to judge: neither on a roster nor
-- missing from it.
SELECT DISTINCT r.person
FROM links l
JOIN reached_record r ON r.record_id = l.record_id OR r.record_id = l.roster_record_id
WHERE l.decision = 'review' AND r.person NOT IN (SELECT person FROM roster)
