-- Who did what with the ledger and its runs, and when: added to, never changed. Every row's hash covers the hash of the
-- row before, so that no row can be altered or taken out without the rows after it saying so.
CREATE TABLE access (
    no BIGINT PRIMARY KEY,          -- 1, 2, 3 … without a gap
    noted_at TIMESTAMP NOT NULL,    -- UTC
    who VARCHAR NOT NULL,           -- the account of the operating system
    did VARCHAR NOT NULL,           -- run, rulings, visits, papers, export, purge
    about VARCHAR NOT NULL,         -- JSON: months, counts, names of folders; no names of people, no numbers of theirs
    before VARCHAR NOT NULL,        -- the hash of the row before; '' of the first
    hash VARCHAR NOT NULL           -- SHA-256 of all of the above
);
-- When a run's sector data and workbooks were removed; null: they are there.
ALTER TABLE run ADD COLUMN purged_at TIMESTAMP;
