//! What happened to an inquiry, in words: the lines of its timeline and of its mails.

use jiff::Timestamp;

use super::{Bench, Inquiry, Reference, StaffMember, Status, routes};
use crate::contact::EmailAddress;
use crate::desk::Changed;
use crate::outbox::{IN_HAND, Kind, OwedMessage, State};
use crate::store::{Entry, EntryKind};

/// A line of the timeline: something that somebody did, or a mail.
pub(super) struct EntryView {
    pub at: String,
    pub ago: String,
    pub who: String,
    pub what: Vec<Piece>,
    pub words: Option<String>,
    /// The number of a note that whoever reads this may remove.
    pub own_note: Option<i64>,
    /// Another inquiry that the line is about.
    pub href: Option<String>,
    /// For the style.
    pub kind: &'static str,
    pub mail: Option<MessageView>,
}

impl EntryView {
    pub(super) fn plain(&self) -> String {
        self.what.iter().map(|piece| piece.text.as_str()).collect()
    }
}

/// A piece of a sentence: a reference stays on one line.
pub(super) struct Piece {
    pub text: String,
    pub is_reference: bool,
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for word in text.split_inclusive(' ') {
        let is_reference = word.starts_with("BW-") && Reference::parse(word.trim_end()).is_some();
        match pieces.last_mut().filter(|last| !last.is_reference && !is_reference) {
            Some(last) => last.text.push_str(word),
            None => pieces.push(Piece { text: word.to_owned(), is_reference }),
        }
    }
    pieces
}

/// How a mail stands.
pub(super) struct MessageView {
    pub id: String,
    /// The address, or that it went to one of the writer that was put right since; None where nobody can say which of both.
    pub to: Option<String>,
    pub state: State,
    pub is_only_in_a_file: bool,
    pub waits_for_a_file: bool,
    pub next: String,
    pub attempts: i64,
    pub answer: Option<String>,
}

impl Bench {
    /// What happened and the mails, in the order of time: a mail stands where it was sent or given up; while it waits, where
    /// it was queued.
    pub(super) fn whole_timeline(
        &self,
        inquiry: &Inquiry,
        entries: Vec<Entry>,
        messages: Vec<OwedMessage>,
        staff: &[StaffMember],
        merged: &[Inquiry],
    ) -> Vec<EntryView> {
        let corrected = entries.iter().rfind(|entry| corrects_the_address(entry)).map(|entry| entry.at);
        let mut lines = self.entry_views(entries, staff, merged);
        lines.extend(messages.into_iter().map(|owed| self.mail_view(inquiry, owed, corrected)));
        // Stable: what was done stands before the mail that it caused in the same moment.
        lines.sort_by_key(|(at, _)| *at);
        lines.into_iter().map(|(_, line)| line).collect()
    }

    /// The lines of a timeline, each with its time. Who opened it again and again has one, at the first time, which says
    /// the last: how often a page was loaded says little. Each time is kept, and stands in the audit log.
    fn entry_views(
        &self,
        entries: Vec<Entry>,
        staff: &[StaffMember],
        merged: &[Inquiry],
    ) -> Vec<(Timestamp, EntryView)> {
        let mut views: Vec<(Timestamp, EntryView)> = Vec::new();
        let mut opened: Vec<(Option<String>, usize)> = Vec::new();
        for entry in entries {
            let (id, at) = (entry.staff.clone(), entry.at);
            if entry.kind == EntryKind::Viewed {
                if let Some((_, line)) = opened.iter().find(|(who, _)| *who == id) {
                    let line = &mut views[*line].1;
                    let last = self.near(at);
                    line.what = pieces(&match last == line.at {
                        true => OPENED_IT.to_owned(),
                        false => format!("{OPENED_IT}, last on {last}"),
                    });
                    continue;
                }
                opened.push((id, views.len()));
            }
            views.push((at, self.entry_view(entry, staff, merged)));
        }
        views
    }

    fn entry_view(&self, entry: Entry, staff: &[StaffMember], merged: &[Inquiry]) -> EntryView {
        let duplicate =
            merged.iter().find(|other| entry.kind == EntryKind::TookIn && other.reference.as_str() == entry.words);
        EntryView {
            own_note: self.removable(&entry),
            at: self.near(entry.at),
            ago: self.age(entry.at),
            what: pieces(&match (entry.kind, &entry.staff) {
                (EntryKind::Received, Some(_)) => "took it down".to_owned(),
                _ => entry_words(entry.kind, &entry.words, staff),
            }),
            who: entry.staff_name.unwrap_or_default(),
            href: duplicate.map(|other| routes::inquiry(other.reference.as_str())),
            words: matches!(entry.kind, EntryKind::Note | EntryKind::Reply).then_some(entry.words),
            kind: entry.kind.as_str(),
            mail: None,
        }
    }

    /// `corrected` is when the writer's address was last put right.
    fn mail_view(&self, inquiry: &Inquiry, owed: OwedMessage, corrected: Option<Timestamp>) -> (Timestamp, EntryView) {
        let at = owed.settled_at.unwrap_or(owed.created_at);
        let what = mail_words(owed.kind);
        let mail = MessageView {
            is_only_in_a_file: owed.is_only_in_a_file(),
            waits_for_a_file: owed.waits_for_a_file(self.policy.mails_leave),
            to: self.recipient(inquiry, &owed, corrected).map(str::to_owned),
            id: owed.id,
            state: owed.state,
            next: self.near(owed.next_attempt_at),
            attempts: owed.attempts,
            answer: owed.last_answer,
        };
        let line = EntryView {
            at: self.near(at),
            ago: self.age(at),
            who: String::new(),
            what: pieces(what),
            words: None,
            own_note: None,
            href: None,
            kind: "mail",
            mail: Some(mail),
        };
        (at, line)
    }

