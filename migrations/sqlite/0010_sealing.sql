-- What people write is sealed from here on: the columns named in src/store/sealing.rs hold bytes that only the key opens,
-- which is not in this database. The program seals what is there in plain when it opens the database next.
-- The same numbers and names stand in migrations/postgres.

-- Found by digests of words under that key; the words themselves go.
DROP TABLE inquiry_word;
CREATE TABLE inquiry_token (
    token   INTEGER NOT NULL,
    -- No foreign key: it would be asked a hundred times an inquiry. What erases an inquiry erases these.
    inquiry INTEGER NOT NULL,
    PRIMARY KEY (token, inquiry)
) WITHOUT ROWID;
CREATE INDEX inquiry_token_by_inquiry ON inquiry_token (inquiry);

ALTER TABLE inquiry RENAME COLUMN email_folded TO email_digest;

-- The keys that open values here, by name, each with a known text sealed with it: a wrong key is noticed at once.
CREATE TABLE sealing_key (
    id      INTEGER PRIMARY KEY,
    made_at INTEGER NOT NULL,
    proof   BLOB    NOT NULL
);

-- Which key seals what is written now. Every transaction that seals reads it, so that a rotation knows who still uses
-- the key before.
CREATE TABLE sealing (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    current_key INTEGER REFERENCES sealing_key (id),
    -- Whether values from before may still be there in plain.
    has_plain   BOOLEAN NOT NULL
);
INSERT INTO sealing (id, has_plain) VALUES (1, TRUE);
