//! How the mails stand that somebody has just caused: what is said of them stays true without a mail server, and where one
//! has answered already.

use super::{Bench, Inquiry, OwedMessage, State, Status};
use crate::contact::EmailAddress;

/// All of them together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaving {
    /// About to be handed to the mail server.
    Soon,
    Sent,
    /// No mail server is set.
    Filed,
    /// It was tried, and is tried again.
    Later,
    /// One at least was given up.
    Failed,
}

impl Bench {
    pub(super) fn leaving(&self, mails: &[&OwedMessage]) -> Leaving {
        let is_sent = |owed: &&&OwedMessage| owed.state == State::Sent;
        let is_filed = |owed: &&OwedMessage| match owed.state {
            State::Queued => !self.policy.mails_leave,
            State::Sent | State::Failed => owed.is_only_in_a_file(),
        };
        if mails.iter().any(|owed| owed.state == State::Failed) {
            Leaving::Failed
        } else if mails.iter().any(|owed| owed.state == State::Queued && owed.last_answer.is_some()) {
            Leaving::Later
        } else if mails.iter().all(is_filed) {
            Leaving::Filed
        } else if mails.iter().filter(is_sent).count() == mails.len() {
            Leaving::Sent
        } else {
            Leaving::Soon
        }
    }
}

impl Leaving {
    /// After "A mail", or "Mails".
    pub(super) fn words(self, is_one: bool) -> &'static str {
        match (self, is_one) {
            (Self::Soon, true) => "is on its way",
            (Self::Soon, false) => "are on their way",
            (Self::Sent, true) => "has left",
            (Self::Sent, false) => "have left",
            (Self::Filed, true) => "is only written to a file, since no mail server is set",
            (Self::Filed, false) => "are only written to files, since no mail server is set",
            (Self::Later, true) => "has not left yet and is tried again by itself",
            (Self::Later, false) => "have not all left yet and are tried again by themselves",
            (Self::Failed, true) => "did not leave; “What happened” says why",
            (Self::Failed, false) => "did not all leave; “What happened” says why",
        }
    }

    /// How the words look that tell of them.
    pub(super) fn tone(self) -> &'static str {
        match self {
            Self::Failed => "bad",
            Self::Filed | Self::Later => "late",
            Self::Soon | Self::Sent => "good",
        }
    }

    /// Whether nobody can keep them any more from reaching somebody.
    fn is_out(self) -> bool {
        matches!(self, Self::Soon | Self::Sent)
    }

    pub(super) fn replied(self, inquiry: &Inquiry) -> String {
        let (to, words) = (address(inquiry), self.words(true));
        match self {
            Self::Failed => format!("Your reply to {to} {words}. The inquiry is {}.", inquiry.status.label()),
            _ if self.is_out() => format!("Your reply to {to} {words}; a sent mail cannot be called back."),
            _ => format!("Your reply to {to} {words}."),
        }
    }

    pub(super) fn replied_and_closed(self, inquiry: &Inquiry) -> String {
        if self == Self::Failed {
            return self.replied(inquiry);
        }
        let end = if self.is_out() { ": a sent mail cannot be called back" } else { "" };
        format!(
            "Your reply to {} {}, and the inquiry is closed. “Undo” only makes it {} again{end}.",
            address(inquiry),
            self.words(true),
            Status::Answered.label()
        )
    }

    /// Of mails that were held back; None for neither.
    pub(super) fn released(self, to_staff: bool, to_writer: bool) -> Option<String> {
        let (which, is_one, none) = match (to_staff, to_writer) {
            (true, true) => ("Mails to staff and to the writer", false, ""),
            (true, false) => ("A mail to staff", true, ", and the writer gets none"),
            (false, true) => ("A mail to the writer", true, ""),
            (false, false) => return None,
        };
        let back = if is_one { "it" } else { "them" };
        let end = if self.is_out() { format!(": “Undo” does not call {back} back") } else { String::new() };
        Some(format!("{which} {}{none}{end}.", self.words(is_one)))
    }

    /// Of an inquiry that is suspected spam again, though its mails had been released.
    pub(super) fn suspected_again(self) -> &'static str {
        match self {
            Self::Sent => "Its mails had been sent already.",
            Self::Filed => "Its mails had been written to files already.",
            Self::Failed => "Not all of its mails had left.",
            Self::Soon | Self::Later => "Its mails are on their way all the same.",
        }
    }
}

fn address(inquiry: &Inquiry) -> &str {
    inquiry.answers.contact.email().map_or("", EmailAddress::as_str)
}
