-- How complete the lists are in which a loose person stands and everybody stands once: the share of all $people who have
-- a row there under a sound number. That a candidate has none says so much more the more complete the list is. Where a
-- person stands once only within a household, next to nobody has a row in that very household.
SELECT r.person, max(CASE WHEN o.whole THEN least(CAST(s.people AS DOUBLE) / $people, 0.984375) ELSE 0.0 END) AS share
FROM loose_record r
JOIN once_dataset o ON o.dataset = r.dataset
JOIN list_share s ON s.dataset = r.dataset
GROUP BY r.person
