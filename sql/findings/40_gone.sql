-- Persons whose register entry is cancelled or moved out, and who have no normal one.
SELECT person
FROM register_row
GROUP BY person
HAVING max(CASE WHEN state = '正常' THEN 1 ELSE 0 END) = 0
