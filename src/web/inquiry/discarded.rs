//! What somebody discards of their draft. It leaves no trace, so the page that follows takes it from its address, and says it
//! only where none of it is there.

use super::{InquiryPage, Typed};
use crate::store::DraftBox;

/// What is discarded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Discarded {
    /// All of it, whatever that is.
    Draft,
    Reply,
    Note,
    Both,
}

impl Discarded {
    const ALL: [Self; 4] = [Self::Draft, Self::Reply, Self::Note, Self::Both];

    /// As a button names it.
    pub(in crate::web) fn then(self) -> &'static str {
        match self {
            Self::Draft => "discard",
            Self::Reply => "discard-reply",
            Self::Note => "discard-note",
            Self::Both => "discard-both",
        }
    }

    /// As a form says what is to be done; None where that is something else.
    pub(in crate::web) fn parse(then: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.then() == then)
    }

    pub(in crate::web) fn words(self) -> &'static str {
        match self {
            Self::Draft => "the draft",
            Self::Reply => "the reply",
            Self::Note => "the note",
            Self::Both => "the reply and the note",
        }
    }

    /// The only box that it empties; None for both.
    pub(super) fn only(self) -> Option<DraftBox> {
        match self {
            Self::Draft | Self::Both => None,
            Self::Reply => Some(DraftBox::Reply),
            Self::Note => Some(DraftBox::Note),
        }
    }

    /// Whether none of it stands in the boxes of a page.
    pub(super) fn is_gone_from(self, typed: &Typed) -> bool {
        let (is_reply_gone, is_note_gone) = (typed.reply.trim().is_empty(), typed.note.trim().is_empty());
        match self {
            Self::Draft => typed.kept.is_none(),
            Self::Reply => is_reply_gone,
            Self::Note => is_note_gone,
            Self::Both => is_reply_gone && is_note_gone,
        }
    }
}

impl InquiryPage<'_> {
    /// What the button beside the draft discards.
    pub(super) fn discards(&self) -> Discarded {
        match (self.typed.reply.trim().is_empty(), self.typed.note.trim().is_empty()) {
            (true, true) => Discarded::Draft,
            (false, true) => Discarded::Reply,
            (true, false) => Discarded::Note,
            (false, false) => Discarded::Both,
        }
    }
}
