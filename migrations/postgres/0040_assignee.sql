-- Whose an inquiry is: a member of staff, or nobody's yet. The same numbers and names stand in migrations/sqlite.
ALTER TABLE inquiry ADD COLUMN assignee TEXT REFERENCES staff (id);

-- The timeline gets further kinds of entries. Which there are, the program knows: it reads no other.
ALTER TABLE entry DROP CONSTRAINT entry_kind_check;
