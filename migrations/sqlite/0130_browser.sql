-- Whoever looks where they are signed in tells a session by the browser it began in. Kept is a short name out of our own list
-- ("Firefox on Windows"), empty where the browser is none of these; a session that began before this has none. Never what the
-- browser says of itself. It goes with the session.
-- The same numbers and names stand in migrations/postgres.
ALTER TABLE session ADD COLUMN browser TEXT;
