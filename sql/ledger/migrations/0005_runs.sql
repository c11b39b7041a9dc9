-- Every run stays: a month that is run again stands on the new run, and the superseded one remains readable.
ALTER TABLE run RENAME TO run_0001;
ALTER TABLE finding RENAME TO finding_0001;
ALTER TABLE measure RENAME TO measure_0001;
CREATE TABLE run (
    run_no INTEGER PRIMARY KEY,      -- 1, 2, 3 … in the order they were kept
    month VARCHAR NOT NULL,
    standing BOOLEAN NOT NULL,       -- the run its month stands on: one a month
    compared_with INTEGER,           -- run_no of the month before, as it stood then; null: there was none
    version VARCHAR,
    policy VARCHAR,                  -- SHA-256 of the figures
    findings BIGINT,                 -- found this month, those dismissed included
    folder VARCHAR,                  -- OUT, as seen from the ledger's folder; null: kept before folders were
    manifest VARCHAR,                -- SHA-256 of the folder's manifest.json
    findings_sha256 VARCHAR,         -- of findings.parquet
    facts VARCHAR,                   -- JSON: datasets present, hash of every rule that ran, linkage, inputs, counts
    recorded_at TIMESTAMP            -- UTC; null: not known
);
-- A row a finding and run: those found, those no longer found, and those that could not be examined.
CREATE TABLE finding (
    run_no INTEGER NOT NULL,
    month VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    rule_id VARCHAR,
    town VARCHAR,
    status VARCHAR,                  -- new, continuing, reopened, resolved, dismissed, not_examined
    cause VARCHAR,                   -- why the status is not last month's (pipeline/ledger/causes.toml); null: as it was
    first_month VARCHAR,
    life VARCHAR,                    -- the fingerprint under which it was first seen, where a number changed since
    replaced VARCHAR,                -- the earlier finding of this subject whose place it takes
    detail BIGINT,                   -- what it said: detail.no
    evidence_text UUID               -- first half of the SHA-256 of its evidence as written in findings.parquet
);
-- What findings said, without the rows of a drop: kept once however many months it stays the same.
CREATE TABLE detail (
    no BIGINT PRIMARY KEY,
    content UUID NOT NULL,           -- of all that follows
    evidence_values UUID,            -- of the evidence's values alone: what a ruling holds for
    category VARCHAR, severity VARCHAR, confidence VARCHAR, scheme VARCHAR, village VARCHAR, household_no VARCHAR,
    name VARCHAR, id_number VARCHAR, screened BOOLEAN, evidence VARCHAR, summary VARCHAR, basis VARCHAR,
    match_probability DOUBLE, money DECIMAL(18, 2),
    records VARCHAR                  -- JSON: dataset and hash of the content of every record of the evidence
);
-- A row a roster row and run, as hashes: who was on which roster, where, and in which standing.
CREATE TABLE roster_row (
    run_no INTEGER NOT NULL, scheme VARCHAR NOT NULL, town VARCHAR, household UBIGINT, person UBIGINT, state UBIGINT,
    content UBIGINT
);
-- The pairs that a run asked people about, by what the two records say of their persons.
CREATE TABLE link_asked (
    run_no INTEGER NOT NULL, subject VARCHAR NOT NULL, ours VARCHAR NOT NULL, theirs VARCHAR NOT NULL
);
CREATE TABLE measure (run_no INTEGER NOT NULL, month VARCHAR, kind VARCHAR, subject VARCHAR, town VARCHAR, item VARCHAR,
    rows BIGINT, good BIGINT);
INSERT INTO run (run_no, month, standing, version, policy, findings)
    SELECT row_number() OVER (ORDER BY month), month, true, version, policy, findings FROM run_0001;
INSERT INTO finding (run_no, month, fingerprint, rule_id, town, status, first_month)
    SELECT r.run_no, f.month, f.fingerprint, f.rule_id, f.town, f.status, min(f.month) OVER (PARTITION BY f.fingerprint)
    FROM finding_0001 f JOIN run r USING (month);
INSERT INTO measure SELECT r.run_no, m.* FROM measure_0001 m JOIN run r USING (month);
DROP TABLE run_0001;
DROP TABLE finding_0001;
DROP TABLE measure_0001;
