-- What visitors found at a drawn household. A changed answer is a further version; the earlier ones stay.
CREATE TABLE visit (
    draw VARCHAR NOT NULL,          -- SHA-256 of the draw's certificate
    unit VARCHAR NOT NULL,          -- as in the certificate
    version INTEGER NOT NULL,       -- 1, 2, 3 …: the greatest stands
    town VARCHAR NOT NULL,
    party INTEGER,                  -- the group of towns whose staff visited
    visited_on DATE,
    conclusion VARCHAR,             -- 继续保障, 调整, 停保, 纳入, 无法核实
    answers VARCHAR NOT NULL,       -- JSON: every column of the visit ledger that visitors fill in
    source VARCHAR NOT NULL,        -- file, sheet and row
    recorded_at TIMESTAMP NOT NULL, -- UTC
    PRIMARY KEY (draw, unit, version)
);
