-- Every word is found by however little of its beginning somebody types, not from the third letter on. What is stored is
-- indexed anew when the program opens the database next, since only the program can open what people wrote.
-- The same numbers and names stand in migrations/postgres.
UPDATE sealing SET has_beginnings = FALSE;
