-- Financial assets of a person: the balances that count, added up.
SELECT person, sum(balance) AS balance, min(record_id) AS record_id
FROM latest_balance
GROUP BY person
