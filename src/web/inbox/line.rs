//! A line of the inbox: enough to decide what to open next.

use super::super::bench::Bench;
use super::super::routes;
use super::excerpt::{Part, around, marked, shortened};
use super::query::Query;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{BestTime, Inquiry, Status, Urgent};
use crate::staff::StaffMember;
use crate::store::asked::{Asked, missing};
use crate::store::{self, EntryKind, InboxRow, is_number_found_by, is_number_typed};

/// Texts of a line, by the bytes that a link of the page has, which has more than a dozen: a long search with every filter
/// would make the page heavy.
const MOST_TEXTS: [(std::ops::RangeInclusive<usize>, usize); 3] = [(0..=100, 3), (101..=150, 2), (151..=usize::MAX, 1)];
/// How many times wider the texts of a search are where it finds no more than so many: an address that was looked for is whole.
const WIDER: [(std::ops::RangeInclusive<usize>, usize); 2] = [(0..=12, 4), (13..=25, 2)];
/// Bytes of a text at most: what is longer is no glance.
const WIDEST: usize = 160;
/// Bytes of the page for the name of whose it is.
const ROOM_FOR_STAFF: usize = 48;

pub(super) struct Line {
    pub href: String,
    /// Its place on the page, to which the way back leads.
    pub id: i64,
    /// The reference and which version of the inquiry is shown, for a change of several.
    pub tick: String,
    /// Whether it is ticked when the page opens.
    pub is_ticked: bool,
    pub reference: Vec<Part>,
    pub name: Vec<Part>,
    /// The beginning of the message, or where a search was right.
    pub texts: Vec<Shown>,
    pub technique: Option<String>,
    pub assignee: Option<String>,
    pub status: Status,
    /// The inquiry that is kept in its place.
    pub merged_into: Option<String>,
    pub is_urgent: bool,
    /// They do not know whether they have a warning sign.
    pub is_unsure: bool,
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

/// A text of a line.
pub(super) struct Shown {
    /// Where it stands, when not in the message.
    pub place: Option<&'static str>,
    pub parts: Vec<Part>,
}

/// The words of a search that a line does not show yet, and the texts that show the others.
struct Showing<'a> {
    asked: &'a [Asked],
    missing: Vec<Asked>,
    texts: Vec<Shown>,
    most_texts: usize,
    /// How many lines there are.
    lines: usize,
}

impl Showing<'_> {
    /// Bytes of the page for the name and for each text: the more words, the more texts there may be.
    fn room(&self) -> (usize, usize) {
        let (name, text) = match self.asked.len() {
            _ if self.most_texts == 1 => (24, 24),
            0 | 1 => (60, 80),
            2 => (60, 40),
            _ => (30, 24),
        };
        let wider = WIDER.iter().find(|(lines, _)| lines.contains(&self.lines) && !self.asked.is_empty());
        let times = wider.map_or(1, |(_, times)| *times);
        ((name * times).min(WIDEST), (text * times).min(WIDEST))
    }

    /// Whether a further text may explain why it was found.
    fn is_unexplained(&self) -> bool {
        !self.missing.is_empty() && self.texts.len() < self.most_texts
    }

    /// A text that is shown anyway.
    fn has(&mut self, text: &str) {
        if !self.missing.is_empty() {
            self.missing = missing(text, &self.missing);
        }
    }

    /// Shows of a text what nothing has shown so far.
    fn look_into(&mut self, place: Option<&'static str>, text: &str) {
        while self.is_unexplained() {
            let Some(parts) = around(text, &self.missing, self.asked, self.room().1) else { return };
            let (before, shown) = (self.missing.len(), parts.iter().map(|part| part.text.as_str()).collect::<String>());
            self.has(&shown);
            self.texts.push(Shown { place, parts });
            if self.missing.len() == before {
                return;
            }
        }
    }

    /// Shows the whole number, as it was given.
    fn look_into_number(&mut self, number: Option<&PhoneNumber>, is_found: impl Fn(&PhoneNumber, &Asked) -> bool) {
        let Some(number) = number else { return };
        let before = self.missing.len();
        self.missing.retain(|asked| !is_found(number, asked));
        let is_shown = self.texts.len() == self.most_texts || self.texts.iter().any(|text| text.place == Some("Phone"));
        if self.missing.len() < before && !is_shown {
            let parts = vec![Part { text: number.as_str().to_owned(), is_hit: true }];
            self.texts.push(Shown { place: Some("Phone"), parts });
        }
    }

    fn look_into_inquiry(&mut self, inquiry: &Inquiry) {
        let answers = &inquiry.answers;
        let contact = &answers.contact;
        self.has(answers.name.as_str());
        self.has(inquiry.reference.as_str());
        // Before words that are no more than parts of it.
        self.look_into_number(contact.phone(), is_number_typed);
        self.look_into(None, answers.message.as_str());
        self.look_into(Some("Email"), contact.email().map_or("", EmailAddress::as_str));
        self.look_into_number(contact.phone(), is_number_found_by);
        self.look_into(Some("Best time"), answers.best_time.as_ref().map_or("", BestTime::as_str));
    }
}

