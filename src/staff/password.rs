//! Passwords: which are taken, and Argon2id off the async workers, at most two at once with a bounded queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// Without a second factor a password has at least 15 characters (OWASP ASVS 5.0, 6.2.9).
pub const SHORTEST_PASSWORD: usize = 15;
/// Longer ones gain nothing and cost hashing time.
const LONGEST_PASSWORD: usize = 256;
/// 19 MiB and 20 ms each: two at once leave the machine to the patients.
const AT_ONCE: usize = 2;
/// More than this many waiting sign-ins are an attack or an accident; they are told to come back.
const LONGEST_QUEUE: usize = 20;

/// A password that may be set.
pub struct Password(SecretString);

/// Why a password may not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than 15 characters.
    #[error("is shorter than 15 characters")]
    TooShort,
    /// More than 256 characters.
    #[error("is longer than 256 characters")]
    TooLong,
    /// One character over and over.
    #[error("repeats one character")]
    Monotonous,
}

impl Password {
    /// Takes any characters, 15 to 256 of them.
    ///
    /// # Errors
    /// Why it may not be set.
    pub fn parse(text: &str) -> Result<Self, PasswordFault> {
        let length = text.chars().count();
        let first = text.chars().next();
        match length {
            length if length < SHORTEST_PASSWORD => Err(PasswordFault::TooShort),
            length if length > LONGEST_PASSWORD => Err(PasswordFault::TooLong),
            _ if text.chars().all(|c| Some(c) == first) => Err(PasswordFault::Monotonous),
            _ => Ok(Self(SecretString::from(text))),
        }
    }
}

/// Too many sign-ins wait already, or hashing itself failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub struct Busy;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::default() }
    }
}

/// Counts one waiting sign-in for as long as it lives.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Hasher {
    /// The PHC string of a new password (Argon2id, m=19456, t=2, p=1, random salt).
    ///
    /// # Errors
    /// [`Busy`] when the queue is full.
    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        self.apart(move || {
            let hash = Argon2::default().hash_password(password.0.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|_| Busy)
        })
        .await?
    }

    /// Whether `typed` is the password behind `hash`. Without a hash (an unknown name, an account without
    /// a password) the same work is done against one that nothing matches, so that the answer takes as long.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full.
    pub async fn verify(&self, typed: &str, hash: Option<String>) -> Result<bool, Busy> {
        let typed = SecretString::from(typed.chars().take(LONGEST_PASSWORD + 1).collect::<String>());
        self.apart(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let parsed = PasswordHash::new(&hash);
            let right = parsed.is_ok_and(|parsed| {
                Argon2::default().verify_password(typed.expose_secret().as_bytes(), &parsed).is_ok()
            });
            right && known
        })
        .await
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let _place = Place(self.waiting.clone());
        if before >= AT_ONCE + LONGEST_QUEUE {
            return Err(Busy);
        }
        let _permit = self.permits.clone().acquire_owned().await.map_err(|_| Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

/// The hash of a random password that was thrown away, with the parameters of every other.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$wHAqHWQHS4nKkzkN6vzqHYVeCLAk1yhpGLkPvG2Fw0E";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_the_rule_and_any_character_counts() {
        assert!(Password::parse("fünfzehn Zeichn").is_ok());
        assert_eq!(Password::parse("fünfzehn Zeich").err(), Some(PasswordFault::TooShort));
        assert!(Password::parse(&"ab".repeat(128)).is_ok());
        assert_eq!(Password::parse(&"ab".repeat(129)).err(), Some(PasswordFault::TooLong));
        assert_eq!(Password::parse(&"a".repeat(20)).err(), Some(PasswordFault::Monotonous));
    }

    #[tokio::test]
    async fn only_the_right_password_opens_and_nothing_opens_an_account_without_one() {
        let hasher = Hasher::default();
        let hash = hasher.hash(Password::parse("a quiet long night").unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("a quiet long night", Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("a quiet long nigh", Some(hash)).await.unwrap());
        assert!(!hasher.verify("anything at all here", None).await.unwrap());
        assert!(PasswordHash::new(NOBODY).is_ok(), "the unknown name must cost the same work");
    }
}
