-- id: household_split
-- title: 一户分立多户
-- category: ineligible
-- severity: medium
-- logic: 同一户号下（户籍正常）的不同的人，分在两个以上在册的低保家庭中，每个户号一条。
--   两个家庭只是同一人重复登记的，由“同一救助重复享受”单列；已停保的、分在低保与其他救助中的不列入。
-- schemes: dibao
-- needs: household_register
-- basis: 《最低生活保障审核确认办法》第四条、第七条
-- verify: 查户口簿并入户看是否共同生活；称已分户的，看住房、收支是否分开，要有分户的依据。
-- identity: hukou_no, household
-- summary: 户号{hukou_no}下的人分在{households}个低保家庭中：{items}
-- item: {member}在低保家庭{household}
WITH living AS (
  SELECT DISTINCT s.hukou_no, p.household_no, p.person, p.name, p.head_record_id
  FROM household_person p
  JOIN resident s ON s.person = p.person
  WHERE p.scheme = 'dibao'
),
own AS (
  SELECT a.hukou_no, a.household_no, a.person, b.household_no AS other
  FROM living a
  JOIN living b ON b.hukou_no = a.hukou_no
  WHERE NOT EXISTS (
    SELECT 1 FROM household_person x
    WHERE x.scheme = 'dibao' AND x.household_no = b.household_no AND x.person = a.person)
),
apart AS (
  SELECT DISTINCT a.hukou_no, a.household_no
  FROM own a
  JOIN own b ON b.hukou_no = a.hukou_no AND b.household_no = a.other AND b.other = a.household_no
),
counted AS (
  SELECT hukou_no, count(*) AS households FROM apart GROUP BY hukou_no
),
split AS (
  SELECT l.hukou_no, l.household_no, l.person, l.name, l.head_record_id, c.households
  FROM living l
  JOIN apart a ON a.hukou_no = l.hukou_no AND a.household_no = l.household_no
  JOIN counted c ON c.hukou_no = l.hukou_no
)
SELECT s.hukou_no AS subject, 'dibao' AS subject_dataset, s.head_record_id AS record_id, 'dibao' AS scheme,
       s.household_no, 'dibao' AS evidence_dataset, m.record_id AS evidence_record_id,
       s.name AS member, s.hukou_no, s.household_no AS household, s.households
FROM split s
JOIN member m ON m.scheme = 'dibao' AND m.household_no = s.household_no AND m.person = s.person
UNION ALL
SELECT s.hukou_no, 'dibao', s.head_record_id, 'dibao', s.household_no, 'household_register', h.record_id,
       s.name, s.hukou_no, s.household_no, s.households
FROM split s
JOIN register_row h ON h.hukou_no = s.hukou_no AND h.person = s.person AND h.normal
