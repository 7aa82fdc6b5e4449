-- The outbox owes mails to members of staff too (invitations, news about their account), so a mail is about an inquiry or
-- about an account. Its kinds are read by the program; listing them here too would change the table for each new one.
-- The same numbers and names stand in migrations/sqlite.
ALTER TABLE outbox ALTER COLUMN inquiry DROP NOT NULL;
-- The account a mail is about, and whose address it goes to.
ALTER TABLE outbox ADD COLUMN staff TEXT REFERENCES staff (id) ON DELETE CASCADE;
ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_about_check CHECK ((inquiry IS NULL) <> (staff IS NULL));
CREATE INDEX outbox_by_staff ON outbox (staff, kind, created_at);

-- A welcome link can be made again when its mail is sent: it follows from this seed and the key, which is not in the database.
ALTER TABLE welcome ADD COLUMN seed BYTEA;

-- When a password or code was last given in a session: the most sensitive actions ask for it to be recent.
ALTER TABLE session ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;

-- When somebody was last seen, kept beyond their session.
ALTER TABLE staff ADD COLUMN seen_at BIGINT;
UPDATE staff SET seen_at = (SELECT max(n.seen_at) FROM session n WHERE n.staff = staff.id);
