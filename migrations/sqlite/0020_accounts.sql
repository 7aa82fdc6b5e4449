-- The outbox owes mails to members of staff too (invitations, news about their account), so a mail is about an inquiry or
-- about an account. Its kinds are read by the program; listing them here too would rebuild the table for each new one.
-- The same numbers and names stand in migrations/postgres.
CREATE TABLE outbox_with_staff (
    id              TEXT    PRIMARY KEY,
    inquiry         INTEGER REFERENCES inquiry (seq) ON DELETE CASCADE,
    -- The account a mail is about, and whose address it goes to.
    staff           TEXT    REFERENCES staff (id) ON DELETE CASCADE,
    kind            TEXT    NOT NULL,
    -- The staff address of a notice; NULL for what goes to the person who wrote, and to an account's own address.
    recipient       TEXT,
    -- The reply's entry.
    entry           INTEGER REFERENCES entry (seq),
    state           TEXT    NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    created_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    give_up_at      INTEGER NOT NULL,
    -- While a courier tries it; a courier that died lets go of it by time.
    in_hand_until   INTEGER,
    settled_at      INTEGER,
    last_answer     TEXT,
    CHECK ((inquiry IS NULL) <> (staff IS NULL))
);
INSERT INTO outbox_with_staff (id, inquiry, kind, recipient, entry, state, created_at, attempts, next_attempt_at, give_up_at, in_hand_until, settled_at, last_answer)
    SELECT id, inquiry, kind, recipient, entry, state, created_at, attempts, next_attempt_at, give_up_at, in_hand_until, settled_at, last_answer FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_with_staff RENAME TO outbox;
CREATE INDEX outbox_by_due ON outbox (state, next_attempt_at);
CREATE INDEX outbox_by_inquiry ON outbox (inquiry);
CREATE INDEX outbox_by_staff ON outbox (staff, kind, created_at);

-- A welcome link can be made again when its mail is sent: it follows from this seed and the key, which is not in the database.
ALTER TABLE welcome ADD COLUMN seed BLOB;

-- When a password or code was last given in a session: the most sensitive actions ask for it to be recent.
ALTER TABLE session ADD COLUMN proved_at INTEGER NOT NULL DEFAULT 0;

-- When somebody was last seen, kept beyond their session.
ALTER TABLE staff ADD COLUMN seen_at INTEGER;
UPDATE staff SET seen_at = (SELECT max(n.seen_at) FROM session n WHERE n.staff = staff.id);
