-- The register's rows. state: as it stood on the audit month's last day, 正常 where the change is later. normal: whether
-- the row is a normal one today, an empty status being normal. birth: as the register has it, else as the person's ID
-- number does.
SELECT h.person, h.record_id, h.name, h.hukou_no, h.relation, coalesce(h.birth_date, k.birth) AS birth, h.status_on,
       CASE WHEN h.status IN ('迁出', '注销') AND (h.status_on IS NULL OR h.status_on <= $as_of) THEN h.status
            ELSE '正常' END AS state,
       coalesce(h.status = '正常', true) AS normal
FROM household_register h
LEFT JOIN known_person k ON k.person = h.person
