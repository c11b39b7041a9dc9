-- id: paid_after_death
-- title: 死亡后继续发放
-- category: payment
-- severity: high
-- logic: 领款人或全部保障对象死亡的月份过了{limits.death_grace_months}之后，仍有发放。
--   死亡当月的发放不列入；家庭还有其他在世保障对象、领款人也在世的不列入。
-- schemes: dibao, tekun, borderline, expenditure
-- needs: payment, death
-- policy: limits.death_grace_months
-- basis: 《社会救助暂行办法》第六十六条；《特困人员认定办法》第二十六条
-- verify: 查死亡证明和逐月银行回单，看死亡以后的款项由谁领取，是补发往月、其他成员的保障金还是多发。
-- identity: first_died_on
-- money: total
-- summary: {scheme_zh}家庭{household_no}在{who}死亡（{first_died_on}）后仍发放{total}元：{items}
-- item: {month_paid}发放{amount}元
-- item_death: {origin_zh}登记{dead_name}死亡日期{died_on}
WITH payee_dead AS (
  SELECT p.record_id, d.died_on, '领款人' || coalesce(p.payee_name, '') AS who
  FROM payment p
  JOIN dead d ON d.person = p.person
),
-- The household's covered members as of the payment: those covered in its month; where nobody was, those who had been
-- before; else whoever. One who had left, alive or dead, is none beside those who were still covered.
bereaved AS (
  SELECT DISTINCT r.scheme, r.household_no
  FROM roster r
  JOIN dead d ON d.person = r.person
  WHERE r.covered
),
standing AS (
  SELECT p.record_id, r.person,
         CASE WHEN r.start_month > p.month THEN 0 WHEN r.stop_month <= p.month THEN 1 ELSE 2 END AS place
  FROM payment p
  JOIN bereaved b ON b.scheme = p.scheme AND b.household_no = p.household_no
  JOIN roster r ON r.scheme = p.scheme AND r.household_no = p.household_no AND r.covered
),
covered_then AS (
  SELECT record_id, person
  FROM (
    SELECT record_id, person, place, max(place) OVER (PARTITION BY record_id) AS first_place
    FROM standing
  ) placed
  WHERE place = first_place
),
all_dead AS (
  SELECT i.record_id, max(d.died_on) AS died_on, '全部保障对象' AS who
  FROM covered_then i
  LEFT JOIN dead d ON d.person = i.person
  GROUP BY i.record_id
  HAVING count(*) = count(d.died_on)
),
late AS (
  SELECT p.record_id, p.scheme, p.household_no, p.month, p.amount, p.paid_on,
         CASE WHEN month_index(p.month) > month_index(month_of(y.died_on)) + $limits_death_grace_months
              THEN y.died_on ELSE a.died_on END AS died_on,
         CASE WHEN month_index(p.month) > month_index(month_of(y.died_on)) + $limits_death_grace_months
              THEN y.who ELSE a.who END AS who
  FROM payment p
  LEFT JOIN payee_dead y ON y.record_id = p.record_id
  LEFT JOIN all_dead a ON a.record_id = p.record_id
  WHERE month_index(p.month) > month_index(month_of(y.died_on)) + $limits_death_grace_months
     OR month_index(p.month) > month_index(month_of(a.died_on)) + $limits_death_grace_months
),
told AS (
  SELECT coalesce(l.scheme, '') || '|' || coalesce(l.household_no, l.record_id) AS subject,
         CASE WHEN h.record_id IS NULL THEN 'payment' ELSE l.scheme END AS subject_dataset,
         coalesce(h.record_id, min(l.record_id) OVER (PARTITION BY l.scheme, coalesce(l.household_no, l.record_id)))
           AS record_id,
         l.scheme, l.household_no, l.record_id AS payment_id, l.month, l.amount, l.paid_on, l.who,
         l.died_on AS first_died_on,
         sum(l.amount) OVER (PARTITION BY l.scheme, coalesce(l.household_no, l.record_id)) AS total
  FROM late l
  LEFT JOIN household h ON h.scheme = l.scheme AND h.household_no = l.household_no
),
dead_of AS (
  SELECT t.payment_id, p.person
  FROM told t
  JOIN payment p ON p.record_id = t.payment_id
  WHERE t.who <> '全部保障对象'
  UNION
  SELECT t.payment_id, i.person
  FROM told t
  JOIN covered_then i ON i.record_id = t.payment_id
  WHERE t.who = '全部保障对象'
)
SELECT t.subject, t.subject_dataset, t.record_id, t.scheme, t.household_no,
       'payment' AS evidence_dataset, t.payment_id AS evidence_record_id,
       t.month AS month_paid, t.amount, t.paid_on, t.who, t.first_died_on, t.total,
       CAST(NULL AS VARCHAR) AS dead_name, CAST(NULL AS DATE) AS died_on, CAST(NULL AS VARCHAR) AS origin_zh
FROM told t
UNION ALL
SELECT t.subject, t.subject_dataset, t.record_id, t.scheme, t.household_no, 'death', d.record_id,
       CAST(NULL AS VARCHAR), CAST(NULL AS DECIMAL(18, 2)), CAST(NULL AS DATE), t.who, t.first_died_on, t.total,
       d.name, d.died_on, coalesce(d.origin, '死亡数据')
FROM told t
JOIN dead_of o ON o.payment_id = t.payment_id
JOIN death d ON d.person = o.person AND d.died_on <= $as_of
