-- Words of messages, notes and replies are found by their beginnings too. What is stored is indexed anew when the program
-- opens the database next, since only the program can open what people wrote.
-- The same numbers and names stand in migrations/sqlite.
ALTER TABLE sealing ADD COLUMN has_beginnings BOOLEAN NOT NULL DEFAULT FALSE;
