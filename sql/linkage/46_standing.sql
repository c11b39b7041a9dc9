-- What stands behind each sound ID number: whether it is confirmed, and the reason. Confirmed is a number that passes
-- its check, agrees with its rows' own birth date and sex and, where there is a register, is found there under an
-- agreeing name. Two confirmed numbers are two people.
SELECT p.id_key AS person, min(p.id_birth) AS birth, min(p.id_sex) AS sex,
       coalesce(min(u.reason), CASE
         WHEN bool_or(p.in_register) THEN 'register' WHEN bool_or(p.birth_date = p.id_birth) THEN 'birth_date'
         ELSE 'number' END) AS reason,
       min(u.reason) IS NULL AS confirmed
FROM identity_pair p
LEFT JOIN unconfirmed u ON u.person = p.id_key
WHERE p.id_state IN ('valid', 'old15') AND p.no NOT IN (SELECT no FROM key_conflict)
GROUP BY p.id_key
