-- Whose an inquiry is: a member of staff, or nobody's yet. The same numbers and names stand in migrations/postgres.
ALTER TABLE inquiry ADD COLUMN assignee TEXT REFERENCES staff (id);

-- The timeline gets further kinds of entries. Which there are, the program knows: it reads no other. SQLite changes no
-- CHECK in place, and a CHECK that stands beside its column goes with it.
ALTER TABLE entry ADD COLUMN kind_of TEXT NOT NULL DEFAULT '';
UPDATE entry SET kind_of = kind;
ALTER TABLE entry DROP COLUMN kind;
ALTER TABLE entry RENAME COLUMN kind_of TO kind;
