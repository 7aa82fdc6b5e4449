//! What we owe: the kinds of messages, when each is tried again, and what came of a try.
//! A message leaves the outbox by being sent, never by failing.

use jiff::{SignedDuration, Timestamp};

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Tells staff of an inquiry.
    Notice,
    /// Tells the person who wrote that their words arrived.
    Acknowledgement,
    /// What staff answered.
    Reply,
    /// Tells whom the clinic chose that nobody opened an inquiry in time.
    Escalation,
    /// Tells staff once a day of new suspected spam.
    Digest,
    /// A one-time link to an account, for setting its password.
    Invitation,
    /// Shows an admin that mail leaves.
    Test,
    /// What happened to an account, for its owner.
    Account(AccountNews),
}

/// What the owner of an account is told, so that a stranger cannot do it unnoticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountNews {
    /// Codes of an app are asked for from now on.
    FactorAdded,
    /// They are not asked for any more.
    FactorRemoved,
    /// There are new recovery codes, and the old ones do not work.
    RecoveryMade,
    /// A recovery code took the place of the app's.
    RecoveryUsed,
    /// There is another password.
    PasswordChanged,
    /// The password was taken away; a link sets a new one.
    PasswordReset,
    /// They may do something else from now on.
    RoleChanged,
    /// Somebody signed in with a browser that had not been used for it before.
    NewBrowser,
    /// Many wrong passwords.
    FailedTries,
    /// The right password, then wrong codes.
    FailedCodes,
    /// Somebody who is signed in did not know the password when asked again.
    FailedProofs,
}

impl AccountNews {
    const ALL: [Self; 11] = [
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryMade,
        Self::RecoveryUsed,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::RoleChanged,
        Self::NewBrowser,
        Self::FailedTries,
        Self::FailedCodes,
        Self::FailedProofs,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::FactorAdded => "factor-added",
            Self::FactorRemoved => "factor-removed",
            Self::RecoveryMade => "recovery-made",
            Self::RecoveryUsed => "recovery-used",
            Self::PasswordChanged => "password-changed",
            Self::PasswordReset => "password-reset",
            Self::RoleChanged => "role-changed",
            Self::NewBrowser => "new-browser",
            Self::FailedTries => "failed-tries",
            Self::FailedCodes => "failed-codes",
            Self::FailedProofs => "failed-proofs",
        }
    }

    /// Whether a stranger can cause it as often as they like, so that it is told once an hour at most.
    pub fn is_cheap(self) -> bool {
        matches!(self, Self::NewBrowser | Self::FailedTries | Self::FailedCodes | Self::FailedProofs)
    }
}

impl Kind {
    /// The word of the database and of `mail list`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Acknowledgement => "acknowledgement",
            Self::Reply => "reply",
            Self::Escalation => "escalation",
            Self::Digest => "digest",
            Self::Invitation => "invitation",
            Self::Test => "test",
            Self::Account(news) => news.as_str(),
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = [
            Self::Notice,
            Self::Acknowledgement,
            Self::Reply,
            Self::Escalation,
            Self::Digest,
            Self::Invitation,
            Self::Test,
        ];
        plain.into_iter().chain(AccountNews::ALL.map(Self::Account)).find(|kind| kind.as_str() == text)
    }

    /// The words of the desk.
    pub fn label(self) -> &'static str {
        match self {
            Self::Notice => "Notice to staff",
            Self::Acknowledgement => "Acknowledgement",
            Self::Reply => "Reply",
            Self::Escalation => "Not opened in time",
            Self::Digest => "Suspected spam",
            Self::Invitation => "One-time link to set a password",
            Self::Test => "Test mail",
            Self::Account(_) => "News about an account",
        }
    }
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for its next attempt.
    Queued,
    /// A mail server (or the folder) took it.
    Sent,
    /// Given up; a person must look.
    Failed,
}

impl State {
    /// The word of URLs, the command line and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queued, Self::Sent, Self::Failed].into_iter().find(|state| state.as_str() == text)
    }
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// An inquiry.
    Inquiry {
        /// Its number.
        seq: i64,
        /// Its reference.
        reference: String,
    },
    /// An account, by its id; the message goes to its address.
    Account(String),
}

