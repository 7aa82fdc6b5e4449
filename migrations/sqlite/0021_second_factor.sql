-- Codes of an app beside the password. The same numbers and names stand in migrations/postgres.
CREATE TABLE second_factor (
    staff        TEXT    PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    -- Sealed; the key is not in this database.
    secret       BLOB   NOT NULL,
    -- When its first code was right; before that it does not count.
    confirmed_at INTEGER,
    -- The last step of 30 seconds whose code was used: no code works twice.
    last_step    INTEGER NOT NULL
);

CREATE TABLE recovery_code (
    -- SHA-256 of 120 random bits.
    digest BLOB PRIMARY KEY,
    staff  TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE
);
CREATE INDEX recovery_code_by_staff ON recovery_code (staff);
