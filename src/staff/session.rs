//! Sessions: how long one lives, and the actor who exists only by checking one.

use jiff::{SignedDuration, Timestamp};

use super::Role;

/// A session that is not used ends.
pub const IDLE_LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// A working day: then one signs in again.
pub const ABSOLUTE_LIFETIME: SignedDuration = SignedDuration::from_hours(8);
/// Sessions of one person; a further sign-in ends the oldest.
pub const MOST_SESSIONS: i64 = 5;
/// The most sensitive actions ask for a password or code that was given within this time.
pub const PROOF_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// A welcome link works once, within an hour.
pub const WELCOME_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// A session as the store keeps it, with the account it belongs to.
#[derive(Clone, Debug)]
pub struct StoredSession {
    /// The account.
    pub staff: String,
    /// Its name.
    pub name: String,
    /// Its role now.
    pub role: Role,
    /// Whether the account asks for a code besides the password.
    pub has_second_factor: bool,
    /// Whether the account is disabled.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// When a password or code was last given in it.
    pub proved_at: Timestamp,
}

/// A member of staff proven signed in. Every write of the desk demands one.
#[derive(Clone, Debug)]
pub struct Actor {
    id: String,
    name: String,
    role: Role,
    has_second_factor: bool,
    proved_at: Timestamp,
}

impl Actor {
    /// The actor of a session that is alive at `now`; None for one that is idle, old, from the future
    /// (a clock that jumped), or of a disabled account.
    pub fn prove(session: &StoredSession, now: Timestamp) -> Option<Self> {
        let idle = now.duration_since(session.seen_at);
        let age = now.duration_since(session.created_at);
        let alive = !session.disabled
            && idle < IDLE_LIFETIME
            && age < ABSOLUTE_LIFETIME
            && age >= -SignedDuration::from_mins(5);
        alive.then(|| Self {
            id: session.staff.clone(),
            name: session.name.clone(),
            role: session.role,
            has_second_factor: session.has_second_factor,
            proved_at: session.proved_at,
        })
    }

    /// The account's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name colleagues see.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether they gave a password or code a moment ago, so that it is they and not somebody at their open screen.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.proved_at).abs() < PROOF_LIFETIME
    }

    /// Whether the account asks for a code besides the password.
    pub fn has_second_factor(&self) -> bool {
        self.has_second_factor
    }

    /// Whether accounts may be looked after.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_milliseconds;

    #[test]
    fn a_session_ends_by_idleness_by_age_and_with_its_account() {
        let start = from_milliseconds(1_700_000_000_000);
        let session = StoredSession {
            staff: "id".into(),
            name: "A.".into(),
            role: Role::Staff,
            has_second_factor: false,
            disabled: false,
            created_at: start,
            seen_at: start,
            proved_at: start,
        };
        let alive = |session: &StoredSession, minutes| {
            Actor::prove(session, start + SignedDuration::from_mins(minutes)).is_some()
        };
        assert!(alive(&session, 29) && !alive(&session, 30));
        let busy = StoredSession { seen_at: start + SignedDuration::from_mins(470), ..session.clone() };
        assert!(alive(&busy, 479) && !alive(&busy, 480));
        assert!(!alive(&StoredSession { disabled: true, ..session }, 1));
    }
}
