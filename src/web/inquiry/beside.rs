//! What lies beside an inquiry: what the same person wrote otherwise, and a colleague who has it before them.

use jiff::SignedDuration;

use super::{Bench, Inquiry, InquiryPage, Link, Status, desk, link_to, routes, store};
use crate::store::{Entry, EntryKind};

/// Other inquiries of the same person that a page lists, the newest.
pub(super) const MOST_OTHERS: usize = 20;

/// Characters of its words that are shown.
const FIRST_WORDS: usize = 80;

/// Another inquiry of the same person.
pub(super) struct Other {
    pub link: Link,
    /// Into this one: nothing stands in the way.
    pub can_be_merged: bool,
    /// The question whether to merge this one into it, where only that is possible: who still waits must not be forgotten.
    pub merge_instead: Option<String>,
    pub name: String,
    pub status: Status,
    pub received: String,
    pub first_words: String,
}

impl Bench {
    /// What was written besides from the same address or number.
    pub(in crate::web) async fn of_same_person(
        &self,
        inquiry: &Inquiry,
        merged: &[Inquiry],
    ) -> Result<Vec<Inquiry>, store::Error> {
        let most = MOST_OTHERS + 1 + merged.len();
        let mut found = self.store.of_same_person(&inquiry.answers.contact, most).await?;
        found.retain(|other| other.seq != inquiry.seq);
        Ok(found)
    }

    /// Of these what is not merged with it.
    pub(super) fn others(&self, inquiry: &Inquiry, merged: &[Inquiry], of_person: &[Inquiry]) -> Vec<Other> {
        let is_apart = |other: &&Inquiry| merged.iter().all(|here| here.seq != other.seq);
        let others = of_person.iter().filter(is_apart).take(MOST_OTHERS);
        others.map(|other| self.other_view(inquiry, other)).collect()
    }

    fn other_view(&self, inquiry: &Inquiry, other: &Inquiry) -> Other {
        let can_be_merged = desk::obstacle(inquiry, other).is_none();
        let is_only_other_way = !can_be_merged && desk::obstacle(other, inquiry).is_none();
        Other {
            link: link_to(&other.reference),
            can_be_merged,
            merge_instead: is_only_other_way.then(|| routes::merge(&other.reference, inquiry.reference.as_str())),
            name: other.answers.name.as_str().to_owned(),
            status: other.status,
            received: self.near(other.received_at),
            first_words: first_words(other.answers.message.as_str()),
        }
    }

    /// Somebody else who opened it a moment ago and may be answering it too; nobody where it is answered.
    pub(super) fn colleague(&self, inquiry: &Inquiry, entries: &[Entry]) -> Option<String> {
        if !inquiry.status.is_to_do() {
            return None;
        }
        let newest = entries.iter().rfind(|entry| {
            entry.kind == EntryKind::Viewed && entry.staff.as_deref().is_some_and(|id| id != self.actor.id())
        })?;
        let passed = self.now.duration_since(newest.at);
        let name = newest.staff_name.clone()?;
        (SignedDuration::ZERO..desk::STILL_OPEN)
            .contains(&passed)
            .then(|| format!("{name} opened this {}.", self.age(newest.at)))
    }
}

/// The beginning of a text on one line.
fn first_words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    beginning(&line, FIRST_WORDS).unwrap_or(line)
}

/// The first characters of a text with an ellipsis; None where there are no more.
pub(super) fn beginning(text: &str, most: usize) -> Option<String> {
    let (end, _) = text.char_indices().nth(most)?;
    Some(format!("{}…", &text[..end]))
}

impl InquiryPage<'_> {
    /// How many others there are, for the link to them.
    pub(super) fn others_words(&self) -> String {
        match self.others.len() {
            1 => "They wrote 1 other".to_owned(),
            MOST_OTHERS => format!("They wrote {MOST_OTHERS} others or more"),
            many => format!("They wrote {many} others"),
        }
    }

    /// Whether one of the other inquiries can be merged into this one.
    pub(super) fn has_candidates(&self) -> bool {
        self.others.iter().any(|other| other.can_be_merged)
    }
}
