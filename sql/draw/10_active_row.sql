-- The active rows of the four schemes' rosters: what a draw needs of them. A row without a household number stays here,
-- to be counted; it belongs to no unit.
SELECT 'dibao' AS scheme, household_no, record_id, name, id_number, town, relation, start_month,
       CAST(NULL AS VARCHAR) AS care
FROM dibao
WHERE (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
UNION ALL
SELECT 'tekun', household_no, record_id, name, id_number, town, CAST(NULL AS VARCHAR), start_month,
       coalesce(self_care, CASE care_level WHEN '全护理' THEN '失能' WHEN '半护理' THEN '半失能' ELSE care_level END)
FROM tekun
WHERE (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
UNION ALL
SELECT 'borderline', household_no, record_id, name, id_number, town, relation, start_month, CAST(NULL AS VARCHAR)
FROM borderline
WHERE (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
UNION ALL
SELECT 'expenditure', household_no, record_id, name, id_number, town, relation, start_month, CAST(NULL AS VARCHAR)
FROM expenditure
WHERE (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month)
