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

/// Those of the 30,000 commonest passwords that are long enough to be tried, from the list of zxcvbn 4.4.2 (MIT).
/// The shorter ones are refused for their length.
const COMMONEST: &str = include_str!("common_passwords.txt");
/// Words shorter than this are too common in any text to count as the clinic's own.
const SHORTEST_OWN_WORD: usize = 4;
/// "hellohellohello" is as good as "hello".
const LONGEST_REPEATED: usize = 8;

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
    /// A few characters over and over.
    #[error("repeats the same few characters")]
    Repetitive,
    /// One of those that are tried first.
    #[error("is one of the commonest, which are tried first")]
    Common,
    /// Nothing but the clinic's name, its town, or the person's address.
    #[error("consists of words that anyone could guess here")]
    OwnWords,
}

impl Password {
    /// Takes any characters, 15 to 256 of them. `own` are texts whose words do not make a password: the
    /// clinic's name and town, the person's address.
    ///
    /// # Errors
    /// Why it may not be set (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.9 to 6.2.11).
    pub fn parse(text: &str, own: &[&str]) -> Result<Self, PasswordFault> {
        let folded = text.to_lowercase();
        match text.chars().count() {
            length if length < SHORTEST_PASSWORD => Err(PasswordFault::TooShort),
            length if length > LONGEST_PASSWORD => Err(PasswordFault::TooLong),
            _ if repeats(&folded) => Err(PasswordFault::Repetitive),
            _ if COMMONEST.lines().any(|common| common == folded) => Err(PasswordFault::Common),
            _ if only_own_words(&folded, own) => Err(PasswordFault::OwnWords),
            _ => Ok(Self(SecretString::from(text))),
        }
    }
}

fn repeats(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=LONGEST_REPEATED).any(|length| chars.iter().zip(chars.iter().skip(length)).all(|(a, b)| a == b))
}

/// Whether only digits and signs are left without the words.
fn only_own_words(text: &str, own: &[&str]) -> bool {
    let own = own.iter().map(|text| text.to_lowercase()).chain(["backwise".to_owned()]);
    let words = own.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>());
    let rest = words
        .filter(|word| word.chars().count() >= SHORTEST_OWN_WORD)
        .fold(text.to_owned(), |rest, word| rest.replace(&word, ""));
    rest != *text && !rest.chars().any(char::is_alphabetic)
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
        let fault = |text: &str| Password::parse(text, &["Backwise Example Clinic", "anna.smith@example.org"]).err();
        assert_eq!(fault("fünfzehn Zeichn"), None);
        assert_eq!(fault("fünfzehn Zeich"), Some(PasswordFault::TooShort));
        assert_eq!(fault(&"ab cd efg hi".repeat(21)), None);
        assert_eq!(fault(&"x".repeat(257)), Some(PasswordFault::TooLong));
        assert_eq!(fault(&"a".repeat(20)), Some(PasswordFault::Repetitive));
        assert_eq!(fault("passwordPASSWORDpass"), Some(PasswordFault::Repetitive));
        assert_eq!(fault("Qwertyuiop12345"), Some(PasswordFault::Common));
        assert_eq!(fault("Example-Clinic-2026!"), Some(PasswordFault::OwnWords));
        assert_eq!(fault("anna.smith@EXAMPLE"), Some(PasswordFault::OwnWords));
        assert_eq!(fault("anna likes the example clinic"), None);
    }

    #[tokio::test]
    async fn only_the_right_password_opens_and_nothing_opens_an_account_without_one() {
        let hasher = Hasher::default();
        let hash = hasher.hash(Password::parse("a quiet long night", &[]).unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("a quiet long night", Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("a quiet long nigh", Some(hash)).await.unwrap());
        assert!(!hasher.verify("anything at all here", None).await.unwrap());
        assert!(PasswordHash::new(NOBODY).is_ok(), "the unknown name must cost the same work");
    }
}
