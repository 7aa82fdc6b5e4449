-- Insights are added up once for each day of the clinic's calendar, so that a million inquiries are a thousand rows to read.
-- The same numbers and names stand in migrations/sqlite.
CREATE TABLE insight_day (
    -- Days since 1970 in the clinic's zone.
    day  BIGINT PRIMARY KEY,
    zone TEXT   NOT NULL,
    -- Counts only; see src/desk/insights/sums.rs.
    sums TEXT   NOT NULL
);

-- When an inquiry was received whose day must be added up again: a row for each change, so that no transaction waits for
-- another. Whoever adds the day up takes them away.
CREATE TABLE insight_stale (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at BIGINT NOT NULL
);
CREATE INDEX insight_stale_by_time ON insight_stale (received_at);

-- Everything that a day's sums are made of.
CREATE INDEX inquiry_by_arrival ON inquiry (received_at, status, technique, opened_at, answered_at, answer_by);

CREATE FUNCTION insight_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO insight_stale (received_at) VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.received_at ELSE NEW.received_at END);
    RETURN NULL;
END;
$$;
CREATE TRIGGER insight_received AFTER INSERT OR DELETE ON inquiry FOR EACH ROW EXECUTE FUNCTION insight_mark();
CREATE TRIGGER insight_changed AFTER UPDATE OF status, technique, opened_at, answered_at, answer_by ON inquiry
    FOR EACH ROW EXECUTE FUNCTION insight_mark();

-- A day of UTC lies in two days of any zone at most: those of its first and its last inquiry.
INSERT INTO insight_stale (received_at) SELECT min(received_at) FROM inquiry GROUP BY received_at / 86400000;
INSERT INTO insight_stale (received_at) SELECT max(received_at) FROM inquiry GROUP BY received_at / 86400000;
