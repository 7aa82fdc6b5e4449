//! Reads the settings of a content file: the TOML between the `+++` lines, or a whole `.toml` file.
//! It knows nothing of techniques or pages.

use toml::de::DeTable;

use super::fault::{Fault, Notes, Prose};
use super::table::Table;

/// A content file being read.
#[derive(Clone, Copy)]
pub(super) struct File<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
    pub(super) notes: &'t Notes,
}

impl<'t> File<'t> {
    /// The line of a byte of the text, counted from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    /// Notes a fault at a byte of the text.
    pub(super) fn fault(&self, at: usize, what: impl Into<String>) {
        self.notes.fault(Fault::new(self.name, self.line(at), what));
    }

    /// Notes text that people will read.
    pub(super) fn prose(&self, at: usize, text: &str) {
        self.notes.prose(Prose { file: self.name.to_owned(), line: self.line(at), text: text.to_owned() });
    }

    /// The file taken apart; None when its settings cannot be read at all, which is a fault already noted.
    pub(super) fn parse(self) -> Option<Parsed<'t>> {
        let (front, base, body_at) =
            if self.name.ends_with(".toml") { (self.text, 0, self.text.len()) } else { self.split_front()? };
        let (table, errors) = DeTable::parse_recoverable(front);
        for error in &errors {
            let at = base + error.span().map_or(0, |span| span.start);
            self.fault(at, format!("the settings cannot be read: {}; see README.md for an example", error.message()));
        }
        errors.is_empty().then(|| Parsed { file: self, base, table: table.into_inner(), body_at })
    }

    /// The text between the `+++` lines, where it begins, and where the rest begins.
    fn split_front(&self) -> Option<(&'t str, usize, usize)> {
        const FENCE: &str = "+++\n";
        let inside = self.text.strip_prefix(FENCE);
        // A closing fence at the very end of the file may lack its line break.
        let end = inside.and_then(|text| {
            let fence = text.find("\n+++\n").or_else(|| text.ends_with("\n+++").then(|| text.len() - FENCE.len()));
            if text.starts_with(FENCE) { Some(0) } else { fence.map(|at| at + 1) }
        });
        let (Some(inside), Some(end)) = (inside, end) else {
            self.fault(0, "the settings are missing; begin the file with them between two lines of +++");
            return None;
        };
        let body_at = (FENCE.len() + end + FENCE.len()).min(self.text.len());
        Some((inside.get(..end)?, FENCE.len(), body_at))
    }
}

/// A file whose settings could be read.
pub(super) struct Parsed<'t> {
    file: File<'t>,
    base: usize,
    table: DeTable<'t>,
    body_at: usize,
}

impl<'t> Parsed<'t> {
    /// The settings as a whole.
    pub(super) fn root(&self) -> Table<'_, 't> {
        Table::root(self.file, self.base, &self.table)
    }

    /// The Markdown after the settings, and where it begins.
    pub(super) fn body(&self) -> (&'t str, usize) {
        (self.file.text.get(self.body_at..).unwrap_or_default(), self.body_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The faults of reading a file with one required text, one number and one date.
    fn faults(text: &str) -> Vec<String> {
        let notes = Notes::default();
        if let Some(parsed) = (File { name: "a.md", text, notes: &notes }).parse() {
            let root = parsed.root();
            let _ = (root.text("title"), root.number("order", 1..=5), root.date("written_on"));
            root.finish();
        }
        notes.finish().0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        assert_eq!(faults("+++\ntitle = \"T\"\norder = 5\nwritten_on = 2026-11-24\n+++\n"), [] as [&str; 0]);
        let found = faults("+++\ntitel = \"T\"\norder = 6\nwritten_on = 'soon'\n+++\nText");
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].starts_with("a.md:1: `title` is missing"), "{}", found[0]);
        assert_eq!(found[1], "a.md:2: the key `titel` is not known here; did you mean `title`?");
        assert!(found[2].starts_with("a.md:3: `order` is not a whole number from 1 to 5"), "{}", found[2]);
        assert!(found[3].starts_with("a.md:4: `written_on` is not a date"), "{}", found[3]);
    }

    #[test]
    fn settings_that_cannot_be_read_are_one_fault_each() {
        assert!(faults("title = 1")[0].starts_with("a.md:1: the settings are missing"));
        assert!(faults("+++\ntitle = \"T\"\n")[0].starts_with("a.md:1: the settings are missing"));
        let found = faults("+++\ntitle = \"T\"\norder = \n+++\n");
        assert!(found.len() == 1 && found[0].starts_with("a.md:3: the settings cannot be read"), "{found:#?}");
    }

    #[test]
    fn the_text_after_the_settings_is_kept_as_it_is() {
        let notes = Notes::default();
        for (text, body) in [("+++\na = 1\n+++\nText\n", "Text\n"), ("+++\n+++\nText", "Text"), ("+++\na = 1\n+++", "")]
        {
            let parsed = File { name: "a.md", text, notes: &notes }.parse();
            assert_eq!(parsed.map(|parsed| parsed.body().0), Some(body), "{text}");
        }
    }
}
