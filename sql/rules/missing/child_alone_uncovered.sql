-- id: child_alone_uncovered
-- title: 无人抚养儿童未纳入救助
-- category: missing
-- severity: medium
-- logic: 不满{limits.child_age}，同一户号上有成年人，但每个成年人都已死亡、户籍注销或正在服刑，又不在任何救助名册中的儿童。
--   户内有成年人只是迁出的不列入（视为在外健在）；正在领取困境儿童补贴的不列入；户号上从来没有成年人的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: household_register, death|prison
-- identified: household_register
-- partly: child_welfare
-- policy: limits.child_age
-- basis: 《特困人员认定办法》第四条、第九条；《社会救助暂行办法》第十四条
-- verify: 入户看儿童现由谁抚养，查父母死亡、服刑等证明和监护情况；符合的，协助申请困境儿童保障或救助。
-- identity: adult_name, fate
-- summary: {name}（{born}出生）户内成年人都不能照料：{items}；本人未在任何救助名册和困境儿童名单中
-- item: {adult_name}{fate}
WITH fate AS (
  SELECT c.person, c.record_id, c.birth, c.adult_name, c.adult_record_id, 'death' AS dataset, d.record_id AS evidence_id,
         coalesce('已于' || strftime(d.died_on, '%Y-%m-%d') || '死亡', '已死亡（日期未载明）') AS fate
  FROM child_alone c
  JOIN death d ON d.person = c.adult AND (d.died_on IS NULL OR d.died_on <= $as_of)
  UNION ALL
  SELECT c.person, c.record_id, c.birth, c.adult_name, c.adult_record_id, 'prison', p.record_id,
         '正在服刑（' || strftime(p.from_on, '%Y-%m-%d') || '起）'
  FROM child_alone c
  JOIN prison p ON p.person = c.adult AND p.from_on <= $as_of AND (p.until_on IS NULL OR p.until_on >= $as_of)
  WHERE NOT c.died
  UNION ALL
  SELECT c.person, c.record_id, c.birth, c.adult_name, c.adult_record_id, 'household_register', c.adult_record_id,
         '户籍已注销'
  FROM child_alone c
  WHERE NOT c.died AND NOT c.jailed
)
SELECT f.person AS subject, 'household_register' AS subject_dataset, f.record_id, CAST(NULL AS VARCHAR) AS scheme,
       CAST(NULL AS VARCHAR) AS household_no, f.dataset AS evidence_dataset, f.evidence_id AS evidence_record_id,
       f.person AS person, 'household_register' AS via_dataset,
       f.adult_record_id AS via_record_id, f.adult_name, f.fate, f.birth AS born
FROM fate f
JOIN lead l ON l.person = f.person
WHERE f.person NOT IN (
  SELECT person FROM child_welfare
  WHERE (start_month IS NULL OR start_month <= $month) AND (stop_month IS NULL OR stop_month > $month))
