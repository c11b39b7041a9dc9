-- Who lives in which register household: the normal rows.
SELECT DISTINCT person, hukou_no FROM register_row WHERE normal AND hukou_no IS NOT NULL
