//! Two people at one inquiry: what the slower one saw, and how it stands now, side by side.

use super::timeline::{entry_words, name_of, status_label};
use super::{Bench, Inquiry, StaffMember, store};
use crate::store::{Entry, EntryKind};

/// What changed between the page that somebody used and now.
pub(super) struct Conflict {
    pub rows: [Row; 2],
    /// Everything that happened in between, in words.
    pub since: Vec<String>,
}

/// One thing as it was and as it is.
pub(super) struct Row {
    pub what: &'static str,
    pub was: String,
    pub is: String,
}

impl Bench {
    /// The difference between the page that showed entries up to `seen` and now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn conflict(&self, inquiry: &Inquiry, seen: i64) -> Result<Option<Conflict>, store::Error> {
        let Some(now) = self.store.inquiry(&inquiry.reference).await? else { return Ok(None) };
        let entries = self.store.timeline(inquiry.seq).await?;
        let staff = self.store.staff().await?;
        let news: Vec<&Entry> =
            entries.iter().filter(|entry| entry.seq > seen && entry.kind != EntryKind::Viewed).collect();
        let (status, assignee) = (now.status.as_str(), now.assignee.as_deref().unwrap_or_default());
        Ok(Some(Conflict {
            rows: [
                Row {
                    what: "Status",
                    was: status_label(before(&news, EntryKind::Status).unwrap_or(status)),
                    is: status_label(status),
                },
                Row {
                    what: "Assigned to",
                    was: name_of(before(&news, EntryKind::Assigned).unwrap_or(assignee), &staff),
                    is: name_of(assignee, &staff),
                },
            ],
            since: news.into_iter().map(|entry| told(entry, &staff)).collect(),
        }))
    }
}

/// What the first change of a kind changed from: that is what the older page showed.
fn before<'a>(news: &[&'a Entry], kind: EntryKind) -> Option<&'a str> {
    let first = news.iter().find(|entry| entry.kind == kind)?;
    first.words.split_once('>').map(|(before, _)| before)
}

fn told(entry: &Entry, staff: &[StaffMember]) -> String {
    let what = entry_words(entry.kind, &entry.words, staff);
    entry.staff_name.as_ref().map_or(what.clone(), |name| format!("{name} {what}"))
}
