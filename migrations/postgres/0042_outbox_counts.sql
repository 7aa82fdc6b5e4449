-- Every page of the desk says how many mails wait or were given up. Two million sent ones are not to be counted for that,
-- and what waits is found without walking past them. The same numbers and names stand in migrations/sqlite.
CREATE TABLE outbox_count (
    state TEXT   NOT NULL,
    -- By connection: two transactions that count at once do not wait for each other.
    shard BIGINT NOT NULL,
    holds BIGINT NOT NULL,
    PRIMARY KEY (state, shard)
);
INSERT INTO outbox_count (state, shard, holds) SELECT state, 0, count(*) FROM outbox GROUP BY state;

DROP INDEX outbox_by_due;
CREATE INDEX outbox_by_due ON outbox (next_attempt_at) WHERE state = 'queued';
CREATE INDEX outbox_by_time ON outbox (created_at, id);
CREATE INDEX outbox_by_state ON outbox (state, created_at, id);

CREATE FUNCTION count_message() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own_shard BIGINT := pg_backend_pid() % 64;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO outbox_count AS c (state, shard, holds) VALUES (OLD.state, own_shard, -1)
            ON CONFLICT (state, shard) DO UPDATE SET holds = c.holds - 1;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO outbox_count AS c (state, shard, holds) VALUES (NEW.state, own_shard, 1)
            ON CONFLICT (state, shard) DO UPDATE SET holds = c.holds + 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER outbox_is_counted_in_and_out AFTER INSERT OR DELETE ON outbox
    FOR EACH ROW EXECUTE FUNCTION count_message();
CREATE TRIGGER outbox_is_counted_anew AFTER UPDATE OF state ON outbox
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION count_message();
