-- What people write is sealed from here on: the columns named in src/store/sealing.rs hold bytes that only the key opens,
-- which is not in this database. The program seals what is there in plain when it opens the database next.
-- The same numbers and names stand in migrations/sqlite.

-- Found by digests of words under that key; the words themselves go.
DROP TABLE inquiry_word;
CREATE TABLE inquiry_token (
    token   BIGINT NOT NULL,
    -- No foreign key: it would be asked a hundred times an inquiry. What erases an inquiry erases these.
    inquiry BIGINT NOT NULL,
    PRIMARY KEY (token, inquiry)
);
CREATE INDEX inquiry_token_by_inquiry ON inquiry_token (inquiry);

ALTER TABLE inquiry RENAME COLUMN email_folded TO email_digest;
ALTER TABLE inquiry
    ALTER COLUMN name TYPE BYTEA USING convert_to(name, 'UTF8'),
    ALTER COLUMN email TYPE BYTEA USING convert_to(email, 'UTF8'),
    ALTER COLUMN email_digest TYPE BYTEA USING convert_to(email_digest, 'UTF8'),
    ALTER COLUMN phone TYPE BYTEA USING convert_to(phone, 'UTF8'),
    ALTER COLUMN best_time TYPE BYTEA USING convert_to(best_time, 'UTF8'),
    ALTER COLUMN health TYPE BYTEA USING convert_to(health, 'UTF8'),
    ALTER COLUMN message TYPE BYTEA USING convert_to(message, 'UTF8');
ALTER TABLE entry ALTER COLUMN words TYPE BYTEA USING convert_to(words, 'UTF8');
ALTER TABLE outbox ALTER COLUMN last_answer TYPE BYTEA USING convert_to(last_answer, 'UTF8');

-- The keys that open values here, by name, each with a known text sealed with it: a wrong key is noticed at once.
CREATE TABLE sealing_key (
    id      BIGINT PRIMARY KEY,
    made_at BIGINT NOT NULL,
    proof   BYTEA  NOT NULL
);

-- Which key seals what is written now. Every transaction that seals reads it, so that a rotation knows who still uses
-- the key before.
CREATE TABLE sealing (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    current_key BIGINT REFERENCES sealing_key (id),
    -- Whether values from before may still be there in plain.
    has_plain   BOOLEAN NOT NULL
);
INSERT INTO sealing (id, has_plain) VALUES (1, TRUE);