/// The lines of a page.
pub(super) async fn lines(
    rows: &[InboxRow],
    query: &Query,
    members: &[StaffMember],
    bench: &Bench,
) -> Result<Vec<Line>, store::Error> {
    let asked = query.words();
    let link = query.link(&[]).len();
    let most_texts = MOST_TEXTS.iter().find(|(bytes, _)| bytes.contains(&link)).map_or(1, |(_, texts)| *texts);
    let mut shown: Vec<Showing<'_>> = Vec::new();
    for row in rows {
        let mut showing =
            Showing { asked: &asked, missing: asked.clone(), texts: Vec::new(), most_texts, lines: rows.len() };
        showing.look_into_inquiry(&row.inquiry);
        shown.push(showing);
    }
    // Only now, and only of lines that do not show every word yet: a note or a reply must hold it.
    let unexplained: Vec<i64> = rows
        .iter()
        .zip(&shown)
        .filter(|(_, showing)| showing.is_unexplained())
        .map(|(row, _)| row.inquiry.seq)
        .collect();
    for (inquiry, entry) in bench.store.written_about(&unexplained).await? {
        let place = if entry.kind == EntryKind::Note { "Note" } else { "Reply" };
        let line = rows.iter().zip(&mut shown).find(|(row, _)| row.inquiry.seq == inquiry);
        line.into_iter().for_each(|(_, showing)| showing.look_into(Some(place), &entry.words));
    }
    Ok(rows
        .iter()
        .zip(shown)
        .map(|(row, showing)| Line {
            is_ticked: query.is_ticked(&row.inquiry.reference),
            ..line(row, showing, members, bench)
        })
        .collect())
}

fn line(row: &InboxRow, showing: Showing<'_>, members: &[StaffMember], bench: &Bench) -> Line {
    let Inquiry { reference, answers, status, opened_at, received_at, answer_by, assignee, version, .. } = &row.inquiry;
    let technique = answers.technique.as_deref();
    let name = |staff: &String| {
        let known = members.iter().find(|member| member.id == *staff);
        known.map_or_else(|| "a disabled account".to_owned(), |member| member.name.clone())
    };
    let (room_for_name, room) = showing.room();
    let Showing { asked, mut texts, .. } = showing;
    if texts.is_empty() {
        texts.push(Shown { place: None, parts: marked(answers.message.as_str(), asked, room) });
    }
    Line {
        href: routes::inquiry(reference.as_str()),
        id: row.inquiry.seq,
        tick: format!("{reference}.{version}"),
        is_ticked: false,
        reference: marked(reference.as_str(), asked, room),
        name: marked(answers.name.as_str(), asked, room_for_name),
        texts,
        technique: technique.map(|slug| bench.content.technique_name(slug).to_owned()),
        assignee: assignee.as_ref().map(|staff| shortened(&name(staff), ROOM_FOR_STAFF)),
        status: *status,
        merged_into: row.inquiry.merged_into.as_ref().map(ToString::to_string),
        is_urgent: answers.urgent.is_marked(),
        is_unsure: answers.urgent == Urgent::Unsure,
        is_unopened: opened_at.is_none(),
        is_overdue: row.inquiry.is_overdue(bench.now),
        waits: row.inquiry.waits(),
        received: bench.near(*received_at),
        answer_by: bench.near(*answer_by),
        answer_by_age: bench.age(*answer_by),
        failed: row.failed,
        queued: row.queued,
    }
}
