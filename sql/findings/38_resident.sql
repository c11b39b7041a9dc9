-- Who lives in which register household: the normal rows; hukou_no is null where it is not told.
SELECT DISTINCT person, hukou_no FROM register_row WHERE normal
