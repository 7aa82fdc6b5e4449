-- Who did and read what must not be changed afterwards, not even by a fault of ours: the table takes new entries and
-- nothing else, and each entry carries a hash over its content and the hash of the entry before it. Entries from before
-- this migration get theirs when the program opens the database; that is the one change of an entry that is let through.
-- The same numbers and names stand in migrations/sqlite.
ALTER TABLE audit ADD COLUMN hash BYTEA;

CREATE INDEX audit_by_subject ON audit (subject, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_unchained ON audit (seq) WHERE hash IS NULL;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$;

CREATE TRIGGER audit_only_grows BEFORE INSERT ON audit
FOR EACH ROW WHEN (NEW.hash IS NULL OR length(NEW.hash) <> 32) EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit
FOR EACH ROW WHEN (NOT (OLD.hash IS NULL AND coalesce(length(NEW.hash), 0) = 32 AND NEW.seq = OLD.seq AND NEW.at = OLD.at
    AND NEW.actor = OLD.actor AND NEW.action = OLD.action AND NEW.subject = OLD.subject AND NEW.detail = OLD.detail))
EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_stays BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
