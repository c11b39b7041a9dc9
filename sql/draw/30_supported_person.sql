-- A row an active person of tekun: the first of the rows that repeat one number (or name, where there is none) under one
-- household number. sharing: how many persons are under the number; place: which of them, in the order of ID numbers.
SELECT household_no, record_id, town, care, sharing,
       row_number() OVER (PARTITION BY household_no ORDER BY id_number NULLS LAST, name, record_id) AS place
FROM (
  SELECT household_no, record_id, name, id_number, town, care,
         count(*) OVER (PARTITION BY household_no) AS sharing
  FROM (
    SELECT household_no, record_id, name, id_number, town, care,
           row_number() OVER (PARTITION BY household_no, coalesce(id_number, name) ORDER BY record_id) AS copy
    FROM active_row
    WHERE scheme = 'tekun' AND household_no IS NOT NULL
  ) numbered
  WHERE copy = 1
) shared