    /// To whom a mail goes or went. A mail to the writer is addressed when it is taken in hand, and that is not written down:
    /// one that was in hand while the address was put right may have gone to either.
    fn recipient<'a>(
        &self,
        inquiry: &'a Inquiry,
        owed: &'a OwedMessage,
        corrected: Option<Timestamp>,
    ) -> Option<&'a str> {
        let writer = || inquiry.answers.contact.email().map(EmailAddress::as_str);
        let corrected = corrected.filter(|then| owed.created_at < *then);
        match (&owed.recipient, corrected) {
            (Some(staff), _) => Some(staff),
            (None, None) => writer(),
            (None, Some(then)) if owed.state == State::Sent && owed.settled_at.is_some_and(|at| at < then) => {
                Some(FORMER)
            }
            (None, Some(then)) => {
                let is_due = owed.state == State::Queued && owed.attempts == 0;
                let since = owed.settled_at.unwrap_or(self.now).duration_since(then);
                writer().filter(|_| is_due || since >= IN_HAND)
            }
        }
    }
}

const OPENED_IT: &str = "opened it";

/// The old address is not kept.
const FORMER: &str = "the address before it was corrected";

pub(super) fn mail_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Notice => "Notice to staff",
        Kind::Acknowledgement => "Acknowledgement to the writer",
        Kind::Reply => "Reply to the writer",
        Kind::Escalation => "Told that nobody opened it in time",
        Kind::Digest => "Digest of suspected spam",
        other => other.label(),
    }
}

pub(super) fn entry_words(kind: EntryKind, words: &str, staff: &[StaffMember]) -> String {
    match kind {
        EntryKind::Received => "The inquiry was received".to_owned(),
        EntryKind::Viewed => OPENED_IT.to_owned(),
        EntryKind::Note => "wrote a note".to_owned(),
        EntryKind::NoteRemoved => "removed a note".to_owned(),
        EntryKind::Reply => "replied by email".to_owned(),
        EntryKind::Merged => {
            format!("merged it into {}", words.split_once('>').map_or(words, |(_, kept)| kept))
        }
        EntryKind::TookIn => format!("merged {words} into it"),
        EntryKind::Separated => format!("separated it from {words} again"),
        EntryKind::Escalated => "Nobody had opened it by the promised time, and a mail says so".to_owned(),
        EntryKind::Phone => "The writer corrected their phone number".to_owned(),
        EntryKind::Undelivered if words == "week" => {
            "The reply did not leave: it was tried for a week in vain".to_owned()
        }
        EntryKind::Undelivered => "The reply did not leave: it was refused for good".to_owned(),
        EntryKind::Delivered => "The reply left after all".to_owned(),
        EntryKind::Contact => format!("corrected {}", corrected_words(words)),
        EntryKind::Status => match Changed::read(words) {
            Some(Changed { before, after, is_undo: true }) => {
                format!("undid a change: the status is {} again, not {}", status_label(after), status_label(before))
            }
            Some(Changed { before, after, .. }) => {
                format!("changed the status from {} to {}", status_label(before), status_label(after))
            }
            None => format!("changed the status to {}", status_label(words)),
        },
        EntryKind::Assigned => match Changed::read(words) {
            Some(Changed { after, is_undo: true, .. }) => {
                format!("undid a change: it is assigned to {} again", name_of(after, staff))
            }
            Some(Changed { after, .. }) if !after.is_empty() => format!("assigned it to {}", name_of(after, staff)),
            Some(Changed { before, .. }) => {
                format!("took it from {}: it is assigned to nobody", name_of(before, staff))
            }
            None => "assigned it to nobody".to_owned(),
        },
    }
}

/// Whether the writer's address was put right there, perhaps beside other things.
pub(super) fn corrects_the_address(entry: &Entry) -> bool {
    entry.kind == EntryKind::Contact && entry.words.split(',').any(|field| field == "email")
}

pub(in crate::web) fn corrected_words(fields: &str) -> String {
    let named = fields.split(',').map(|field| match field {
        "email" => "the email address",
        "phone" => "the phone number",
        _ => "how they wish to be answered",
    });
    named.collect::<Vec<_>>().join(" and ")
}

/// A status as the timeline keeps it, in the words of the screen.
pub(in crate::web) fn status_label(word: &str) -> String {
    Status::parse(word).map_or(word.to_owned(), |status| status.label().to_owned())
}

/// The name of an account; nobody's for no id.
pub(in crate::web) fn name_of(id: &str, staff: &[StaffMember]) -> String {
    if id.is_empty() {
        return "nobody".to_owned();
    }
    let known = staff.iter().find(|member| member.id == id);
    known.map_or("an account that is gone".to_owned(), |member| member.name.clone())
}

pub(super) fn signal_words(signal: &str) -> &'static str {
    match signal {
        "trap" => {
            "The field that people cannot see was filled in. It may be spam, or a browser that fills in too much."
        }
        "phone" => "Taken on the phone. The person agreed to the privacy text by word of mouth.",
        "in-person" => "Taken in person. The person agreed to the privacy text by word of mouth.",
        "no-origin" => "It came from a program or a very old browser, which does not say from which page it sends.",
        _ => "It came in an unusual way.",
    }
}
