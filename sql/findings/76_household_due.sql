-- What an active household of dibao or tekun is due in the audit month, yuan: dibao's amount once (the head's row has
-- it, else the highest of its rows), tekun's living and care money of every row. Null where a part of it is not told.
SELECT 'dibao' AS scheme, h.household_no, h.record_id, coalesce(min(CASE WHEN d.record_id = h.record_id
         THEN d.monthly_amount END), max(d.monthly_amount)) AS due
FROM household h
JOIN member m ON m.scheme = h.scheme AND m.household_no = h.household_no
JOIN dibao d ON d.record_id = m.record_id
GROUP BY h.household_no, h.record_id
UNION ALL
SELECT 'tekun', h.household_no, h.record_id,
       CASE WHEN count(*) = count(t.monthly_amount) AND count(*) = count(t.care_amount)
            THEN sum(t.monthly_amount) + sum(t.care_amount) END
FROM household h
JOIN member m ON m.scheme = h.scheme AND m.household_no = h.household_no
JOIN tekun t ON t.record_id = m.record_id
GROUP BY h.household_no, h.record_id
