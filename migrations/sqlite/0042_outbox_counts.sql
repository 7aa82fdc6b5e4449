-- Every page of the desk says how many mails wait or were given up. Two million sent ones are not to be counted for that,
-- and what waits is found without walking past them. The same numbers and names stand in migrations/postgres.
CREATE TABLE outbox_count (
    state TEXT    NOT NULL,
    -- One is enough here; PostgreSQL has several.
    shard INTEGER NOT NULL,
    holds INTEGER NOT NULL,
    PRIMARY KEY (state, shard)
) WITHOUT ROWID;
INSERT INTO outbox_count (state, shard, holds) SELECT state, 0, count(*) FROM outbox GROUP BY state;

DROP INDEX outbox_by_due;
CREATE INDEX outbox_by_due ON outbox (next_attempt_at) WHERE state = 'queued';
CREATE INDEX outbox_by_time ON outbox (created_at, id);
CREATE INDEX outbox_by_state ON outbox (state, created_at, id);

CREATE TRIGGER outbox_is_counted_in AFTER INSERT ON outbox BEGIN
    INSERT INTO outbox_count (state, shard, holds) VALUES (NEW.state, 0, 1)
        ON CONFLICT (state, shard) DO UPDATE SET holds = holds + 1;
END;

CREATE TRIGGER outbox_is_counted_anew AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state BEGIN
    UPDATE outbox_count SET holds = holds - 1 WHERE state = OLD.state AND shard = 0;
    INSERT INTO outbox_count (state, shard, holds) VALUES (NEW.state, 0, 1)
        ON CONFLICT (state, shard) DO UPDATE SET holds = holds + 1;
END;

CREATE TRIGGER outbox_is_counted_out AFTER DELETE ON outbox BEGIN
    UPDATE outbox_count SET holds = holds - 1 WHERE state = OLD.state AND shard = 0;
END;
