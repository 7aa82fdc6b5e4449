-- When a server last noted that its clock ran as it should: a clock that jumped must not erase what is not due yet.
-- The same numbers and names stand in migrations/sqlite.

CREATE TABLE time_noted (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    at BIGINT
);
INSERT INTO time_noted (id) VALUES (1);
