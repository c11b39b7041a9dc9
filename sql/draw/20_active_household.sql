-- A row an active household of dibao, borderline and expenditure: its head's row (the active 户主, else the first active
-- row), its town (the head's, else another member's), and the first month of its active rows (null where none says).
SELECT scheme, household_no, record_id, coalesce(town, others_town) AS town, started
FROM (
  SELECT scheme, household_no, record_id, town,
         min(town) OVER (PARTITION BY scheme, household_no) AS others_town,
         min(start_month) OVER (PARTITION BY scheme, household_no) AS started,
         row_number() OVER (
           PARTITION BY scheme, household_no
           ORDER BY CASE WHEN relation = '户主' THEN 0 ELSE 1 END, record_id
         ) AS place
  FROM active_row
  WHERE scheme <> 'tekun' AND household_no IS NOT NULL
) ranked
WHERE place = 1
