//! The newest note, right under the words of the person: whoever opens an inquiry sees what a colleague noted before they answer.

use super::Bench;
use super::beside::beginning;
use crate::desk;
use crate::store::{Entry, EntryKind};

/// Characters of a note that are shown there; all of it stands in the timeline.
const MOST: usize = 400;

/// The newest note, as its beginning.
pub(super) struct Noted {
    pub who: String,
    pub at: String,
    pub ago: String,
    pub words: String,
    /// Its number, where whoever reads this may remove it.
    pub own: Option<i64>,
    /// What else there is to read under “What happened”; None where this is all.
    pub more: Option<String>,
}

impl Bench {
    /// The number of a note that whoever looks may remove now.
    pub(super) fn removable(&self, entry: &Entry) -> Option<i64> {
        desk::can_be_removed_by(entry, &self.actor, self.now).then_some(entry.seq)
    }

    /// None where nobody noted anything.
    pub(super) fn newest_note(&self, entries: &[Entry]) -> Option<Noted> {
        let mut notes = entries.iter().rev().filter(|entry| entry.kind == EntryKind::Note);
        let newest = notes.next()?;
        let beginning = beginning(&newest.words, MOST);
        Some(Noted {
            who: newest.staff_name.clone().unwrap_or_default(),
            at: self.near(newest.at),
            ago: self.age(newest.at),
            more: more(beginning.is_some(), notes.count()),
            own: self.removable(newest),
            words: beginning.unwrap_or_else(|| newest.words.clone()),
        })
    }
}

fn more(is_cut: bool, older: usize) -> Option<String> {
    let plural = if older == 1 { "" } else { "s" };
    match (is_cut, older) {
        (false, 0) => None,
        (true, 0) => Some("The whole note".to_owned()),
        (false, older) => Some(format!("{older} older note{plural}")),
        (true, older) => Some(format!("The whole note and {older} older one{plural}")),
    }
}
