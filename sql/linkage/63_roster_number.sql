-- Every way in which a roster person's number is written.
SELECT DISTINCT id_number FROM identity_pair WHERE id_key IN (SELECT id_key FROM identity_pair WHERE on_roster)