impl About {
    /// The inquiry's number.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Inquiry { seq, .. } => Some(*seq),
            Self::Account(_) => None,
        }
    }

    /// The inquiry's reference.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Inquiry { reference, .. } => Some(reference),
            Self::Account(_) => None,
        }
    }
}

/// A row of the outbox.
#[derive(Clone, Debug)]
pub struct OwedMessage {
    /// A random id; the Message-ID is made of it.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The inquiry or account it is about.
    pub about: About,
    /// The staff address of a notice; None for what goes to the person who wrote or to an account's own address.
    pub recipient: Option<String>,
    /// The reply's words in the timeline.
    pub entry: Option<i64>,
    /// How many inquiries a digest tells of.
    pub many: Option<i64>,
    /// Where it stands.
    pub state: State,
    /// When it was queued: the mail's Date, the same at every attempt.
    pub created_at: Timestamp,
    /// Attempts begun.
    pub attempts: i64,
    /// When it is due.
    pub next_attempt_at: Timestamp,
    /// When trying ends.
    pub give_up_at: Timestamp,
    /// When it was sent or given up.
    pub settled_at: Option<Timestamp>,
    /// The mail server's last words, or ours about it; of what was sent, those with which it was taken.
    pub last_answer: Option<String>,
}

impl OwedMessage {
    /// Whether it was taken by nothing but a file: without a mail server it leaves for nobody.
    pub fn is_only_in_a_file(&self) -> bool {
        self.state == State::Sent && self.last_answer.as_ref().is_some_and(|words| words.starts_with(IN_A_FILE))
    }

    /// Whether the next thing that becomes of it is a file. `mails_leave` where a mail server is set. What could not be
    /// written waits for its next attempt like any other.
    pub fn waits_for_a_file(&self, mails_leave: bool) -> bool {
        self.state == State::Queued && !mails_leave && self.last_answer.is_none()
    }
}

/// How the words begin with which a file takes a mail; its path follows.
pub const IN_A_FILE: &str = "written to ";

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Taken; what the server said.
    Sent(String),
    /// Not now; the reason.
    TryAgain(String),
    /// Never; the reason.
    GiveUp(String),
}

/// A week: a long holiday with the mail server down.
pub const TRY_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Fewer attempts than these are no week of trying.
pub const FEWEST_ATTEMPTS: i64 = 8;

/// No pause is as long as this, so a message due later than that was scheduled by a clock that was wrong.
pub const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(2 * 60);

/// An attempt never lasts as long as this, so a message in hand for longer was in the hands of a courier that died.
pub const IN_HAND: SignedDuration = SignedDuration::from_secs(59);

/// Minutes after the first attempts: a restart, a greylist, a reboot, an update.
const FIRST_PAUSES: [i64; 5] = [1, 5, 15, 30, 60];

/// How long to wait after attempt number `attempt` (from 1), before the next: 1, 5, 15, 30 and 60 minutes, then
/// hourly, spread by up to 20 % either way (`spread` from 0 to 255) so that a thousand messages do not return at once.
pub fn pause_after(attempt: i64, spread: u8) -> SignedDuration {
    let index = usize::try_from(attempt - 1).unwrap_or(0);
    if let Some(&minutes) = FIRST_PAUSES.get(index) {
        return SignedDuration::from_mins(minutes);
    }
    let share = i64::from(spread) - 128;
    SignedDuration::from_millis(3_600_000 + share * 720_000 / 128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_word() {
        for kind in [Kind::Notice, Kind::Invitation].into_iter().chain(AccountNews::ALL.map(Kind::Account)) {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn pauses_grow_to_an_hour_and_stay_within_a_fifth_of_it() {
        let minutes: Vec<_> = (1..=5).map(|attempt| pause_after(attempt, 0).as_mins()).collect();
        assert_eq!(minutes, [1, 5, 15, 30, 60]);
        assert_eq!(pause_after(6, 0).as_mins(), 48);
        assert_eq!(pause_after(9, 128).as_mins(), 60);
        assert!(pause_after(100, 255).as_mins() >= 71 && pause_after(100, 255) < LONGEST_PAUSE);
    }
}
