//! What somebody asks for who changes several inquiries: which, what is to happen, and where to go back.

use url::form_urlencoded::byte_serialize;

use super::super::bench::Bench;
use super::super::body::Fields;
use super::super::routes;
use super::done;
use super::way_back::view;
use crate::inquiry::Reference;
use crate::store;

/// More than fit on a page of the inbox; a longer list was not ticked there.
const MOST: usize = 100;
/// The word for undoing what was done.
pub(super) const UNDO: &str = "undo";

#[derive(Clone)]
pub(super) struct Asked {
    pub change: String,
    pub ticked: Vec<String>,
    /// Between which lines that stands which is to be undone; it says which inquiries in place of ticks.
    pub done: String,
    pub back: String,
}

impl Asked {
    pub(super) fn of(fields: &Fields) -> Self {
        let mut ticked = fields.texts("ticked");
        ticked.truncate(MOST);
        Self { change: fields.text("change"), ticked, done: fields.text("done"), back: back(&fields.text("back")) }
    }

    /// The way back, where the inbox says what was done.
    pub(super) fn back_with(&self, place: &str) -> String {
        format!("{}{}{place}", self.back, if self.back.contains('?') { '&' } else { '?' })
    }

    /// The way back with the same lines ticked, and the same chosen to be done with them.
    pub(super) fn back_ticked(&self) -> String {
        let ticked: Vec<_> = self.ticks().into_iter().map(|(reference, _)| reference.to_string()).collect();
        let change: String = byte_serialize(self.change.as_bytes()).collect();
        match ticked.is_empty() {
            true => self.back.clone(),
            false => self.back_with(&format!("tick={}&change={change}#list", ticked.join("."))),
        }
    }

    /// References and the versions that count as shown.
    pub(super) async fn inquiries(&self, bench: &Bench) -> Result<Vec<(Reference, i64)>, store::Error> {
        match self.change.as_str() {
            UNDO => done::to_undo(bench, &self.done).await,
            _ => Ok(self.ticks()),
        }
    }

    /// Each reference once; what is no reference is left out.
    fn ticks(&self) -> Vec<(Reference, i64)> {
        let mut found: Vec<(Reference, i64)> = Vec::new();
        for tick in &self.ticked {
            let Some((reference, version)) = tick.split_once('.') else { continue };
            let (Some(reference), Ok(version)) = (Reference::parse(reference), version.parse()) else { continue };
            if !found.iter().any(|(known, _)| *known == reference) {
                found.push((reference, version));
            }
        }
        found
    }
}

/// Only back to a view of the inbox.
fn back(address: &str) -> String {
    view(address).unwrap_or_else(|| routes::INBOX.to_owned())
}

/// The address of the confirmation of what a form holds: for somebody whose session ended before they pressed its button.
pub(crate) fn changes_address(fields: &Fields) -> String {
    let asked = Asked::of(fields);
    let mut parts = url::form_urlencoded::Serializer::new(String::new());
    parts.append_pair("change", &asked.change).append_pair("done", &asked.done).append_pair("back", &asked.back);
    parts.extend_pairs(asked.ticked.iter().map(|tick| ("ticked", tick)));
    format!("{}?{}", routes::CHANGES, parts.finish())
}
