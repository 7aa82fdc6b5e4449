-- What the desk tells by itself: once that nobody opened an inquiry in time, and once a day that there is new suspected spam.
-- The same numbers and names stand in migrations/sqlite.
ALTER TABLE inquiry ADD COLUMN escalated_at BIGINT;
-- What is looked through every minute: nobody opened it, and nobody was told.
CREATE INDEX inquiry_by_unopened ON inquiry (answer_by) WHERE opened_at IS NULL AND escalated_at IS NULL;

-- How many inquiries a digest tells of: a repeat of the mail says the same.
ALTER TABLE outbox ADD COLUMN many BIGINT;

-- Up to when suspected spam was told of.
CREATE TABLE spam_digest (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at BIGINT NOT NULL
);
INSERT INTO spam_digest (id, at) VALUES (1, 0);
