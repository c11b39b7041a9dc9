-- The latest assessment of a person up to the audit month's end, how many of the six it failed (null where one of
-- the six is not told), and the level that follows (0: 全自理; 1-3: 半护理; 4-6: 全护理).
SELECT person, record_id, assessed_on, failed, result,
       CASE WHEN failed = 0 THEN '全自理' WHEN failed BETWEEN 1 AND 3 THEN '半护理' WHEN failed >= 4 THEN '全护理' END AS level
FROM (
  SELECT person, record_id, assessed_on, result,
         CASE WHEN eating THEN 0 ELSE 1 END + CASE WHEN dressing THEN 0 ELSE 1 END
         + CASE WHEN bed_transfer THEN 0 ELSE 1 END + CASE WHEN toileting THEN 0 ELSE 1 END
         + CASE WHEN indoor_walking THEN 0 ELSE 1 END + CASE WHEN bathing THEN 0 ELSE 1 END
         + CASE WHEN eating IS NULL OR dressing IS NULL OR bed_transfer IS NULL OR toileting IS NULL
                  OR indoor_walking IS NULL OR bathing IS NULL THEN NULL ELSE 0 END AS failed,
         row_number() OVER (PARTITION BY person ORDER BY assessed_on DESC, record_id DESC) AS place
  FROM care_assessment
  WHERE assessed_on <= $as_of
) ranked
WHERE place = 1
