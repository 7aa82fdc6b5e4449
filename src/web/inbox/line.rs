//! A line of the inbox: enough to decide what to open next.

use super::super::bench::Bench;
use super::super::routes;
use super::excerpt::{Part, around, beginning, marked};
use super::query::Query;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{BestTime, Inquiry, Status};
use crate::staff::StaffMember;
use crate::store::{self, EntryKind, InboxRow, search};

pub(super) struct Line {
    pub href: String,
    /// The reference and which version of the inquiry is shown, for a change of several.
    pub tick: String,
    pub reference: Vec<Part>,
    pub name: Vec<Part>,
    /// Where the words below were found, when not in the message.
    pub found_in: Option<&'static str>,
    pub text: Vec<Part>,
    pub technique: Option<String>,
    pub assignee: Option<String>,
    pub status: Status,
    pub is_urgent: bool,
    pub is_unopened: bool,
    pub is_overdue: bool,
    /// Whether the promise still matters.
    pub waits: bool,
    pub received: String,
    pub answer_by: String,
    pub answer_by_age: String,
    pub failed: i64,
    pub queued: i64,
}

/// The lines of a page.
pub(super) async fn lines(
    rows: &[InboxRow],
    query: &Query,
    members: &[StaffMember],
    bench: &Bench,
) -> Result<Vec<Line>, store::Error> {
    let words: Vec<String> = search::words(&query.q).into_iter().collect();
    let mut lines = Vec::new();
    for row in rows {
        let (found_in, text) = excerpt(&row.inquiry, &words, bench).await?;
        lines.push(Line { found_in, text, ..line(row, &words, members, bench) });
    }
    Ok(lines)
}

fn line(row: &InboxRow, words: &[String], members: &[StaffMember], bench: &Bench) -> Line {
    let Inquiry { reference, answers, status, opened_at, received_at, answer_by, assignee, version, .. } = &row.inquiry;
    let technique = answers.technique.as_deref();
    let name = |staff: &String| {
        let known = members.iter().find(|member| member.id == *staff);
        known.map_or_else(|| "a disabled account".to_owned(), |member| member.name.clone())
    };
    Line {
        href: routes::inquiry(reference.as_str()),
        tick: format!("{reference}.{version}"),
        reference: marked(reference.as_str(), words),
        name: marked(answers.name.as_str(), words),
        found_in: None,
        text: Vec::new(),
        technique: technique
            .map(|slug| bench.content.technique(slug).map_or(slug, |technique| technique.name()).to_owned()),
        assignee: assignee.as_ref().map(name),
        status: *status,
        is_urgent: answers.urgent.is_marked(),
        is_unopened: opened_at.is_none(),
        is_overdue: row.inquiry.is_overdue(bench.now),
        waits: matches!(status, Status::New | Status::Open) && row.inquiry.answered_at.is_none(),
        received: bench.near(*received_at),
        answer_by: bench.near(*answer_by),
        answer_by_age: bench.age(*answer_by),
        failed: row.failed,
        queued: row.queued,
    }
}

/// What to show of an inquiry: the beginning of the message, or where a search was right.
async fn excerpt(
    inquiry: &Inquiry,
    words: &[String],
    bench: &Bench,
) -> Result<(Option<&'static str>, Vec<Part>), store::Error> {
    let answers = &inquiry.answers;
    let message = answers.message.as_str();
    if words.is_empty() {
        return Ok((None, beginning(message)));
    }
    if let Some(parts) = around(message, words) {
        return Ok((None, parts));
    }
    let contact = &answers.contact;
    let short = [
        ("Email", contact.email().map_or("", EmailAddress::as_str)),
        ("Phone", contact.phone().map_or("", PhoneNumber::as_str)),
        ("Best time", answers.best_time.as_ref().map_or("", BestTime::as_str)),
    ];
    for (what, text) in short {
        if let Some(parts) = around(text, words) {
            return Ok((Some(what), parts));
        }
    }
    // Only now, and only of a line of this page: a note or a reply must hold it, unless the name or reference does.
    for entry in bench.store.timeline(inquiry.seq).await? {
        let what = match entry.kind {
            EntryKind::Note => "Note",
            EntryKind::Reply => "Reply",
            _ => continue,
        };
        if let Some(parts) = around(&entry.words, words) {
            return Ok((Some(what), parts));
        }
    }
    Ok((None, beginning(message)))
}
