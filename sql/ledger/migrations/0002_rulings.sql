-- What people decided about a finding or a link. Never changed and never deleted: a later ruling stands before it.
CREATE TABLE ruling (
    ruling_no BIGINT PRIMARY KEY,   -- 1, 2, 3 … in the order they came in
    kind VARCHAR NOT NULL,          -- finding, link
    subject VARCHAR NOT NULL,       -- the finding's fingerprint; the link's two sides
    verdict VARCHAR NOT NULL,       -- finding: confirmed, dismissed, in_process, mended; link: same, different, unknown
    reason VARCHAR,                 -- in the words of the person who decided
    decided_by VARCHAR,
    decided_on DATE,
    valid_until DATE,               -- null: until its evidence changes
    month VARCHAR,                  -- the audit month whose outputs were ruled on
    evidence VARCHAR,               -- SHA-256 of what the finding or link rested on then
    source VARCHAR,                 -- file, sheet and row it was read from; or the review page
    recorded_at TIMESTAMP NOT NULL  -- UTC
);
