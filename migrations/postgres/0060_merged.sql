-- Two inquiries about the same thing are dealt with as one: the duplicate is closed and names the one that is kept. Nothing is
-- copied, so whoever erases the duplicate erases its words. The same numbers and names stand in migrations/sqlite.
ALTER TABLE inquiry ADD COLUMN merged_into TEXT REFERENCES inquiry (reference);
CREATE INDEX inquiry_by_kept ON inquiry (merged_into) WHERE merged_into IS NOT NULL;
