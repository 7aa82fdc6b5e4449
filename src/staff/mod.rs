//! Who works here: members of staff, their roles, and the proof that one is signed in.

mod browser;
mod password;
mod session;
mod totp;

use std::fmt;

use jiff::Timestamp;

pub use browser::Browser;
pub use password::{Busy, Hasher, Password, PasswordFault, SHORTEST_ALONE, SHORTEST_WITH_CODE};
pub use session::{
    ABSOLUTE_LIFETIME, Actor, IDLE_LIFETIME, MOST_SESSIONS, PROOF_LIFETIME, StoredSession, WELCOME_LIFETIME,
};
pub use totp::{RECOVERY_CODES, TotpSecret, new_recovery_codes, recovery_digest};

use crate::contact::EmailAddress;

/// Characters of the longest name.
const LONGEST_NAME: usize = 100;

/// A name as somebody typed it, without the spaces around it; empty for none. None for one of more than 100 characters, or
/// with a control character.
pub fn read_name(typed: &str) -> Option<&str> {
    let name = typed.trim();
    (name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control)).then_some(name)
}

/// What a member of staff may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, accounts included.
    Admin,
    /// Reads and answers inquiries.
    Staff,
}

impl Role {
    /// The word of the command line, the forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Staff => "staff",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Admin, Self::Staff].into_iter().find(|role| role.as_str() == text)
    }
}

/// An account of the desk.
#[derive(Clone)]
pub struct StaffMember {
    /// A random id; audit entries name it.
    pub id: String,
    /// The address they sign in with.
    pub email: EmailAddress,
    /// The name colleagues see; the address where nobody gave one.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The Argon2id hash, once they have set a password.
    pub password_hash: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it was disabled.
    pub disabled_at: Option<Timestamp>,
    /// Whether signing in asks for a code besides the password.
    pub has_second_factor: bool,
    /// When they were last seen at the desk; None before the first time.
    pub seen_at: Option<Timestamp>,
}

impl StaffMember {
    /// The name, where one was given; empty where the address stands for it.
    pub fn given_name(&self) -> &str {
        if self.name == self.email.as_str() { "" } else { &self.name }
    }
}

impl fmt::Debug for StaffMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaffMember({})", self.id)
    }
}
