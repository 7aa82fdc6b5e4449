//! What somebody has just done, said on the page that follows. The address carries only from which line of the timeline on
//! to look: what was done stands there, so that no address can claim what did not happen, or carry a person's data.
//! Only what was discarded stands nowhere.

use jiff::SignedDuration;

use super::correcting::left_to_the_old_address;
use super::leaving::Leaving;
use super::timeline::{corrected_words, entry_words, name_of, status_label};
use super::{Bench, Discarded, Inquiry, StaffMember, Status, desk, store};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::outbox::{Kind, OwedMessage};
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
    /// It was so, or was done, before.
    Again(Again),
    /// Something of a draft was discarded.
    Discarded(Discarded),
}

/// What was asked for once more.
#[derive(Clone, Copy)]
pub(super) enum Again {
    Reply,
    Note,
    /// A status, or whose it is.
    Change,
    /// That a note be removed.
    Removal,
    /// Whether a reply is to be sent once more, and it was.
    Sent,
}

impl Again {
    const ALL: [Self; 5] = [Self::Reply, Self::Note, Self::Change, Self::Removal, Self::Sent];

    /// The word of an address.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
            Self::Change => "change",
            Self::Removal => "removal",
            Self::Sent => "sent",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|again| again.as_str() == text)
    }
}

/// What the page says of it.
pub(super) struct Said {
    pub words: String,
    /// How it looks: a mail that did not leave is no success.
    pub tone: &'static str,
    /// The note that was added, which can be removed again.
    pub note: Option<i64>,
}

