//! How often somebody may try to sign in: counted by client and by account, in windows that slide.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::limits::Window;
use crate::secret::SecretKey;

/// Failed tries are counted in this span.
const SPAN: SignedDuration = SignedDuration::from_mins(15);
/// Of one client for one account, or of one browser that signed in to it before.
const PER_PAIR: usize = 5;
/// Of one client for all accounts.
const PER_CLIENT: usize = 20;
/// Of all clients for one account.
const PER_ACCOUNT: usize = 50;

/// Who tries: an account, as a digest so that a long name takes no more memory than a short one, and a place.
pub(super) type Account = [u8; 32];

/// Sign-ins that failed. A browser that signed in to an account before has a count of its own and is not held up by
/// the others, so that a stranger who tries passwords, from whatever address, does not lock the owner out.
pub(super) struct Tries {
    pair: Window<(Account, IpAddr)>,
    client: Window<IpAddr>,
    account: Window<Account>,
    known_browser: Window<Account>,
    number: AtomicU64,
}

impl Default for Tries {
    fn default() -> Self {
        Self {
            pair: Window::new(PER_PAIR, SPAN),
            client: Window::new(PER_CLIENT, SPAN),
            account: Window::new(PER_ACCOUNT, SPAN),
            known_browser: Window::new(PER_PAIR, SPAN),
            number: AtomicU64::new(0),
        }
    }
}

impl Tries {
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
        self.account.take(account, number, now)
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
        let tries = Tries::default();
        let ip = |last: u8| IpAddr::from([192, 0, 2, last]);
        let (anna, now) = ([7; 32], from_milliseconds(0));
        for stranger in 2..=12 {
            for _ in 0..PER_PAIR {
                let _counted = tries.take(anna, ip(stranger), false, now);
            }
            assert!(tries.take(anna, ip(stranger), false, now).is_err(), "strangers are held up");
        }
        assert!(tries.take(anna, ip(200), false, now).is_err(), "all of them together");
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
