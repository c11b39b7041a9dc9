-- Who stands together, by the person each record names itself: the households of the rosters and those asked about.
SELECT group_no, dataset, own FROM roster_record WHERE group_no IS NOT NULL
UNION
SELECT group_no, dataset, own FROM asked_household_record WHERE roster_order = 0
