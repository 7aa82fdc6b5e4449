//! Reads the settings of a content file: the TOML between the `+++` lines, or a whole `.toml` file.
//! A reader asks for the keys it knows; what is missing, of the wrong kind or not asked for becomes a fault.
//! It knows nothing of techniques or pages.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Notes, Prose, suggestion};

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
        Table { file: self.file, base: self.base, at: 0, entries: &self.table, asked: RefCell::default() }
    }

    /// The Markdown after the settings, and where it begins.
    pub(super) fn body(&self) -> (&'t str, usize) {
        (self.file.text.get(self.body_at..).unwrap_or_default(), self.body_at)
    }
}

/// A group of settings. Every method that returns None has noted the fault.
pub(super) struct Table<'p, 't> {
    pub(super) file: File<'t>,
    base: usize,
    at: usize,
    entries: &'p DeTable<'t>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'p, 't> Table<'p, 't> {
    /// Notes a fault at a key, or where the group begins when the key is not there.
    pub(super) fn fault(&self, key: &str, what: impl Into<String>) {
        self.file.fault(self.place(key), what);
    }

    /// Notes at a key what an editor should look at, though it works.
    pub(super) fn remark(&self, key: &str, what: impl Into<String>) {
        self.file.notes.remark(Fault::new(self.file.name, self.line(key), what));
    }

    /// The byte of the file where a key's value begins, or where the group begins when the key is not there.
    pub(super) fn place(&self, key: &str) -> usize {
        self.entries.get(key).map_or(self.at, |value| self.base + value.span().start)
    }

    /// Whether the file writes this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.get(key).is_some()
    }

    /// The line of a key's value, counted from 1, or where the group begins when the key is not there.
    pub(super) fn line(&self, key: &str) -> usize {
        self.file.line(self.place(key))
    }

    /// A required text that people will read.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        let text = self.word(key)?;
        self.note_prose(key, &text);
        Some(text)
    }

    /// A text that may be left out; an empty one counts as left out.
    pub(super) fn optional_text(&self, key: &'static str) -> Option<String> {
        let text = self.string(key)??;
        self.note_prose(key, &text);
        Some(text)
    }

    /// A required text that is no prose: an id, a name, a version.
    pub(super) fn word(&self, key: &'static str) -> Option<String> {
        let word = self.string(key)?;
        if word.is_none() {
            self.fault(key, format!("`{key}` is missing or empty; add {key} = \"…\""));
        }
        word
    }

    /// A word that may be left out.
    pub(super) fn optional_word(&self, key: &'static str) -> Option<String> {
        self.string(key).flatten()
    }

    /// A required whole number within a range.
    pub(super) fn number(&self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let number = self.value(key).and_then(|value| value.as_integer()?.as_str().parse().ok());
        let fits = number.filter(|number| range.contains(number));
        if fits.is_none() {
            let (from, to) = range.into_inner();
            self.fault(key, format!("`{key}` is not a whole number from {from} to {to}; write {key} = {from}"));
        }
        fits
    }

    /// A required date.
    pub(super) fn date(&self, key: &'static str) -> Option<Date> {
        let date = self.parse_date(key);
        if date.is_none() {
            self.fault(key, format!("`{key}` is not a date; write {key} = 2026-11-24"));
        }
        date
    }

    /// A date that may be left out.
    pub(super) fn optional_date(&self, key: &'static str) -> Option<Date> {
        self.value(key)?;
        self.date(key)
    }

    /// Required texts that people will read, at least one.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<String>> {
        let texts = self.words(key);
        if texts.is_empty() {
            self.fault(key, format!("the list `{key}` is empty; write {key} = [\"…\"]"));
            return None;
        }
        texts.iter().for_each(|text| self.note_prose(key, text));
        Some(texts)
    }

    /// The words of a list; what is no word is a fault and left out.
    pub(super) fn words(&self, key: &'static str) -> Vec<String> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.fault(key, format!("`{key}` is not a list; write {key} = [\"…\"]"));
            return Vec::new();
        };
        let mut words = Vec::new();
        for item in items {
            match item.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) => words.push(text.to_owned()),
                None => self.file.fault(
                    self.base + item.span().start,
                    format!("`{key}` holds something that is no text; put it in quotes"),
                ),
            }
        }
        words
    }

    /// A required group.
    pub(super) fn table(&self, key: &'static str) -> Option<Table<'p, 't>> {
        let found = self.entry(key).and_then(|value| self.group(value));
        if found.is_none() {
            self.fault(key, format!("the group `{key}` is missing; add [{key}] and its settings"));
        }
        found
    }

    /// The groups written as `[[key]]`; none at all is for the caller to judge.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Table<'p, 't>> {
        let Some(value) = self.entry(key) else { return Vec::new() };
        let groups = value.get_ref().as_array().and_then(|items| items.iter().map(|item| self.group(item)).collect());
        groups.unwrap_or_else(|| {
            self.fault(key, format!("`{key}` is not a list of groups; write [[{key}]] before each"));
            Vec::new()
        })
    }

    /// Notes every key that nobody asked for. Call it when everything has been asked.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) {
                let remedy = suggestion(name, asked.iter().copied(), "remove it");
                self.file.fault(self.base + key.span().start, format!("the key `{name}` is not known here; {remedy}"));
            }
        }
    }

    fn group(&self, value: &'p Spanned<DeValue<'t>>) -> Option<Table<'p, 't>> {
        let at = self.base + value.span().start;
        let entries = value.get_ref().as_table()?;
        Some(Table { file: self.file, base: self.base, at, entries, asked: RefCell::default() })
    }

    fn entry(&self, key: &'static str) -> Option<&'p Spanned<DeValue<'t>>> {
        self.asked.borrow_mut().push(key);
        self.entries.get(key)
    }

    fn value(&self, key: &'static str) -> Option<&'p DeValue<'t>> {
        self.entry(key).map(Spanned::get_ref)
    }

    /// None: there, but no text (a fault). Some(None): not there or empty.
    fn string(&self, key: &'static str) -> Option<Option<String>> {
        let Some(value) = self.value(key) else { return Some(None) };
        let Some(text) = value.as_str() else {
            self.fault(key, format!("`{key}` is not a text; put it in quotes"));
            return None;
        };
        Some(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    fn parse_date(&self, key: &'static str) -> Option<Date> {
        match self.value(key)? {
            DeValue::Datetime(date) => date.to_string().parse().ok(),
            DeValue::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn note_prose(&self, key: &str, text: &str) {
        self.file.prose(self.place(key), text);
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
