-- Financial assets of a person: the balances that count, added up.
SELECT person, sum(balance) AS balance
FROM latest_balance
GROUP BY person
