-- The first floor: what people send, what we owe them, who works here, and who did what.
-- Times are milliseconds since 1970 in UTC. The same numbers and names stand in migrations/postgres.

CREATE TABLE inquiry (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    reference       TEXT    NOT NULL UNIQUE,
    -- Hash over the form's token and everything answered: the same words sent twice are one inquiry.
    submission      BLOB    NOT NULL UNIQUE,
    -- SHA-256 of the receipt key: reading the database opens nobody's receipt page. It follows from the submission; a
    -- uniqueness of its own would make a repeat that comes at the same moment an error instead of a repeat.
    receipt_digest  BLOB    NOT NULL,
    received_at     INTEGER NOT NULL,
    answer_by       INTEGER NOT NULL,
    -- 0 for a red flag, 1 otherwise: the inbox sorts by it first.
    rank            INTEGER NOT NULL,
    status          TEXT    NOT NULL CHECK (status IN ('new', 'open', 'answered', 'closed', 'spam')),
    urgent          TEXT    NOT NULL CHECK (urgent IN ('no', 'yes', 'unsure')),
    name            TEXT    NOT NULL,
    email           TEXT,
    -- Lower case, to count the acknowledgements a mailbox got today.
    email_folded    TEXT,
    phone           TEXT,
    contact_by      TEXT    NOT NULL CHECK (contact_by IN ('email', 'phone')),
    voicemail       BOOLEAN NOT NULL,
    technique       TEXT,
    best_time       TEXT,
    -- Slugs of the ticked conditions, comma-separated.
    health          TEXT    NOT NULL,
    message         TEXT    NOT NULL,
    consent_version TEXT    NOT NULL,
    -- What staff should know about how it came, comma-separated: trap, no-origin.
    signals         TEXT    NOT NULL,
    opened_at       INTEGER,
    answered_at     INTEGER,
    version         INTEGER NOT NULL DEFAULT 1,
    CHECK (email IS NOT NULL OR phone IS NOT NULL)
);
CREATE INDEX inquiry_by_receipt ON inquiry (receipt_digest);
CREATE INDEX inquiry_by_status ON inquiry (status, rank, answer_by, seq);
CREATE INDEX inquiry_by_promise ON inquiry (rank, answer_by, seq);
CREATE INDEX inquiry_by_email ON inquiry (email_folded);

-- Folded words of everything written about an inquiry. Folding happens in the program, since SQLite's
-- lower() knows ASCII only, and so search answers alike on both engines.
CREATE TABLE inquiry_word (
    word    TEXT    NOT NULL,
    inquiry INTEGER NOT NULL REFERENCES inquiry (seq) ON DELETE CASCADE,
    PRIMARY KEY (word, inquiry)
) WITHOUT ROWID;
CREATE INDEX inquiry_word_by_inquiry ON inquiry_word (inquiry);

CREATE TABLE staff (
    id            TEXT    PRIMARY KEY,
    email         TEXT    NOT NULL,
    -- Lower case: the form under which two spellings of one mailbox are equal.
    email_folded  TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('admin', 'staff')),
    password_hash TEXT,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER
);

CREATE TABLE session (
    -- SHA-256 of the cookie.
    digest     BLOB    PRIMARY KEY,
    staff      TEXT    NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
);
CREATE INDEX session_by_staff ON session (staff, created_at);

CREATE TABLE welcome (
    -- SHA-256 of the one-time link's secret.
    digest     BLOB    PRIMARY KEY,
    staff      TEXT    NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
);

-- What happened to an inquiry and what staff wrote about it, in order.
CREATE TABLE entry (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    inquiry INTEGER NOT NULL REFERENCES inquiry (seq) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    staff   TEXT REFERENCES staff (id),
    kind    TEXT    NOT NULL CHECK (kind IN ('received', 'viewed', 'status', 'note', 'reply', 'phone')),
    -- A note's or reply's words; a change as "new>open".
    words   TEXT    NOT NULL
);
CREATE INDEX entry_by_inquiry ON entry (inquiry, seq);

-- The messages we owe. Rows hold ids: the text is rendered from the inquiry when it is sent.
CREATE TABLE outbox (
    id              TEXT    PRIMARY KEY,
    inquiry         INTEGER NOT NULL REFERENCES inquiry (seq) ON DELETE CASCADE,
    kind            TEXT    NOT NULL CHECK (kind IN ('notice', 'acknowledgement', 'reply')),
    -- The staff address of a notice; NULL for what goes to the person who wrote.
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
    last_answer     TEXT
);
CREATE INDEX outbox_by_due ON outbox (state, next_attempt_at);
CREATE INDEX outbox_by_inquiry ON outbox (inquiry);

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    -- A staff id, or 'writer', 'operator', 'system'.
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    -- A reference or id; never a name, an address or words.
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL
);

-- Written and committed to learn whether an inquiry could be.
CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL,
    -- As large as a large inquiry: a disk that takes only this row's time is no disk that takes an inquiry.
    room BLOB
);
INSERT INTO heartbeat (id, at) VALUES (1, 0);
