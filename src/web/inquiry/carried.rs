//! What each form of a page carries along: how the inquiry stood when the page showed it. Whoever sends the form after somebody
//! else changed the inquiry is told. A page that comes back over a form keeps what that form carried: else it would hide what
//! happened since.

use super::conflict::facts_carried;
use super::{Inquiry, InquiryPage};
use crate::store::{Entry, EntryKind};
use crate::web::body::Fields;

/// How an inquiry stood on a page.
#[derive(Clone)]
pub(super) struct Carried {
    pub version: i64,
    /// The newest entry that was shown: what comes after it is news.
    pub seen: i64,
    /// The facts, for whoever comes too late.
    pub was: String,
}

impl Carried {
    /// On a page that shows how it stands now.
    pub(super) fn now(inquiry: &Inquiry, entries: &[Entry]) -> Self {
        Self {
            version: inquiry.version,
            seen: entries.last().map_or(0, |entry| entry.seq),
            was: facts_carried(inquiry),
        }
    }

    /// On the page whose form was sent; None when it does not say.
    pub(super) fn by(fields: &Fields) -> Option<Self> {
        let version = fields.text("version").parse().ok()?;
        Some(Self { version, seen: fields.text("seen").parse().unwrap_or(0), was: fields.text("was") })
    }

    /// Whether an entry is news on that page for a member of staff: not seen there, and not by themselves.
    pub(super) fn is_behind(&self, entry: &Entry, staff: &str) -> bool {
        entry.seq > self.seen && entry.kind != EntryKind::Viewed && entry.staff.as_deref() != Some(staff)
    }
}

impl InquiryPage<'_> {
    /// Whether it comes back over a form, and the inquiry was changed since that form was shown.
    pub(super) fn is_behind(&self) -> bool {
        self.typed.carried.is_some() && self.typed.conflict.is_some()
    }

    /// The version that it tells of beside an older draft; None where no draft was taken up, or nothing happened since.
    pub(super) fn told(&self) -> Option<i64> {
        (self.typed.is_taken_up && self.is_behind()).then_some(self.inquiry.version)
    }
}
