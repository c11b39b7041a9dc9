-- Everybody whose wealth a rule may ask for: members of active households, and the households of leads.
SELECT person FROM member
UNION
SELECT resident FROM lead_resident
