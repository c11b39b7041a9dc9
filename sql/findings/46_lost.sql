-- Persons whom no assistance can reach: dead, gone from the register, or in prison.
SELECT person FROM dead
UNION
SELECT person FROM gone
UNION
SELECT person FROM imprisoned
