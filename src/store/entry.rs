//! What the store takes and gives about the timeline of an inquiry, and how a row becomes an entry of it.

use jiff::Timestamp;

use super::Error;
use super::row::Columns;
use super::sealing::Sealing;
use crate::secret::Place;

/// What happened to an inquiry, or was written about it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Whose account, when it was a member of staff.
    pub staff: Option<String>,
    /// Their name.
    pub staff_name: Option<String>,
    /// What.
    pub kind: EntryKind,
    /// A note's or reply's words; of what was taken down, the name of its form; a change as `new>open`; an assignment as `from>to`, each a staff id or empty for nobody;
    /// what was corrected, as names of the form's fields; a merge as `status before>reference` or as the other's reference;
    /// why a reply did not leave, as `refused` or `week`.
    pub words: String,
}

/// The kinds of timeline entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum EntryKind {
    Received,
    Viewed,
    Status,
    Note,
    NoteRemoved,
    Reply,
    Phone,
    Contact,
    Assigned,
    Escalated,
    Merged,
    TookIn,
    Separated,
    Undelivered,
    Delivered,
}

impl EntryKind {
    const ALL: [Self; 15] = [
        Self::Received,
        Self::Viewed,
        Self::Status,
        Self::Note,
        Self::NoteRemoved,
        Self::Reply,
        Self::Phone,
        Self::Contact,
        Self::Assigned,
        Self::Escalated,
        Self::Merged,
        Self::TookIn,
        Self::Separated,
        Self::Undelivered,
        Self::Delivered,
    ];

    /// The word of the database and of the page's styling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Viewed => "viewed",
            Self::Status => "status",
            Self::Note => "note",
            Self::NoteRemoved => "note-removed",
            Self::Reply => "reply",
            Self::Phone => "phone",
            Self::Contact => "contact",
            Self::Assigned => "assigned",
            Self::Escalated => "escalated",
            Self::Merged => "merged",
            Self::TookIn => "took-in",
            Self::Separated => "separated",
            Self::Undelivered => "undelivered",
            Self::Delivered => "delivered",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether its words are somebody's own, by which the inquiry is found.
    pub(super) fn is_written(self) -> bool {
        match self {
            Self::Note | Self::Reply => true,
            Self::Received
            | Self::Viewed
            | Self::Status
            | Self::NoteRemoved
            | Self::Phone
            | Self::Contact
            | Self::Assigned
            | Self::Escalated
            | Self::Merged
            | Self::TookIn
            | Self::Separated
            | Self::Undelivered
            | Self::Delivered => false,
        }
    }
}

pub(super) fn entry(row: &impl Columns, sealing: &Sealing) -> Result<Entry, Error> {
    let seq = row.number("seq")?;
    Ok(Entry {
        seq,
        at: row.time("at")?,
        staff: row.maybe_text("staff")?,
        staff_name: row.maybe_text("staff_name")?,
        kind: EntryKind::parse(&row.text("kind")?).ok_or(Error::Damaged("kind"))?,
        words: entry_words(row, seq, sealing)?,
    })
}

pub(super) fn entry_words(row: &impl Columns, seq: i64, sealing: &Sealing) -> Result<String, Error> {
    sealing.text(row, Place::new("entry", "words", &seq.to_string()))
}
