-- The numbers of notices that stop support: counted on within a year, one a household and month of the draw. A number
-- once given stays, also when the answers change.
CREATE TABLE notice (
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,        -- 1, 2, 3 … within the year
    month VARCHAR NOT NULL,         -- of the draw
    unit VARCHAR NOT NULL,          -- as in the certificate
    town VARCHAR NOT NULL,
    numbered_on DATE NOT NULL,      -- the day of the decision when it was numbered
    issued_on DATE NOT NULL,        -- the day of the decision that stands on it: later after another visit
    answers VARCHAR NOT NULL,       -- SHA-256 of the visit's answers that the decision of issued_on rested on
    recorded_at TIMESTAMP NOT NULL, -- UTC
    PRIMARY KEY (year, number),
    UNIQUE (month, unit)
);
-- What a group handed in, and when. A later entry stands before an earlier one.
CREATE TABLE handed_in (
    draws VARCHAR NOT NULL,         -- SHA-256 of the certificates, in their order, parted by commas
    party INTEGER NOT NULL,
    handed_on DATE NOT NULL,
    recorded_at TIMESTAMP NOT NULL  -- UTC
);
