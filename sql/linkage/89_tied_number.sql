-- The numbers under which a record can be about one of `roster_tie`: their own, and those that do not say who they are.
SELECT DISTINCT id_number
FROM identity_pair
WHERE id_number IS NOT NULL
  AND (id_state IN ('masked', 'old15') OR no IN (SELECT no FROM loose_pair)
       OR id_key IN (SELECT person FROM roster_tie UNION SELECT person FROM person_merge))
