-- Certificates in force of a severe disability: level 1 or 2 of any kind, level 3 of intellect or mind.
SELECT person, record_id, certificate_no, kind, level, issued_on, status
FROM disability
WHERE (level IN ('1', '2') OR (level = '3' AND kind IN ('智力', '精神')))
  AND (issued_on IS NULL OR issued_on <= $as_of)
  AND NOT EXISTS (
    SELECT 1 FROM word w
    WHERE w.list = 'not_in_force' AND strpos(status, w.word) > 0 AND strpos(status, '未' || w.word) = 0)
