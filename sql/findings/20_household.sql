-- A row a household of the four schemes: its head's row (the active 户主, else the first active row, else of all rows),
-- its area (the head's, else what its other active rows say; null where they do not say or disagree), its size (active
-- rows), and its stop month when every row is stopped.
SELECT scheme, household_no, record_id, person, name, town, village, coalesce(area, others_area) AS area, size,
       stopped_from
FROM (
  SELECT scheme, household_no, record_id, person, name, town, village, area,
         CASE WHEN min(CASE WHEN active THEN area END) OVER (PARTITION BY scheme, household_no)
                 = max(CASE WHEN active THEN area END) OVER (PARTITION BY scheme, household_no)
              THEN min(CASE WHEN active THEN area END) OVER (PARTITION BY scheme, household_no) END AS others_area,
         sum(CASE WHEN active THEN 1 ELSE 0 END) OVER (PARTITION BY scheme, household_no) AS size,
         CASE WHEN count(stop_month) OVER (PARTITION BY scheme, household_no)
                 = count(*) OVER (PARTITION BY scheme, household_no)
              THEN max(stop_month) OVER (PARTITION BY scheme, household_no) END AS stopped_from,
         row_number() OVER (
           PARTITION BY scheme, household_no
           ORDER BY CASE WHEN active THEN 0 ELSE 1 END, CASE WHEN relation = '户主' THEN 0 ELSE 1 END, record_id
         ) AS place
  FROM roster
  WHERE household_no IS NOT NULL
) ranked
WHERE place = 1
