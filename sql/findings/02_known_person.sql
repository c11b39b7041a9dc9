-- Persons whose number says who they are, so that 'on no roster' can be said of them at all, and the birth date it holds.
-- sound: a valid number. One whose check character does not fit is a slip of the pen: where linkage found no person for
-- it, what is said of it is probable only.
SELECT id_key AS person, min(id_birth) AS birth, bool_or(id_state IN ('valid', 'old15')) AS sound
FROM identity_pair
WHERE id_state IN ('valid', 'old15', 'checksum')
GROUP BY id_key
