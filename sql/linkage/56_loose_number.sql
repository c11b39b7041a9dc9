-- The numbers under which a loose record can stand: those of loose pairs, and masked ones.
SELECT DISTINCT id_number
FROM identity_pair
WHERE id_number IS NOT NULL AND (id_state = 'masked' OR no IN (SELECT no FROM loose_pair))
