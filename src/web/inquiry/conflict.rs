//! Two people at one inquiry: what the slower one saw, and how it stands now, side by side.

use super::timeline::{entry_words, name_of, status_label};
use super::{Bench, Inquiry, Reference, StaffMember, store};
use crate::clock::from_milliseconds;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::store::{Entry, EntryKind};

/// What changed between the page that somebody used and now.
pub(super) struct Conflict {
    pub rows: Vec<Row>,
    /// Everything that happened in between.
    pub since: Vec<Told>,
    /// The names of who did it.
    by: Vec<String>,
    /// Whether whoever looks did something in between too.
    is_own: bool,
}

impl Conflict {
    /// Who changed it, at the beginning of a sentence; "somebody" where that was the person who wrote.
    pub(super) fn who(&self) -> String {
        match self.by.split_last() {
            None if self.is_own => "You yourself".to_owned(),
            None => "Somebody".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
        }
    }
}

/// Something that somebody did in between.
pub(super) struct Told {
    pub what: String,
    /// What they wrote, where it was a note or a reply.
    pub words: Option<String>,
    /// Whether that is long, and folded away.
    pub is_long: bool,
}

/// Characters that are read at a glance.
const SHORT: usize = 300;

/// One thing as it was and as it is.
pub(super) struct Row {
    pub what: &'static str,
    pub was: String,
    pub is: String,
}

impl Bench {
    /// The difference between the page that showed entries up to `seen`, and of the facts what it carried along as `was`, and now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn conflict(
        &self,
        inquiry: &Inquiry,
        seen: i64,
        was: &str,
    ) -> Result<Option<Conflict>, store::Error> {
        let Some(now) = self.store.inquiry(&inquiry.reference).await? else { return Ok(None) };
        let entries = self.store.timeline(inquiry.seq).await?;
        let staff = self.store.staff().await?;
        let news: Vec<&Entry> =
            entries.iter().filter(|entry| entry.seq > seen && entry.kind != EntryKind::Viewed).collect();
        let rows = self.rows(was, &now, &staff);
        let is_own = news.iter().any(|entry| self.is_own(entry));
        let others = news.iter().filter(|entry| !self.is_own(entry));
        let mut by: Vec<String> = others.filter_map(|entry| entry.staff_name.clone()).collect();
        by.sort_unstable();
        by.dedup();
        Ok(Some(Conflict { rows, since: news.into_iter().map(|entry| told(entry, &staff)).collect(), by, is_own }))
    }

    /// The facts that a page carried along beside those of now: what differs, and always how it stands and whose it is.
    fn rows(&self, was: &str, now: &Inquiry, staff: &[StaffMember]) -> Vec<Row> {
        let carried: Vec<_> = url::form_urlencoded::parse(was.as_bytes()).collect();
        let before = |fact: Fact| carried.iter().find(|(key, _)| key == fact.key()).map(|(_, value)| value.as_ref());
        let told = Fact::ALL.into_iter().filter_map(|fact| {
            let (was, is) = (before(fact)?, fact.of(now));
            (was != is || matches!(fact, Fact::Status | Fact::Assignee)).then(|| Row {
                what: fact.label(),
                was: self.fact_words(fact, was, staff),
                is: self.fact_words(fact, &is, staff),
            })
        });
        told.collect()
    }

    fn fact_words(&self, fact: Fact, value: &str, staff: &[StaffMember]) -> String {
        match (fact, value) {
            (Fact::Status, status) => status_label(status),
            (Fact::Assignee, id) => name_of(id, staff),
            (_, "") => "none".to_owned(),
            (Fact::Urgent, "yes") => "has one now".to_owned(),
            (Fact::Urgent, _) => "not sure".to_owned(),
            (Fact::AnswerBy, milliseconds) => {
                let at = milliseconds.parse().map(from_milliseconds);
                at.map_or_else(|_| String::new(), |at| self.policy.opening.written(at))
            }
            (_, words) => words.to_owned(),
        }
    }
}

/// What may change while somebody has the page before them. Its forms carry it along, so that they can be told what
/// it was: nobody keeps an address that was corrected, and a reply or a merge changes the status without a word of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fact {
    Status,
    Assignee,
    Email,
    Phone,
    AnswerThemBy,
    Urgent,
    AnswerBy,
    MergedInto,
}

impl Fact {
    const ALL: [Self; 8] = [
        Self::Status,
        Self::Assignee,
        Self::Email,
        Self::Phone,
        Self::AnswerThemBy,
        Self::Urgent,
        Self::AnswerBy,
        Self::MergedInto,
    ];

    /// Short, since each form of the page carries it.
    fn key(self) -> &'static str {
        match self {
            Self::Status => "s",
            Self::Assignee => "w",
            Self::Email => "e",
            Self::Phone => "p",
            Self::AnswerThemBy => "b",
            Self::Urgent => "u",
            Self::AnswerBy => "a",
            Self::MergedInto => "m",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Assignee => "Assigned to",
            Self::Email => "Email address",
            Self::Phone => "Phone number",
            Self::AnswerThemBy => "Answer them by",
            Self::Urgent => "Warning sign",
            Self::AnswerBy => "Promised until",
            Self::MergedInto => "Merged into",
        }
    }

    /// As it is carried; empty for none.
    fn of(self, inquiry: &Inquiry) -> String {
        let answers = &inquiry.answers;
        let text = match self {
            Self::Status => Some(inquiry.status.as_str()),
            Self::Assignee => inquiry.assignee.as_deref(),
            Self::Email => answers.contact.email().map(EmailAddress::as_str),
            Self::Phone => answers.contact.phone().map(PhoneNumber::as_str),
            Self::AnswerThemBy => Some(answers.contact.by().as_str()),
            Self::Urgent => Some(answers.urgent.as_str()).filter(|_| answers.urgent.is_marked()),
            Self::AnswerBy => return inquiry.answer_by.as_millisecond().to_string(),
            Self::MergedInto => inquiry.merged_into.as_ref().map(Reference::as_str),
        };
        text.unwrap_or_default().to_owned()
    }
}

/// What the forms of a page carry along about the inquiry as it shows it.
pub(super) fn facts_carried(inquiry: &Inquiry) -> String {
    let mut carried = url::form_urlencoded::Serializer::new(String::new());
    carried.extend_pairs(Fact::ALL.map(|fact| (fact.key(), fact.of(inquiry))));
    carried.finish()
}

/// The status and whose it was on the page that carried this; None where that is not said.
pub(super) fn shown(was: &str) -> (Option<String>, Option<String>) {
    let carried: Vec<_> = url::form_urlencoded::parse(was.as_bytes()).into_owned().collect();
    let of = |fact: Fact| carried.iter().find(|(key, _)| key == fact.key()).map(|(_, value)| value.clone());
    (of(Fact::Status), of(Fact::Assignee))
}

fn told(entry: &Entry, staff: &[StaffMember]) -> Told {
    let what = entry_words(entry.kind, &entry.words, staff);
    let words = matches!(entry.kind, EntryKind::Note | EntryKind::Reply).then(|| entry.words.clone());
    Told {
        what: entry.staff_name.as_ref().map_or(what.clone(), |name| format!("{name} {what}")),
        is_long: entry.words.chars().nth(SHORT).is_some(),
        words,
    }
}
