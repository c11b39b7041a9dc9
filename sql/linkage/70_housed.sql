-- Loose persons whose household could be compared at all: somebody of it stands in another household list.
SELECT DISTINCT loose_person AS person FROM mates_household
