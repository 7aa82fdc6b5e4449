-- When a server last noted that its clock ran as it should: a clock that jumped must not erase what is not due yet.
-- The same numbers and names stand in migrations/postgres.

CREATE TABLE time_noted (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER
);
INSERT INTO time_noted (id) VALUES (1);
