//! A group of settings of a content file. A reader asks for the keys it knows; what is missing, of the wrong kind or not asked
//! for becomes a fault.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, suggestion};
use super::front::File;

/// A group of settings. Every method that returns None has noted the fault.
pub(super) struct Table<'p, 't> {
    pub(super) file: File<'t>,
    base: usize,
    at: usize,
    entries: &'p DeTable<'t>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'p, 't> Table<'p, 't> {
    /// The settings as a whole, which begin at byte `base` of the file.
    pub(super) fn root(file: File<'t>, base: usize, entries: &'p DeTable<'t>) -> Self {
        Self { file, base, at: 0, entries, asked: RefCell::default() }
    }

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
