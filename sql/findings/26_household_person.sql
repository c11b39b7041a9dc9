-- The people of the active households, each once, by the name on the first of their rows.
SELECT scheme, household_no, person, name, head_record_id, size
FROM (
  SELECT scheme, household_no, person, name, head_record_id, size,
         row_number() OVER (PARTITION BY scheme, household_no, person ORDER BY record_id) AS place
  FROM member
) ranked
WHERE place = 1
