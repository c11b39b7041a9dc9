-- Persons whose register entry is cancelled or moved out, and who have no normal one.
SELECT person
FROM household_register
WHERE status IN ('正常', '迁出', '注销')
GROUP BY person
HAVING max(CASE WHEN status = '正常' THEN 1 ELSE 0 END) = 0
   AND max(CASE WHEN status <> '正常' AND (status_on IS NULL OR status_on <= $as_of) THEN 1 ELSE 0 END) = 1
