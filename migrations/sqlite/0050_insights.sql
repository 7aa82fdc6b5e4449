-- Insights are added up once for each day of the clinic's calendar, so that a million inquiries are a thousand rows to read.
-- The same numbers and names stand in migrations/postgres.
CREATE TABLE insight_day (
    -- Days since 1970 in the clinic's zone.
    day  INTEGER PRIMARY KEY,
    zone TEXT    NOT NULL,
    -- Counts only; see src/desk/insights/sums.rs.
    sums TEXT    NOT NULL
);

-- When an inquiry was received whose day must be added up again: a row for each change, so that no transaction waits for
-- another. Whoever adds the day up takes them away.
CREATE TABLE insight_stale (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL
);
CREATE INDEX insight_stale_by_time ON insight_stale (received_at);

-- Everything that a day's sums are made of.
CREATE INDEX inquiry_by_arrival ON inquiry (received_at, status, technique, opened_at, answered_at, answer_by);

CREATE TRIGGER insight_received AFTER INSERT ON inquiry BEGIN
    INSERT INTO insight_stale (received_at) VALUES (NEW.received_at);
END;
CREATE TRIGGER insight_changed AFTER UPDATE OF status, technique, opened_at, answered_at, answer_by ON inquiry BEGIN
    INSERT INTO insight_stale (received_at) VALUES (NEW.received_at);
END;
CREATE TRIGGER insight_erased AFTER DELETE ON inquiry BEGIN
    INSERT INTO insight_stale (received_at) VALUES (OLD.received_at);
END;

-- A day of UTC lies in two days of any zone at most: those of its first and its last inquiry.
INSERT INTO insight_stale (received_at) SELECT min(received_at) FROM inquiry GROUP BY received_at / 86400000;
INSERT INTO insight_stale (received_at) SELECT max(received_at) FROM inquiry GROUP BY received_at / 86400000;
