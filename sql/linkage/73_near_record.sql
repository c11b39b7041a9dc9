-- The records of those wanted, as far as they say where the person lives or can be
-- reached, or stand in a list in which a person stands once.
SELECT person, dataset, town, village, address, phone, account, group_no
FROM wanted_record
WHERE person IN (SELECT person FROM wanted_person)
  AND (town IS NOT NULL OR address IS NOT NULL OR phone IS NOT NULL OR account IS NOT NULL
       OR group_no IS NOT NULL OR dataset IN (SELECT dataset FROM once_dataset))