/// A change that can be undone.
pub(super) struct Offer {
    /// What would be undone, where something else is said beside it.
    pub what: &'static str,
    /// What they did, after "you".
    pub words: String,
    /// Whether that is said beside it, as what was just done.
    pub is_said: bool,
    /// Whether the page that asks follows on it: else it stands there quietly.
    pub is_fresh: bool,
    /// Whether it was given to somebody who has not signed in yet.
    pub is_unseen: bool,
    /// What whoever closed it or gave it away should know; None where there is nothing.
    pub remark: Option<&'static str>,
    /// How long ago it was; None where that is less than a minute.
    pub ago: Option<String>,
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
    ) -> Result<Option<Said>, store::Error> {
        let (since, is_back) = match done {
            Done::Retried { mail } => return self.retried_words(mail, messages).await,
            Done::Again(what) => return Ok(self.again_words(*what, entries)),
            Done::Discarded(what) => return Ok(Some(good(format!("You discarded {}.", what.words())))),
            Done::Anything { since } => (*since, false),
            Done::Undone { since } => (*since, true),
        };
        let Some(said) = self.said_since(since, is_back, inquiry, entries, messages, staff) else { return Ok(None) };
        let newest = entries.iter().rfind(|entry| entry.kind != EntryKind::Viewed);
        let Some(corrected) = newest.filter(|newest| newest.kind == EntryKind::Contact) else { return Ok(Some(said)) };
        let left = left_to_the_old_address(entries, corrected, messages);
        let words = said.words + left + &self.corrected_along(inquiry, corrected, since).await?;
        Ok(Some(Said { words, ..said }))
    }

    /// What this person may undo; None when there is nothing, or where something was just undone or discarded, for which it
    /// would be taken. `is_told` where the page says already what was done last.
    pub(super) fn offer(
        &self,
        inquiry: &Inquiry,
        entries: &[Entry],
        merged: &[Inquiry],
        staff: &[StaffMember],
        done: Option<&Done>,
        is_told: bool,
    ) -> Option<Offer> {
        if is_told && matches!(done, Some(Done::Undone { .. } | Done::Discarded(_))) {
            return None;
        }
        let change = desk::undoable(entries, &self.actor, self.now)?;
        let (before, after): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.seq < change.seq);
        let words = match change.kind {
            // It may have been erased since.
            EntryKind::TookIn => {
                let duplicate = merged.iter().find(|other| other.reference.as_str() == change.words)?;
                format!("merged {} into this one", duplicate.reference)
            }
            _ if closes_with(before.last().copied(), change) => "closed it with your reply".to_owned(),
            _ if given_to(change, staff).is_some_and(|member| member.id == self.actor.id()) => {
                "made it yours".to_owned()
            }
            kind => entry_words(kind, &change.words, staff),
        };
        let is_newest = after.iter().all(|entry| entry.seq == change.seq || entry.kind == EntryKind::Viewed);
        let since = if let Some(Done::Anything { since }) = done { *since } else { i64::MAX };
        let passed = self.now.duration_since(change.at);
        let is_fresh = change.seq > since && passed <= SAID_FOR;
        let whose = given_to(change, staff).filter(|member| member.id != self.actor.id());
        let is_unseen = whose.is_some_and(|member| member.password_hash.is_none());
        let learns = whose.filter(|_| !is_unseen).map(|_| HOW_THEY_LEARN);
        Some(Offer {
            remark: unanswered(change, inquiry, merged).or(learns).or(answered(change, merged)).filter(|_| is_fresh),
            what: match change.kind {
                EntryKind::TookIn => "the merge",
                EntryKind::Assigned => "the assignment",
                _ => "the status",
            },
            words,
            is_said: is_told && since < i64::MAX && is_newest,
            is_unseen,
            is_fresh,
            ago: (passed >= SignedDuration::from_mins(1)).then(|| self.age(change.at)),
        })
    }

    /// As the timeline has it; None where it holds nothing of the kind.
    fn again_words(&self, what: Again, entries: &[Entry]) -> Option<Said> {
        let (kind, done) = match what {
            Again::Change => return Some(good("Nothing was changed: it was so already.".to_owned())),
            Again::Reply => (EntryKind::Reply, "sent"),
            Again::Note => (EntryKind::Note, "added"),
            Again::Removal => (EntryKind::NoteRemoved, "removed"),
            Again::Sent => (EntryKind::Reply, "sent"),
        };
        let is_theirs = |entry: &&Entry| entry.kind == kind && self.is_own(entry);
        let before = entries.iter().rfind(is_theirs)?;
        let ago = self.age(before.at);
        Some(good(match what {
            Again::Removal => format!("You removed this note {ago}. Its words stand in the box of the note."),
            Again::Sent => format!("You sent this {ago}: it stands under “What happened”."),
            _ => format!("You {done} this {ago}. It was not {done} again."),
        }))
    }

    fn said_since(
        &self,
        since: i64,
        is_back: bool,
        inquiry: &Inquiry,
        entries: &[Entry],
        messages: &[OwedMessage],
        staff: &[StaffMember],
    ) -> Option<Said> {
        let at = entries.iter().rposition(is_done_by_somebody)?;
        let (before, newest) = (&entries[..at], &entries[at]);
        if !self.is_own(newest) || newest.seq <= since || self.now.duration_since(newest.at) > SAID_FOR {
            return None;
        }
        match newest.words.split_once('>') {
            Some((_, back)) if is_back => Some(good(self.undone(newest, back, messages, staff))),
            _ => self.did(newest, before, inquiry, messages),
        }
    }

    fn did(&self, newest: &Entry, before: &[Entry], inquiry: &Inquiry, messages: &[OwedMessage]) -> Option<Said> {
        match newest.kind {
            EntryKind::Reply => {
                let leaving = self.leaving_of(newest, messages);
                Some(Said { words: leaving.replied(inquiry), tone: leaving.tone(), note: None })
            }
            EntryKind::Status => match before.last().filter(|before| closes_with(Some(before), newest)) {
                Some(reply) => {
                    let leaving = self.leaving_of(reply, messages);
                    Some(Said { words: leaving.replied_and_closed(inquiry), tone: leaving.tone(), note: None })
                }
                None => self.released(newest, messages).map(good),
            },
            EntryKind::Note => Some(Said { note: Some(newest.seq), ..good("Your note is added.".to_owned()) }),
            EntryKind::NoteRemoved => Some(good(NOTE_REMOVED.to_owned())),
            EntryKind::Contact => Some(good(corrected(newest, inquiry))),
            EntryKind::Separated => Some(good(format!("You separated it from {} again.", newest.words))),
            _ => None,
        }
    }

    /// How the mail of a reply stands.
    pub(super) fn leaving_of(&self, reply: &Entry, messages: &[OwedMessage]) -> Leaving {
        let mails = messages.iter().filter(|owed| owed.kind == Kind::Reply && owed.entry == Some(reply.seq));
        self.leaving(&mails.collect::<Vec<_>>())
    }

    /// The mails that were held back and are owed since suspected spam was said to be none; None where that sent no mail.
    fn released(&self, newest: &Entry, messages: &[OwedMessage]) -> Option<String> {
        let changed = desk::Changed::read(&newest.words)?;
        if !matches!(Status::parse(changed.before), Some(Status::Spam | Status::Closed)) {
            return None;
        }
        let mails = messages.iter().filter(|owed| desk::is_of_receipt(owed) && owed.created_at == newest.at);
        let mails: Vec<_> = mails.collect();
        let has = |kind| mails.iter().any(|owed| owed.kind == kind);
        let words = self.leaving(&mails).released(has(Kind::Notice), has(Kind::Acknowledgement))?;
        Some(format!("Released: it is {} now. {words}", status_label(changed.after)))
    }

    fn undone(&self, newest: &Entry, back: &str, messages: &[OwedMessage], staff: &[StaffMember]) -> String {
        match newest.kind {
            EntryKind::Status => {}
            _ if back == self.actor.id() => return "Undone: it is yours again.".to_owned(),
            _ => return format!("Undone: it is assigned to {} again.", name_of(back, staff)),
        }
        let words = format!("Undone: it is {} again.", status_label(back));
        let mails: Vec<_> = messages.iter().filter(|owed| desk::is_of_receipt(owed)).collect();
        match back == Status::Spam.as_str() && !mails.is_empty() {
            true => format!("{words} {}", self.leaving(&mails).suspected_again()),
            false => words,
        }
    }
}

