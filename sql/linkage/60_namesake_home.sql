-- Where namesakes live, by the records under their numbers themselves.
SELECT DISTINCT own AS person, dataset, group_no, town, village, address, phone
FROM wanted_record
WHERE own IN (SELECT left_person FROM namesake UNION SELECT right_person FROM namesake)
