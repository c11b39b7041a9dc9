-- Persons not enrolled whose tie to an enrolled row a person has yet to judge: neither enrolled nor missing. Where the
-- row in question is stopped or a mere co-resident's, the answer would change nothing: they are not among these.
WITH tie AS (
  SELECT roster_record_id AS a, record_id AS b FROM links WHERE decision = 'review'
  UNION ALL
  SELECT record_id, roster_record_id FROM links WHERE decision = 'review'
)
SELECT DISTINCT r.person, r.record_id, o.record_id AS roster_record_id, o.scheme, o.household_no, o.name
FROM tie t
JOIN roster o ON o.record_id = t.a AND o.active AND o.covered
JOIN reached_record r ON r.record_id = t.b
WHERE r.person NOT IN (SELECT person FROM enrolled)
