-- Who stands together, by the person each record names itself: the households of the rosters, and those of other lists
-- (register, monitored households …) in which a person of a roster stands, or somebody loose who bears the name and
-- birth date of one.
WITH roster_member AS (
  SELECT DISTINCT group_no, dataset, own FROM roster_record WHERE group_no IS NOT NULL
),
other AS (
  SELECT group_no, dataset, own FROM person_record WHERE group_no IS NOT NULL AND roster_order = 0
)
SELECT group_no, dataset, own FROM roster_member
UNION
SELECT o.group_no, o.dataset, o.own
FROM other o
WHERE o.group_no IN (
  SELECT group_no FROM other WHERE own IN (SELECT own FROM roster_record)
  UNION
  SELECT group_no FROM loose_record
  WHERE group_no IS NOT NULL
    AND name || strftime(birth_date, '%Y%m%d') IN (SELECT name || strftime(birth_date, '%Y%m%d') FROM roster_record)
  UNION
  SELECT group_no FROM roster_member)
