-- What the mail server said stands with a sent mail from here on: with which words it was taken. Until now the words of an
-- attempt that failed before were left there, shown to nobody; they would look as if the server had said them of the success.
-- The same numbers and names stand in migrations/postgres.
UPDATE outbox SET last_answer = NULL WHERE state = 'sent' AND last_answer IS NOT NULL;
