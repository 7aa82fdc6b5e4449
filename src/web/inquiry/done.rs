//! What somebody has just done, said on the page that follows. The address carries only from which line of the timeline on
//! to look: what was done stands there, so that no address can claim what did not happen, or carry a person's data.

use jiff::SignedDuration;

use super::timeline::{corrected_words, entry_words, name_of, status_label};
use super::{Bench, Inquiry, StaffMember, Status, desk, store};
use crate::contact::EmailAddress;
use crate::outbox::{Kind, OwedMessage, State};
use crate::store::{Entry, EntryKind};

/// Who looks again later reads it in the timeline.
pub(super) const SAID_FOR: SignedDuration = SignedDuration::from_mins(5);

/// What was done, as the address says it.
pub(super) enum Done {
    /// Something, since the newest line of the timeline that the form showed which was sent.
    Anything { since: i64 },
    /// Something was undone since then.
    Undone { since: i64 },
    /// A mail was tried again.
    Retried { mail: String },
}

impl Bench {
    /// In words; None when nothing was done, or when the offer to undo it says it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn done_words(
        &self,
        done: &Done,
        inquiry: &Inquiry,
        entries: &[Entry],
        messages: &[OwedMessage],
        staff: &[StaffMember],
    ) -> Result<Option<String>, store::Error> {
        let (since, is_back) = match done {
            Done::Retried { mail } => return self.retried_words(mail, messages).await,
            Done::Anything { since } => (*since, false),
            Done::Undone { since } => (*since, true),
        };
        Ok(self.words_since(since, is_back, inquiry, entries, messages, staff))
    }

    /// What this person may undo, in words; None when there is nothing.
    pub(super) fn offer(&self, entries: &[Entry], merged: &[Inquiry], staff: &[StaffMember]) -> Option<String> {
        let change = desk::undoable(entries, &self.actor, self.now)?;
        if change.kind != EntryKind::TookIn {
            return Some(entry_words(change.kind, &change.words, staff));
        }
        // It may have been erased since.
        let duplicate = merged.iter().find(|other| other.reference.as_str() == change.words)?;
        Some(format!("merged {} into this one", duplicate.reference))
    }

    fn words_since(
        &self,
        since: i64,
        is_back: bool,
        inquiry: &Inquiry,
        entries: &[Entry],
        messages: &[OwedMessage],
        staff: &[StaffMember],
    ) -> Option<String> {
        let at = entries.iter().rposition(|entry| entry.kind != EntryKind::Viewed)?;
        let (before, newest) = (&entries[..at], &entries[at]);
        let is_theirs = newest.staff.as_deref() == Some(self.actor.id());
        if !is_theirs || newest.seq <= since || self.now.duration_since(newest.at) > SAID_FOR {
            return None;
        }
        match newest.words.split_once('>') {
            Some((_, back)) if is_back => Some(undone(newest, back, messages, staff)),
            _ => self.did(newest, before, inquiry, messages),
        }
    }

    fn did(&self, newest: &Entry, before: &[Entry], inquiry: &Inquiry, messages: &[OwedMessage]) -> Option<String> {
        match newest.kind {
            EntryKind::Reply => Some(replied(inquiry)),
            EntryKind::Status => {
                let reply = before.last().filter(|entry| entry.kind == EntryKind::Reply && entry.at == newest.at);
                let replied = reply.map(|_| format!("{} The inquiry is closed.", replied(inquiry)));
                replied.or_else(|| released(newest, messages))
            }
            EntryKind::Note => Some("Your note is added.".to_owned()),
            EntryKind::Contact => Some(format!("You corrected {}.", corrected_words(&newest.words))),
            EntryKind::Separated => Some(format!("You separated it from {} again.", newest.words)),
            _ => None,
        }
    }
}

/// The mails that were held back and are owed since suspected spam was said to be none; None where that sent no mail.
fn released(newest: &Entry, messages: &[OwedMessage]) -> Option<String> {
    let before = desk::Changed::read(&newest.words).and_then(|changed| Status::parse(changed.before));
    if !matches!(before, Some(Status::Spam | Status::Closed)) {
        return None;
    }
    let has = |kind| messages.iter().any(|owed| owed.kind == kind && owed.created_at == newest.at);
    let what = match (has(Kind::Notice), has(Kind::Acknowledgement)) {
        (true, true) => "Mails to you and to the writer are on their way.",
        (true, false) => "A mail to you is on its way; the writer gets none.",
        (false, true) => "A mail to the writer is on its way.",
        (false, false) => return None,
    };
    Some(format!("Released. {what}"))
}

fn undone(newest: &Entry, back: &str, messages: &[OwedMessage], staff: &[StaffMember]) -> String {
    let is_mailed = messages.iter().any(desk::is_of_receipt);
    match newest.kind {
        EntryKind::Status if back == Status::Spam.as_str() && is_mailed => {
            let is_sent =
                messages.iter().filter(|owed| desk::is_of_receipt(owed)).all(|owed| owed.state == State::Sent);
            let mails =
                if is_sent { "Its mails had been sent already." } else { "Its mails are on their way all the same." };
            format!("Undone: it is {} again. {mails}", status_label(back))
        }
        EntryKind::Status => format!("Undone: it is {} again.", status_label(back)),
        _ => format!("Undone: it is assigned to {} again.", name_of(back, staff)),
    }
}

fn replied(inquiry: &Inquiry) -> String {
    let to = inquiry.answers.contact.email().map_or("", EmailAddress::as_str);
    format!("Your reply to {to} is on its way; a sent mail cannot be called back.")
}
