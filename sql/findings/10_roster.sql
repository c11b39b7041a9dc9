-- Every row of the four schemes' rosters in one shape. active: paid in the audit month; covered: not a mere co-resident.
SELECT 'dibao' AS scheme, household_no, record_id, person, tier, name, id_number, town, village, area, relation,
       coalesce(covered, true) AS covered, start_month, stop_month, stop_reason,
       (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month) AS active
FROM dibao
UNION ALL
SELECT 'tekun', household_no, record_id, person, tier, name, id_number, town, village, area, CAST(NULL AS VARCHAR),
       true, start_month, stop_month, stop_reason,
       (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
FROM tekun
UNION ALL
SELECT 'borderline', household_no, record_id, person, tier, name, id_number, town, village, area, relation,
       true, start_month, stop_month, stop_reason,
       (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
FROM borderline
UNION ALL
SELECT 'expenditure', household_no, record_id, person, tier, name, id_number, town, village, area, relation,
       true, start_month, stop_month, stop_reason,
       (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
FROM expenditure
