//! What lies beside an inquiry: what the same person wrote otherwise, and a colleague who has it before them.

use jiff::SignedDuration;

use super::{Bench, Inquiry, Link, Status, desk, link_to, routes, store, timeline};
use crate::store::{Entry, EntryKind};

/// Older inquiries of the same person that a page lists.
const MOST_OTHERS: usize = 20;

/// Another inquiry of the same person.
pub(super) struct Other {
    pub link: Link,
    /// To merge it into this one; None when something stands in the way.
    pub merge: Option<String>,
    pub status: Status,
    pub received: String,
}

impl Bench {
    /// What the same address wrote besides, and what is not merged with it.
    pub(super) async fn others(&self, inquiry: &Inquiry, merged: &[Inquiry]) -> Result<Vec<Other>, store::Error> {
        let Some(email) = inquiry.answers.contact.email() else { return Ok(Vec::new()) };
        let mut references = self.store.references_of(email).await?;
        references.retain(|reference| {
            *reference != inquiry.reference && merged.iter().all(|other| other.reference != *reference)
        });
        let mut others = Vec::new();
        for reference in references.iter().rev().take(MOST_OTHERS) {
            if let Some(other) = self.store.inquiry(reference).await? {
                let link = link_to(reference);
                let can_be_merged = desk::obstacle(inquiry, &other).is_none();
                let merge = can_be_merged.then(|| routes::merge(&inquiry.reference, reference));
                others.push(Other { link, merge, status: other.status, received: self.near(other.received_at) });
            }
        }
        Ok(others)
    }

    /// Somebody else who opened it a moment ago and may be answering it too.
    pub(super) fn colleague(&self, entries: &[Entry]) -> Option<String> {
        let newest = entries.iter().rfind(|entry| {
            entry.kind == EntryKind::Viewed && entry.staff.as_deref().is_some_and(|id| id != self.actor.id())
        })?;
        let passed = self.now.duration_since(newest.at);
        let name = newest.staff_name.clone()?;
        (SignedDuration::ZERO..desk::STILL_OPEN)
            .contains(&passed)
            .then(|| format!("{name} opened this {}.", timeline::ago(newest.at, self.now)))
    }
}
