-- What a member of staff has taken down of a call or a visit and not stored, so that leaving the form loses nothing. It goes when
-- it is stored or discarded, when the account is disabled, and after thirty days in which nobody touched it. The same numbers
-- and names stand in migrations/postgres.
CREATE TABLE call_draft (
    -- The member's id and the form's name: what is sealed here opens in no other row.
    id      TEXT    PRIMARY KEY,
    staff   TEXT    NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    -- Sealed: every answer as typed.
    form    BLOB    NOT NULL,
    kept_at INTEGER NOT NULL
);
CREATE INDEX call_draft_by_staff ON call_draft (staff, kept_at);
CREATE INDEX call_draft_by_time ON call_draft (kept_at);
