-- Each inquiry lies on a pile: all that are alike in what the inbox filters by. A pile knows how many it holds, so that
-- counting a million inquiries reads a few hundred rows; and it is in the order of the promise, so that a page of any
-- filter is read from the tops of its piles. Triggers keep both, whatever part of the program changes an inquiry.
-- The same numbers and names stand in migrations/sqlite.
CREATE TABLE pile (
    id        BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    status    TEXT    NOT NULL,
    -- New or open, and nobody has answered: it can be overdue.
    waits     BOOLEAN NOT NULL,
    -- Empty for "not sure".
    technique TEXT    NOT NULL,
    -- Empty for nobody.
    assignee  TEXT    NOT NULL,
    rank      BIGINT  NOT NULL,
    unopened  BOOLEAN NOT NULL,
    -- The longest time from receipt to promise that lay here, in milliseconds: what was received until a day was
    -- promised until that much later.
    longest   BIGINT  NOT NULL DEFAULT 0,
    UNIQUE (status, waits, technique, assignee, rank, unopened)
);
-- In shards by connection: two transactions that count at once do not wait for each other.
CREATE TABLE pile_count (
    pile  BIGINT NOT NULL REFERENCES pile (id),
    shard BIGINT NOT NULL,
    holds BIGINT NOT NULL,
    PRIMARY KEY (pile, shard)
);

ALTER TABLE inquiry ADD COLUMN pile BIGINT REFERENCES pile (id);

INSERT INTO pile (status, waits, technique, assignee, rank, unopened, longest)
    SELECT status, status IN ('new', 'open') AND answered_at IS NULL, coalesce(technique, ''), coalesce(assignee, ''), rank,
        opened_at IS NULL, max(answer_by - received_at)
    FROM inquiry GROUP BY 1, 2, 3, 4, 5, 6;
UPDATE inquiry SET pile = p.id FROM pile p
    WHERE p.status = inquiry.status AND p.waits = (inquiry.status IN ('new', 'open') AND inquiry.answered_at IS NULL)
        AND p.technique = coalesce(inquiry.technique, '') AND p.assignee = coalesce(inquiry.assignee, '')
        AND p.rank = inquiry.rank AND p.unopened = (inquiry.opened_at IS NULL);
INSERT INTO pile_count (pile, shard, holds) SELECT pile, 0, count(*) FROM inquiry GROUP BY pile;

DROP INDEX inquiry_by_status;
DROP INDEX inquiry_by_promise;
CREATE INDEX inquiry_by_pile ON inquiry (pile, answer_by, seq) INCLUDE (received_at);
CREATE INDEX inquiry_by_promise ON inquiry (rank, answer_by, seq) INCLUDE (pile, received_at);

CREATE FUNCTION pile_inquiry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_waiting BOOLEAN := NEW.status IN ('new', 'open') AND NEW.answered_at IS NULL;
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.status, OLD.technique, OLD.assignee, OLD.rank, OLD.opened_at, OLD.answered_at)
        IS NOT DISTINCT FROM (NEW.status, NEW.technique, NEW.assignee, NEW.rank, NEW.opened_at, NEW.answered_at) THEN
        RETURN NEW;
    END IF;
    FOR attempt IN 1..2 LOOP
        SELECT p.id INTO NEW.pile FROM pile p
            WHERE p.status = NEW.status AND p.waits = is_waiting AND p.technique = coalesce(NEW.technique, '')
                AND p.assignee = coalesce(NEW.assignee, '') AND p.rank = NEW.rank AND p.unopened = (NEW.opened_at IS NULL);
        EXIT WHEN FOUND;
        INSERT INTO pile (status, waits, technique, assignee, rank, unopened)
            VALUES (NEW.status, is_waiting, coalesce(NEW.technique, ''), coalesce(NEW.assignee, ''), NEW.rank, NEW.opened_at IS NULL)
            ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER inquiry_is_piled BEFORE INSERT OR UPDATE OF status, technique, assignee, rank, opened_at, answered_at
    ON inquiry FOR EACH ROW EXECUTE FUNCTION pile_inquiry();

CREATE FUNCTION count_inquiry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- More shards than connections: whose numbers meet all the same wait for each other, which is slow and not wrong.
    own_shard BIGINT := pg_backend_pid() % 64;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.pile IS NOT DISTINCT FROM NEW.pile THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.pile IS NOT NULL THEN
        INSERT INTO pile_count AS c (pile, shard, holds) VALUES (OLD.pile, own_shard, -1)
            ON CONFLICT (pile, shard) DO UPDATE SET holds = c.holds - 1;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO pile_count AS c (pile, shard, holds) VALUES (NEW.pile, own_shard, 1)
            ON CONFLICT (pile, shard) DO UPDATE SET holds = c.holds + 1;
        UPDATE pile SET longest = NEW.answer_by - NEW.received_at
            WHERE id = NEW.pile AND longest < NEW.answer_by - NEW.received_at;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inquiry_is_counted AFTER INSERT OR UPDATE OR DELETE
    ON inquiry FOR EACH ROW EXECUTE FUNCTION count_inquiry();
