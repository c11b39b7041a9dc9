-- The households, in whatever list, that are worth knowing: those of the rosters, and those of other lists (register,
-- monitored households …) in which a person of a roster stands, or somebody loose who bears the name and birth date of
-- one.
SELECT group_no FROM roster_record WHERE group_no IS NOT NULL
UNION
SELECT group_no
FROM under_roster_number
WHERE group_no IS NOT NULL AND roster_order = 0 AND own IN (SELECT own FROM roster_record)
UNION
SELECT group_no
FROM loose_record
WHERE group_no IS NOT NULL
  AND name || strftime(birth_date, '%Y%m%d') IN (SELECT name || strftime(birth_date, '%Y%m%d') FROM roster_record)
