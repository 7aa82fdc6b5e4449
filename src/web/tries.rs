//! How often somebody may try to sign in: counted by client and by account, in windows that slide.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::limits::Window;
use crate::secret::SecretKey;

/// Failed tries are counted in this span.
const SPAN: SignedDuration = SignedDuration::from_mins(15);
/// Of one client for all accounts.
const PER_CLIENT: usize = 20;
/// Of one client for one account, or of one browser that signed in to it before.
const PER_PAIR: usize = 5;
/// Of one client for one account that many clients try at the same time.
const PER_PAIR_UNDER_ATTACK: usize = 1;
/// Wrong passwords of all clients for one account: more are an attack.
const PASSWORDS_PER_ACCOUNT: usize = 50;
/// Wrong codes are rarer: whoever gives one knew the password.
const CODES_PER_ACCOUNT: usize = 10;

/// Who tries: an account, as a digest so that a long name takes no more memory than a short one, and a place.
pub(super) type Account = [u8; 32];

/// What was tried in vain.
#[derive(Default)]
pub(super) struct Tries {
    pub passwords: Passwords,
    pub codes: Codes,
}

/// Wrong passwords.
pub(super) struct Passwords(Buckets);
/// Wrong codes after a right password.
pub(super) struct Codes(Buckets);

impl Default for Passwords {
    fn default() -> Self {
        Self(Buckets::new(PASSWORDS_PER_ACCOUNT))
    }
}

impl Default for Codes {
    fn default() -> Self {
        Self(Buckets::new(CODES_PER_ACCOUNT))
    }
}

impl Deref for Passwords {
    type Target = Buckets;
    fn deref(&self) -> &Buckets {
        &self.0
    }
}

impl Deref for Codes {
    type Target = Buckets;
    fn deref(&self) -> &Buckets {
        &self.0
    }
}

/// Tries that failed. A browser that signed in to an account before has a count of its own and is not held up by the
/// others. Nobody else is locked out either: while many clients try one account, each that has not tried it yet keeps one
/// try, so that its owner gets in from anywhere, and strangers pay an address for each guess.
pub(super) struct Buckets {
    pair: Window<(Account, IpAddr)>,
    client: Window<IpAddr>,
    account: Window<Account>,
    known_browser: Window<Account>,
    number: AtomicU64,
}

impl Buckets {
    fn new(per_account: usize) -> Self {
        Self {
            pair: Window::new(PER_PAIR, SPAN),
            client: Window::new(PER_CLIENT, SPAN),
            account: Window::new(per_account, SPAN),
            known_browser: Window::new(PER_PAIR, SPAN),
            number: AtomicU64::new(0),
        }
    }

    /// Counts a try before it is made, or says how long to wait.
    pub(super) fn take(
        &self,
        account: Account,
        client: IpAddr,
        is_known_browser: bool,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        if is_known_browser {
            return self.known_browser.take(account, number, now);
        }
        self.client.take(client, number, now)?;
        self.pair.take((account, client), number, now)?;
        match self.account.take(account, number, now) {
            Err(wait) if self.pair.count(&(account, client), now) > PER_PAIR_UNDER_ATTACK => Err(wait),
            _ => Ok(()),
        }
    }

    /// How many tries at an account failed lately, from anywhere.
    pub(super) fn failed(&self, account: &Account, now: Timestamp) -> usize {
        self.account.count(account, now) + self.known_browser.count(account, now)
    }

    /// What the owner gets right in a known browser says nothing about the strangers at the same address.
    pub(super) fn succeeded(&self, account: Account, client: IpAddr, is_known_browser: bool) {
        self.known_browser.forget(&account);
        if !is_known_browser {
            self.pair.forget(&(account, client));
            self.client.forget(&client);
        }
    }
}

pub(super) fn account(key: &SecretKey, email: &str) -> Account {
    key.mac("sign-in account", &[email.trim().to_lowercase().as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_milliseconds;

    #[test]
    fn a_stranger_who_tries_passwords_does_not_lock_the_owner_out() {
        let tries = Passwords::default();
        let ip = |last: u8| IpAddr::from([192, 0, 2, last]);
        let (anna, now) = ([7; 32], from_milliseconds(0));
        for stranger in 2..=12 {
            for _ in 0..PER_PAIR {
                let _counted = tries.take(anna, ip(stranger), false, now);
            }
            assert!(tries.take(anna, ip(stranger), false, now).is_err(), "strangers are held up");
        }
        assert!(
            tries.take(anna, ip(200), false, now).is_ok(),
            "the owner at an address that nobody tried from gets in"
        );
        assert!(tries.take(anna, ip(200), false, now).is_err(), "but may not guess there");
        assert!(tries.failed(&anna, now) >= PASSWORDS_PER_ACCOUNT);
        for _ in 0..PER_PAIR {
            assert!(
                tries.take(anna, ip(2), true, now).is_ok(),
                "the owner's browser is not, even behind a stranger's address"
            );
        }
        assert!(tries.take(anna, ip(2), true, now).is_err(), "but may not try for ever either");
        assert!(tries.take(anna, ip(2), true, from_milliseconds(15 * 60_000)).is_ok());
    }
}
