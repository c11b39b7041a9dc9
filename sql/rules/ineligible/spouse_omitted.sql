-- id: spouse_omitted
-- title: 配偶未列入家庭成员
-- category: ineligible
-- severity: medium
-- logic: 在册家庭的成员（含非保障对象）最近一次婚姻登记为结婚，配偶在世，而家庭名册中没有配偶这一行。
--   最近一次登记为离婚的、配偶已死亡或户籍已注销的、家庭中有配偶（按身份证号或姓名）的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: marriage
-- partly: death, household_register
-- basis: 《最低生活保障审核确认办法》第七条
-- verify: 查结婚证和户口簿，入户问配偶是否共同生活、现在何处、有无收入；称已离婚的，要有离婚证或判决书。
-- identity: married_to
-- summary: {name}的{scheme_zh}家庭{household_no}没有列入配偶：{items}
-- item: {registered_zh}与{spouse_zh}登记结婚
WITH omitted AS (
  SELECT m.scheme, m.household_no, m.record_id, m.person, s.spouse, s.spouse_name, s.numbered, s.registered_on,
         s.record_id AS marriage_id
  FROM member m
  JOIN spouse s ON s.person = m.person
  WHERE s.alive AND (s.spouse IS NOT NULL OR s.spouse_name IS NOT NULL)
    AND NOT EXISTS (
      SELECT 1 FROM roster r
      WHERE r.scheme = m.scheme AND r.household_no = m.household_no
        -- the spouse's number under an unlike name is told as a conflict of identity, not here
        AND (r.person = s.spouse OR strpos(r.person, s.spouse || '|') = 1))
),
-- The spouse's number may be mistyped: another of the household's rows that bears the name is the spouse as well, and so
-- is one whose name is a character longer or shorter where not both have a number of another birth date.
named AS (
  SELECT DISTINCT o.marriage_id, o.record_id
  FROM omitted o
  JOIN roster r ON r.scheme = o.scheme AND r.household_no = o.household_no AND r.person <> o.person
  JOIN names a ON a.name = o.spouse_name
  JOIN names b ON b.name = r.name
  LEFT JOIN known_person t ON t.person = o.spouse
  LEFT JOIN known_person k ON k.person = r.person
  WHERE name_level(a.name_key, a.mandarin_no, a.cantonese_no, a.shape_no,
                   b.name_key, b.mandarin_no, b.cantonese_no, b.shape_no)
        >= CASE WHEN o.numbered AND k.sound AND t.birth IS DISTINCT FROM k.birth THEN 3 ELSE 2 END
)
SELECT o.person AS subject, o.scheme AS subject_dataset, o.record_id, o.scheme, o.household_no,
       'marriage' AS evidence_dataset, o.marriage_id AS evidence_record_id,
       o.spouse_name, o.registered_on, coalesce(o.spouse_name, '姓名未载明的配偶') AS spouse_zh,
       coalesce(strftime(o.registered_on, '%Y-%m-%d'), '日期未载明，') AS registered_zh,
       coalesce(o.spouse, o.spouse_name) AS married_to
FROM omitted o
LEFT JOIN named n ON n.marriage_id = o.marriage_id AND n.record_id = o.record_id
WHERE n.record_id IS NULL
