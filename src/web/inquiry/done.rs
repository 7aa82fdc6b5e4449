//! What somebody has just done, said on the page that follows. The address carries only from which line of the timeline on
//! to look: what was done stands there, so that no address can claim what did not happen, or carry a person's data.

use jiff::SignedDuration;

use super::timeline::{corrected_words, name_of, status_label};
use super::{Bench, Inquiry, StaffMember, desk};
use crate::contact::EmailAddress;
use crate::store::{Entry, EntryKind};

/// Who looks again later reads it in the timeline.
const SAID_FOR: SignedDuration = SignedDuration::from_mins(5);

/// The newest line of the timeline that the form showed which was sent.
#[derive(Clone, Copy)]
pub(super) enum Done {
    Anything { since: i64 },
    TakenBack { since: i64 },
}

impl Done {
    fn since(self) -> i64 {
        match self {
            Self::Anything { since } | Self::TakenBack { since } => since,
        }
    }
}

impl Bench {
    /// In words; None when nothing was done, or when the offer to take it back says it.
    pub(super) fn done_words(
        &self,
        done: Done,
        inquiry: &Inquiry,
        entries: &[Entry],
        staff: &[StaffMember],
    ) -> Option<String> {
        let at = entries.iter().rposition(|entry| entry.kind != EntryKind::Viewed)?;
        let (before, newest) = (&entries[..at], &entries[at]);
        let is_theirs = newest.staff.as_deref() == Some(self.actor.id());
        if !is_theirs || newest.seq <= done.since() || self.now.duration_since(newest.at) > SAID_FOR {
            return None;
        }
        match (done, newest.words.split_once('>')) {
            (Done::TakenBack { .. }, Some((_, back))) => Some(taken_back(newest, back, staff)),
            _ => self.did(newest, before, inquiry),
        }
    }

    fn did(&self, newest: &Entry, before: &[Entry], inquiry: &Inquiry) -> Option<String> {
        match newest.kind {
            EntryKind::Reply => Some(replied(inquiry)),
            EntryKind::Status => {
                let reply = before.last().filter(|entry| entry.kind == EntryKind::Reply && entry.at == newest.at);
                reply.map(|_| format!("{} The inquiry is closed.", replied(inquiry)))
            }
            EntryKind::Note => Some(match desk::undoable(before, &self.actor, self.now) {
                Some(_) => "Your note is added. The change before it cannot be taken back any more; if it was wrong, change it anew.".to_owned(),
                None => "Your note is added.".to_owned(),
            }),
            EntryKind::Contact => Some(format!("You corrected {}.", corrected_words(&newest.words))),
            EntryKind::TookIn => Some(format!("You merged {} into this one.", newest.words)),
            EntryKind::Separated => Some(format!("You separated it from {} again.", newest.words)),
            _ => None,
        }
    }
}

fn taken_back(newest: &Entry, back: &str, staff: &[StaffMember]) -> String {
    match newest.kind {
        EntryKind::Status => format!("Taken back: it is {} again.", status_label(back)),
        _ => format!("Taken back: it is assigned to {} again.", name_of(back, staff)),
    }
}

fn replied(inquiry: &Inquiry) -> String {
    let to = inquiry.answers.contact.email().map_or("", EmailAddress::as_str);
    format!("Your reply to {to} is on its way; a sent mail cannot be taken back.")
}
