-- What every month found, and what its data measured. Also the form of ledgers kept before there were migrations.
CREATE TABLE IF NOT EXISTS run (month VARCHAR PRIMARY KEY, version VARCHAR, policy VARCHAR, findings BIGINT);
CREATE TABLE IF NOT EXISTS finding (month VARCHAR, fingerprint VARCHAR, rule_id VARCHAR, town VARCHAR, status VARCHAR);
CREATE TABLE IF NOT EXISTS measure (month VARCHAR, kind VARCHAR, subject VARCHAR, town VARCHAR, item VARCHAR,
    rows BIGINT, good BIGINT);
