-- Persons whose own number is right, so that 'on no roster' can be said of them at all.
SELECT DISTINCT id_key AS person FROM identity_pair WHERE id_state IN ('valid', 'old15')
