-- The latest assessment of a person up to the audit month's end, how many of the six it failed at least and at most (more
-- at most where one of the six is not told), and the level that follows (0: 全自理; 1-3: 半护理; 4-6: 全护理), null where
-- what is not told decides it.
SELECT person, record_id, assessed_on, failed, most_failed, result,
       CASE WHEN most_failed = 0 THEN '全自理' WHEN failed >= 1 AND most_failed <= 3 THEN '半护理'
            WHEN failed >= 4 THEN '全护理' END AS level
FROM (
  SELECT person, record_id, assessed_on, result,
         CASE WHEN eating = false THEN 1 ELSE 0 END + CASE WHEN dressing = false THEN 1 ELSE 0 END
         + CASE WHEN bed_transfer = false THEN 1 ELSE 0 END + CASE WHEN toileting = false THEN 1 ELSE 0 END
         + CASE WHEN indoor_walking = false THEN 1 ELSE 0 END + CASE WHEN bathing = false THEN 1 ELSE 0 END AS failed,
         CASE WHEN eating THEN 0 ELSE 1 END + CASE WHEN dressing THEN 0 ELSE 1 END
         + CASE WHEN bed_transfer THEN 0 ELSE 1 END + CASE WHEN toileting THEN 0 ELSE 1 END
         + CASE WHEN indoor_walking THEN 0 ELSE 1 END + CASE WHEN bathing THEN 0 ELSE 1 END AS most_failed,
         row_number() OVER (PARTITION BY person ORDER BY assessed_on DESC, record_id DESC) AS place
  FROM care_assessment
  WHERE assessed_on <= $as_of
) ranked
WHERE place = 1
