//! Collects values from the file and the environment, key by key, and remembers every fault instead of stopping.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use toml::{Table, Value};

use super::Fault;

/// What is wrong with a value, and the remedy.
pub(super) type Refusal = (&'static str, &'static str);

pub(super) struct Reader {
    keys: &'static [&'static str],
    values: BTreeMap<String, Value>,
    faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn new(
        keys: &'static [&'static str],
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut reader = Self { keys, values: BTreeMap::new(), faults: Vec::new() };
        match text.parse::<Table>() {
            Ok(table) => reader.take_table(table),
            Err(e) => reader.faults.push(syntax_fault(text, &e)),
        }
        for (name, value) in environment {
            reader.take_variable(&name, value);
        }
        reader
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    fn take_table(&mut self, table: Table) {
        for (name, value) in table {
            match value {
                Value::Table(section) if self.is_section(&name) => {
                    for (key, value) in section {
                        self.take(format!("{name}.{key}"), value);
                    }
                }
                value => self.take(name, value),
            }
        }
    }

    /// `BACKWISE_MAIL__URL` is `mail.url`; `BACKWISE_DATA_DIR` is `data_dir`. An empty variable counts as not set.
    fn take_variable(&mut self, name: &str, value: String) {
        let Some(rest) = name.strip_prefix("BACKWISE_") else { return };
        let key = rest.to_lowercase().replacen("__", ".", 1);
        if !self.keys.contains(&key.as_str()) {
            return self.unknown(name, &variable_of(self.nearest(&key)));
        }
        if !value.trim().is_empty() {
            self.values.insert(key, Value::String(value));
        }
    }

    fn take(&mut self, key: String, value: Value) {
        if self.keys.contains(&key.as_str()) {
            self.values.insert(key, value);
        } else {
            let nearest = self.nearest(&key).to_owned();
            self.unknown(&key, &nearest);
        }
    }

    fn is_section(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
    }

    fn unknown(&mut self, name: &str, nearest: &str) {
        let remedy = format!("the nearest known key is {nearest}");
        self.fault(name, "is not a key we know", &remedy);
    }

    fn nearest(&self, key: &str) -> &'static str {
        let distance = |known: &&&str| strsim::damerau_levenshtein(known, key);
        self.keys.iter().min_by_key(distance).copied().unwrap_or("server.bind")
    }

    pub(super) fn fault(&mut self, key: &str, problem: &str, remedy: &str) {
        self.faults.push(Fault::new(key, problem, remedy));
    }

    pub(super) fn has_fault(&self, key: &str) -> bool {
        self.faults.iter().any(|fault| fault.key == key)
    }

    /// The raw value of a key, for the few with a shape of their own.
    pub(super) fn raw(&self, key: &str) -> Option<Value> {
        self.values.get(key).cloned()
    }

    /// Whether the operator gave a value.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    pub(super) fn text(&mut self, key: &str, default: &str) -> String {
        self.given_text(key).unwrap_or_else(|| default.to_owned())
    }

    fn given_text(&mut self, key: &str) -> Option<String> {
        match self.raw(key)? {
            Value::String(text) if text.chars().any(char::is_control) => {
                self.fault(key, "holds a control character", "write it on one line");
                None
            }
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Integer(number) => Some(number.to_string()),
            _ => {
                self.fault(key, "must be a text", "put it in quotes");
                None
            }
        }
    }

    /// A value that `parse` understands. The default is parsed the same way; one that does not pass is a fault like any
    /// other, and then there is no value.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        if let Some(value) = self.optional(key, &parse) {
            return Some(value);
        }
        parse(default)
            .map_err(|_| {
                self.fault(key, "has a default that cannot be used", "report this as a mistake of the program")
            })
            .ok()
    }

    pub(super) fn optional<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, Refusal>) -> Option<T> {
        let text = self.given_text(key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err((problem, remedy)) => {
                self.fault(key, problem, remedy);
                None
            }
        }
    }

    /// A list, in the file as an array or comma-separated, in the environment comma-separated.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        default: &[&str],
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Vec<T> {
        let texts = self.texts(key).unwrap_or_else(|| default.iter().map(|&text| text.to_owned()).collect());
        let mut items = Vec::new();
        for text in texts {
            match parse(&text) {
                Ok(item) => items.push(item),
                Err((problem, remedy)) => self.fault(key, &format!("“{text}” {problem}"), remedy),
            }
        }
        items
    }

    /// A list that no message may show.
    pub(super) fn secrets<T>(
        &mut self,
        key: &str,
        parse: impl for<'a> Fn(&mut dyn Iterator<Item = &'a str>) -> Option<T>,
        remedy: &str,
    ) -> Option<T> {
        let texts = self.texts(key)?;
        let parsed = parse(&mut texts.iter().map(String::as_str)).filter(|_| !texts.is_empty());
        if parsed.is_none() {
            self.fault(key, "holds something that is no key", remedy);
        }
        parsed
    }

    fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        match self.raw(key)? {
            Value::String(text) => Some(split(&text)),
            Value::Array(items) => Some(items.iter().map(scalar_text).collect()),
            _ => {
                self.fault(key, "must be a list", "write [\"one\", \"two\"]");
                None
            }
        }
    }

    pub(super) fn number(&mut self, key: &str, default: u32, range: RangeInclusive<u32>) -> u32 {
        let Some(value) = self.raw(key) else { return default };
        let number = match &value {
            Value::Integer(number) => u32::try_from(*number).ok(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number.filter(|number| range.contains(number)) {
            Some(number) => number,
            None => {
                let remedy = format!("write a whole number from {} to {}", range.start(), range.end());
                self.fault(key, "is out of range", &remedy);
                default
            }
        }
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.raw(key) {
            None => default,
            Some(Value::Boolean(flag)) => flag,
            Some(Value::String(text)) if text.trim() == "true" => true,
            Some(Value::String(text)) if text.trim() == "false" => false,
            Some(_) => {
                self.fault(key, "is neither true nor false", "write true or false");
                default
            }
        }
    }
}

/// A scalar of the file as text: dates may be written with or without quotes.
pub(super) fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Datetime(date) => date.to_string(),
        Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

pub(super) fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn variable_of(key: &str) -> String {
    format!("BACKWISE_{}", key.to_uppercase().replacen('.', "__", 1))
}

fn syntax_fault(text: &str, error: &toml::de::Error) -> Fault {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    Fault::new(&format!("line {line} of the configuration file"), error.message(), "mend the TOML there")
}
