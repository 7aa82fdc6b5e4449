-- Deleting a line of a timeline asks whether a mail refers to it: without this, the whole outbox was read for each.
-- The same numbers and names stand in migrations/postgres.
CREATE INDEX outbox_by_entry ON outbox (entry) WHERE entry IS NOT NULL;
