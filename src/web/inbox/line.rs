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
    /// The inquiry that is kept in its place.
    pub merged_into: Option<String>,
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
    let mut lines: Vec<Line> = rows.iter().map(|row| line(row, &words, members, bench)).collect();
    if words.is_empty() {
        return Ok(lines);
    }
    // Only now, and only of lines that show no hit yet: a note or a reply must hold it.
    let unexplained: Vec<i64> =
        rows.iter().zip(&lines).filter(|(_, line)| !line.has_hit()).map(|(row, _)| row.inquiry.seq).collect();
    let written = bench.store.written_about(&unexplained).await?;
    for (row, line) in rows.iter().zip(&mut lines) {
        let about = written.iter().filter(|(inquiry, _)| *inquiry == row.inquiry.seq);
        let hit = about.filter_map(|(_, entry)| Some((entry.kind, around(&entry.words, &words)?))).next();
        if let Some((kind, parts)) = hit {
            line.found_in = Some(if kind == EntryKind::Note { "Note" } else { "Reply" });
            line.text = parts;
        }
    }
    Ok(lines)
}

impl Line {
    fn has_hit(&self) -> bool {
        [&self.name, &self.reference, &self.text].into_iter().flatten().any(|part| part.is_hit)
    }
}

fn line(row: &InboxRow, words: &[String], members: &[StaffMember], bench: &Bench) -> Line {
    let Inquiry { reference, answers, status, opened_at, received_at, answer_by, assignee, version, .. } = &row.inquiry;
    let technique = answers.technique.as_deref();
    let name = |staff: &String| {
        let known = members.iter().find(|member| member.id == *staff);
        known.map_or_else(|| "a disabled account".to_owned(), |member| member.name.clone())
    };
    let (found_in, text) = excerpt(&row.inquiry, words);
    Line {
        href: routes::inquiry(reference.as_str()),
        tick: format!("{reference}.{version}"),
        reference: marked(reference.as_str(), words),
        name: marked(answers.name.as_str(), words),
        found_in,
        text,
        technique: technique
            .map(|slug| bench.content.technique(slug).map_or(slug, |technique| technique.name()).to_owned()),
        assignee: assignee.as_ref().map(name),
        status: *status,
        merged_into: row.inquiry.merged_into.as_ref().map(ToString::to_string),
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
fn excerpt(inquiry: &Inquiry, words: &[String]) -> (Option<&'static str>, Vec<Part>) {
    let answers = &inquiry.answers;
    let contact = &answers.contact;
    let places = [
        (None, answers.message.as_str()),
        (Some("Email"), contact.email().map_or("", EmailAddress::as_str)),
        (Some("Phone"), contact.phone().map_or("", PhoneNumber::as_str)),
        (Some("Best time"), answers.best_time.as_ref().map_or("", BestTime::as_str)),
    ];
    let hit = places.into_iter().find_map(|(what, text)| Some((what, around(text, words)?)));
    hit.unwrap_or_else(|| (None, beginning(answers.message.as_str())))
}
