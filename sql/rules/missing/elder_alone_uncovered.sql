-- id: elder_alone_uncovered
-- title: 独居老人未纳入救助
-- category: missing
-- severity: medium
-- logic: 年满{limits.elder_age}，户号上只有本人一个在世的常住成员，没有在世的配偶，没有应计入收入的养老金，又不在任何救助名册中的老人。
--   只领{lists.pension_excluded}养老金的仍列入；配偶登记在别户而在世的、与他人同户的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: household_register
-- identified: household_register
-- partly: marriage, pension, death, prison
-- policy: limits.elder_age, lists.pension_excluded
-- basis: 《特困人员认定办法》第四条至第六条；《社会救助暂行办法》第十四条
-- verify: 入户看是否独自生活，问清子女赡养、收入和养老金；符合的，协助申请特困或低保。
-- identity: hukou_no
-- summary: {name}（{born}出生）年满{elder_age}岁，户号{hukou}上只有本人在世，没有在世的配偶和应计入收入的养老金，未在任何救助名册中
-- item: 户号{hukou}
SELECT e.person AS subject, 'household_register' AS subject_dataset, e.record_id, CAST(NULL AS VARCHAR) AS scheme,
       CAST(NULL AS VARCHAR) AS household_no, 'household_register' AS evidence_dataset,
       e.record_id AS evidence_record_id, e.person AS person, h.hukou_no, h.hukou_no AS hukou, e.birth AS born,
       $limits_elder_age AS elder_age
FROM elder_alone e
JOIN lead l ON l.person = e.person
JOIN register_row h ON h.record_id = e.record_id