fn good(words: String) -> Said {
    Said { words, tone: "good", note: None }
}

/// What was put right, as it stands now: whoever mistyped it once looks twice.
fn corrected(newest: &Entry, inquiry: &Inquiry) -> String {
    let contact = &inquiry.answers.contact;
    let now = newest.words.split(',').filter_map(|field| match field {
        "email" => contact.email().map(EmailAddress::as_str),
        "phone" => contact.phone().map(PhoneNumber::as_str),
        _ => Some(contact.by().as_str()),
    });
    let now = now.collect::<Vec<_>>().join(", ");
    let now = if now.is_empty() { now } else { format!(" Now: {now}.") };
    format!("You corrected {}.{now}", corrected_words(&newest.words))
}

/// Not what became of a mail, which may follow at once on what somebody did.
fn is_done_by_somebody(entry: &Entry) -> bool {
    !matches!(entry.kind, EntryKind::Viewed | EntryKind::Undelivered | EntryKind::Delivered)
}

/// That nobody answered what was closed. Suspected spam is owed no answer; nor is what was answered in a duplicate.
fn unanswered(change: &Entry, inquiry: &Inquiry, merged: &[Inquiry]) -> Option<&'static str> {
    let changed = desk::Changed::read(&change.words).filter(|_| change.kind == EntryKind::Status)?;
    let is_closed = changed.after == Status::Closed.as_str() && changed.before != Status::Spam.as_str();
    let mut all = std::iter::once(inquiry).chain(merged);
    if !is_closed || all.any(|inquiry| inquiry.answered_at.is_some()) {
        return None;
    }
    Some(match inquiry.answers.urgent.is_marked() {
        true => "It is marked as urgent, and nobody answered it.",
        false => "Nobody answered it.",
    })
}

/// That a duplicate was answered before it was merged: nobody is to answer the person twice.
fn answered(change: &Entry, merged: &[Inquiry]) -> Option<&'static str> {
    let duplicate = merged.iter().find(|other| other.reference.as_str() == change.words);
    let is_answered = change.kind == EntryKind::TookIn && duplicate.is_some_and(|other| other.answered_at.is_some());
    is_answered.then_some("That one was answered already: its page, under “Merged with this”, has the reply.")
}

pub(super) const NOTE_REMOVED: &str = "Your note is removed: nobody finds it here any more. Its words stand in the box of the note, where only you see them. Copy them to the right inquiry, or discard them.";
/// Of a colleague to whom it was given.
const HOW_THEY_LEARN: &str = "They get no mail; it stands under their “Mine”.";

fn given_to<'a>(change: &Entry, staff: &'a [StaffMember]) -> Option<&'a StaffMember> {
    let changed = desk::Changed::read(&change.words).filter(|_| change.kind == EntryKind::Assigned)?;
    staff.iter().find(|member| member.id == changed.after)
}

/// Whether a change of the status was one click with the reply before it: “Send and close”.
fn closes_with(before: Option<&Entry>, change: &Entry) -> bool {
    change.kind == EntryKind::Status
        && before.is_some_and(|before| before.kind == EntryKind::Reply && before.at == change.at)
}
