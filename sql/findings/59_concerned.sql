-- Everybody whose wealth a rule may ask for: members of active households, and of those that screening looks into.
SELECT person FROM member
UNION
SELECT person FROM unit_member
