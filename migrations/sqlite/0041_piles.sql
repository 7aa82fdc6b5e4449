-- Each inquiry lies on a pile: all that are alike in what the inbox filters by. A pile knows how many it holds, so that
-- counting a million inquiries reads a few hundred rows; and it is in the order of the promise, so that a page of any
-- filter is read from the tops of its piles. Triggers keep both, whatever part of the program changes an inquiry.
-- The same numbers and names stand in migrations/postgres.
CREATE TABLE pile (
    id        INTEGER PRIMARY KEY,
    status    TEXT    NOT NULL,
    -- New or open, and nobody has answered: it can be overdue.
    waits     BOOLEAN NOT NULL,
    -- Empty for "not sure".
    technique TEXT    NOT NULL,
    -- Empty for nobody.
    assignee  TEXT    NOT NULL,
    rank      INTEGER NOT NULL,
    unopened  BOOLEAN NOT NULL,
    -- The longest time from receipt to promise that lay here, in milliseconds: what was received until a day was
    -- promised until that much later.
    longest   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (status, waits, technique, assignee, rank, unopened)
);
-- In shards on PostgreSQL, where several transactions count at once; one of them is enough here.
CREATE TABLE pile_count (
    pile  INTEGER NOT NULL REFERENCES pile (id),
    shard INTEGER NOT NULL,
    holds INTEGER NOT NULL,
    PRIMARY KEY (pile, shard)
) WITHOUT ROWID;

ALTER TABLE inquiry ADD COLUMN pile INTEGER REFERENCES pile (id);

INSERT INTO pile (status, waits, technique, assignee, rank, unopened, longest)
    SELECT status, status IN ('new', 'open') AND answered_at IS NULL, coalesce(technique, ''), coalesce(assignee, ''), rank,
        opened_at IS NULL, max(answer_by - received_at)
    FROM inquiry GROUP BY 1, 2, 3, 4, 5, 6;
UPDATE inquiry SET pile = (
    SELECT p.id FROM pile p
    WHERE p.status = inquiry.status AND p.waits = (inquiry.status IN ('new', 'open') AND inquiry.answered_at IS NULL)
        AND p.technique = coalesce(inquiry.technique, '') AND p.assignee = coalesce(inquiry.assignee, '')
        AND p.rank = inquiry.rank AND p.unopened = (inquiry.opened_at IS NULL));
INSERT INTO pile_count (pile, shard, holds) SELECT pile, 0, count(*) FROM inquiry GROUP BY pile;

DROP INDEX inquiry_by_status;
DROP INDEX inquiry_by_promise;
CREATE INDEX inquiry_by_pile ON inquiry (pile, answer_by, seq, received_at);
CREATE INDEX inquiry_by_promise ON inquiry (rank, answer_by, seq, pile, received_at);

CREATE TRIGGER inquiry_is_piled AFTER INSERT ON inquiry BEGIN
    INSERT INTO pile (status, waits, technique, assignee, rank, unopened)
        VALUES (NEW.status, NEW.status IN ('new', 'open') AND NEW.answered_at IS NULL, coalesce(NEW.technique, ''),
            coalesce(NEW.assignee, ''), NEW.rank, NEW.opened_at IS NULL)
        ON CONFLICT DO NOTHING;
    UPDATE inquiry SET pile = (
        SELECT p.id FROM pile p
        WHERE p.status = NEW.status AND p.waits = (NEW.status IN ('new', 'open') AND NEW.answered_at IS NULL)
            AND p.technique = coalesce(NEW.technique, '') AND p.assignee = coalesce(NEW.assignee, '')
            AND p.rank = NEW.rank AND p.unopened = (NEW.opened_at IS NULL))
        WHERE seq = NEW.seq;
END;

CREATE TRIGGER inquiry_is_piled_anew AFTER UPDATE OF status, technique, assignee, rank, opened_at, answered_at ON inquiry BEGIN
    INSERT INTO pile (status, waits, technique, assignee, rank, unopened)
        VALUES (NEW.status, NEW.status IN ('new', 'open') AND NEW.answered_at IS NULL, coalesce(NEW.technique, ''),
            coalesce(NEW.assignee, ''), NEW.rank, NEW.opened_at IS NULL)
        ON CONFLICT DO NOTHING;
    UPDATE inquiry SET pile = (
        SELECT p.id FROM pile p
        WHERE p.status = NEW.status AND p.waits = (NEW.status IN ('new', 'open') AND NEW.answered_at IS NULL)
            AND p.technique = coalesce(NEW.technique, '') AND p.assignee = coalesce(NEW.assignee, '')
            AND p.rank = NEW.rank AND p.unopened = (NEW.opened_at IS NULL))
        WHERE seq = NEW.seq;
END;

CREATE TRIGGER inquiry_is_counted AFTER UPDATE OF pile ON inquiry WHEN OLD.pile IS NOT NEW.pile BEGIN
    UPDATE pile_count SET holds = holds - 1 WHERE pile = OLD.pile AND shard = 0;
    INSERT INTO pile_count (pile, shard, holds) VALUES (NEW.pile, 0, 1)
        ON CONFLICT (pile, shard) DO UPDATE SET holds = holds + 1;
    UPDATE pile SET longest = NEW.answer_by - NEW.received_at
        WHERE id = NEW.pile AND longest < NEW.answer_by - NEW.received_at;
END;

CREATE TRIGGER inquiry_is_counted_out AFTER DELETE ON inquiry WHEN OLD.pile IS NOT NULL BEGIN
    UPDATE pile_count SET holds = holds - 1 WHERE pile = OLD.pile AND shard = 0;
END;
