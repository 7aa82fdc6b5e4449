-- What a person chose is sealed like what they wrote: whether a warning sign applies, how to reach them, whether a message
-- may be left, which massage. The program seals what is there in plain when it opens the database next, and turns
-- `technique` into a mark that says nothing without the key: equal choices have equal marks, so that the inbox filters.
-- The same numbers and names stand in migrations/sqlite.
ALTER TABLE inquiry ADD COLUMN chosen BYTEA;
UPDATE inquiry SET chosen = convert_to(urgent || ',' || contact_by || ',' || CASE WHEN voicemail THEN 'yes' ELSE '' END || ',' || coalesce(technique, ''), 'UTF8');
ALTER TABLE inquiry DROP COLUMN urgent, DROP COLUMN contact_by, DROP COLUMN voicemail;
UPDATE sealing SET has_plain = TRUE WHERE id = 1;

-- The sums of a day come from what is opened, and are sealed themselves: on a quiet day they tell what one person chose.
ALTER TABLE insight_day ALTER COLUMN sums TYPE BYTEA USING convert_to(sums, 'UTF8');
CREATE OR REPLACE TRIGGER insight_changed AFTER UPDATE OF status, opened_at, answered_at, answer_by ON inquiry
    FOR EACH ROW EXECUTE FUNCTION insight_mark();
DROP INDEX inquiry_by_arrival;
CREATE INDEX inquiry_by_arrival ON inquiry (received_at);
