-- What somebody has begun to write about an inquiry and not sent yet: one draft for each member of staff and inquiry, so that
-- leaving the page loses nothing. It goes when it is sent or discarded, with the inquiry, when the account is disabled, and
-- after thirty days in which nobody touched it. The same numbers and names stand in migrations/postgres.
CREATE TABLE draft (
    -- The inquiry's number and the member's id: what is sealed here opens in no other row.
    id      TEXT    PRIMARY KEY,
    inquiry INTEGER NOT NULL REFERENCES inquiry (seq),
    staff   TEXT    NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    -- Sealed; NULL where that box is empty.
    reply   BLOB,
    note    BLOB,
    -- Sealed: how the inquiry stood on the page on which it was written, and which ready reply was chosen.
    shown   BLOB    NOT NULL,
    kept_at INTEGER NOT NULL
);
CREATE INDEX draft_by_inquiry ON draft (inquiry);
CREATE INDEX draft_by_staff ON draft (staff);
CREATE INDEX draft_by_time ON draft (kept_at);
