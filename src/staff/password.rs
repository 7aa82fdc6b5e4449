//! Passwords: which are taken, and Argon2id off the async workers, at most two at once with a bounded queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use crate::secret::{random, same};

/// A password that stands alone has at least 15 characters (NIST SP 800-63B-4, 3.1.1.2).
pub const SHORTEST_ALONE: usize = 15;
/// With a second factor beside it, 12 are enough.
pub const SHORTEST_WITH_CODE: usize = 12;
/// Longer ones gain nothing and cost hashing time.
const LONGEST_PASSWORD: usize = 256;
/// 19 MiB and 20 ms each: two at once leave the machine to the patients.
const AT_ONCE: usize = 2;
/// More than this many waiting sign-ins are an attack or an accident; they are told to come back.
const LONGEST_QUEUE: usize = 20;

/// The 10,000 commonest passwords of zxcvbn 4.5.0 (MIT), and all of 12 characters and more from its whole list, that of
/// @zxcvbn-ts/language-common 4.1.3 (MIT) and that of Django 5.2.19 (BSD-3-Clause).
const COMMONEST: &str = include_str!("common_passwords.txt");
/// Words shorter than this are too common in any text to count as the clinic's own.
const SHORTEST_OWN_WORD: usize = 4;
/// Words about us, beside the clinic's name and town and the person's address.
const OUR_WORDS: &[&str] =
    &["backwise", "admin", "back", "clinic", "desk", "inquiry", "massage", "pain", "password", "staff", "welcome"];
/// "hellohellohello" is as good as "hello".
const LONGEST_REPEATED: usize = 8;

/// A password that may be set.
pub struct Password(SecretString);

/// Why a password may not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer characters than this.
    #[error("is shorter than {0} characters")]
    TooShort(usize),
    /// More than 256 characters.
    #[error("is longer than 256 characters")]
    TooLong,
    /// A few characters over and over.
    #[error("repeats the same few characters")]
    Repetitive,
    /// One of those that are tried first, digits and signs around it or not.
    #[error("is one of the commonest, or one with digits and signs around it, and is tried first")]
    Common,
    /// Nothing but the clinic's name, its town, words about us, or the person's address.
    #[error("consists of words that anyone could guess here")]
    OwnWords,
}

impl Password {
    /// Takes any characters, `shortest` to 256 of them, exactly as they are. `own` are texts whose words do not make a password: the
    /// clinic's name and town, the person's address.
    ///
    /// # Errors
    /// Why it may not be set (OWASP ASVS 5.0, 6.2.1, 6.2.4, 6.2.5, 6.2.9, 6.2.11).
    pub fn parse(text: &str, own: &[&str], shortest: usize) -> Result<Self, PasswordFault> {
        let folded = text.to_lowercase();
        match text.chars().count() {
            length if length < shortest => Err(PasswordFault::TooShort(shortest)),
            length if length > LONGEST_PASSWORD => Err(PasswordFault::TooLong),
            _ if repeats(&folded) => Err(PasswordFault::Repetitive),
            _ if is_common(&folded) => Err(PasswordFault::Common),
            _ if only_own_words(&folded, own) => Err(PasswordFault::OwnWords),
            _ => Ok(Self(SecretString::from(text))),
        }
    }
}

fn repeats(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=LONGEST_REPEATED).any(|length| chars.iter().zip(chars.iter().skip(length)).all(|(a, b)| a == b))
}

/// "sunshine-2026!" is tried as early as "sunshine".
fn is_common(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphabetic());
    COMMONEST.lines().any(|common| common == text || (common == bare && !bare.is_empty()))
}

/// Whether only digits and signs are left without the words.
fn only_own_words(text: &str, own: &[&str]) -> bool {
    let own = own.iter().chain(OUR_WORDS).map(|text| text.to_lowercase());
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

/// Hashes and checks passwords, on two threads of its own that keep their 19 MiB: taking the memory anew for each
/// sign-in would leave most of it with the process for good (the allocator cannot use such aligned blocks again).
#[derive(Clone)]
pub struct Hasher {
    queue: SyncSender<Job>,
}

type Memory = Vec<Block>;
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

impl Default for Hasher {
    fn default() -> Self {
        let (queue, jobs) = sync_channel(LONGEST_QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..AT_ONCE {
            let jobs = jobs.clone();
            thread::spawn(move || work(&jobs));
        }
        Self { queue }
    }
}

/// Takes one job after the other, until nobody can send any more.
fn work(jobs: &Mutex<Receiver<Job>>) {
    let mut memory = Memory::new();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A job that panics drops its answer, which its sender sees; the thread goes on.
        let _panicked = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
        memory.fill(Block::new());
    }
}

impl Hasher {
    /// The PHC string of a new password (Argon2id, m=19456, t=2, p=1, random salt).
    ///
    /// # Errors
    /// [`Busy`] when the queue is full.
    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        self.apart(move |memory| new_hash(password.0.expose_secret().as_bytes(), memory)).await?.ok_or(Busy)
    }

    /// Whether `typed` is the password behind `hash`. Without a hash (an unknown name, an account without
    /// a password) the same work is done against one that nothing matches, so that the answer takes as long.
    ///
    /// # Errors
    /// [`Busy`] when the queue is full.
    pub async fn verify(&self, typed: &str, hash: Option<String>) -> Result<bool, Busy> {
        let typed = SecretString::from(typed.chars().take(LONGEST_PASSWORD + 1).collect::<String>());
        self.apart(move |memory| {
            let right = matches(typed.expose_secret().as_bytes(), hash.as_deref().unwrap_or(NOBODY), memory);
            right.unwrap_or(false) && hash.is_some()
        })
        .await
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce(&mut Memory) -> T + Send + 'static) -> Result<T, Busy> {
        let (answer, answered) = oneshot::channel();
        let job = move |memory: &mut Memory| {
            // Who asked may have gone away.
            let _unheard = answer.send(work(memory));
        };
        self.queue.try_send(Box::new(job)).map_err(|_| Busy)?;
        answered.await.map_err(|_| Busy)
    }
}

fn new_hash(password: &[u8], memory: &mut Memory) -> Option<String> {
    let (argon2, salt) = (Argon2::default(), random::<16>().ok()?);
    let output = output(&argon2, password, &salt, memory)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).ok()?,
        salt: Some(Salt::new(&salt).ok()?),
        hash: Some(Output::new(&output).ok()?),
    };
    Some(hash.to_string())
}

/// None for a hash that is not ours to read.
fn matches(password: &[u8], hash: &str, memory: &mut Memory) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let argon2 = Argon2::new(Algorithm::new(hash.algorithm).ok()?, Version::V0x13, Params::try_from(&hash).ok()?);
    let output = output(&argon2, password, hash.salt.as_ref()?.as_ref(), memory)?;
    Some(same(&output, hash.hash.as_ref()?.as_bytes()))
}

fn output(argon2: &Argon2<'_>, password: &[u8], salt: &[u8], memory: &mut Memory) -> Option<[u8; 32]> {
    let mut output = [0; 32];
    if memory.len() < argon2.params().block_count() {
        memory.resize(argon2.params().block_count(), Block::new());
    }
    argon2.hash_password_into_with_memory(password, salt, &mut output, memory).ok()?;
    Some(output)
}

/// The hash of a random password that was thrown away, with the parameters of every other.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$wHAqHWQHS4nKkzkN6vzqHYVeCLAk1yhpGLkPvG2Fw0E";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_the_rule_and_any_character_counts() {
        let own = ["Backwise Example Clinic", "anna.smith@example.org"];
        let fault = |text: &str| Password::parse(text, &own, SHORTEST_ALONE).err();
        assert_eq!(fault("fünfzehn Zeichn"), None);
        assert_eq!(fault("fünfzehn Zeich"), Some(PasswordFault::TooShort(15)));
        assert_eq!(fault(&"ab cd efg hi".repeat(21)), None);
        assert_eq!(fault(&"x".repeat(257)), Some(PasswordFault::TooLong));
        assert_eq!(fault(&"a".repeat(20)), Some(PasswordFault::Repetitive));
        assert_eq!(fault("passwordPASSWORDpass"), Some(PasswordFault::Repetitive));
        assert_eq!(fault("Qwertyuiop12345"), Some(PasswordFault::Common));
        assert_eq!(fault("Sunshine-2026-11!"), Some(PasswordFault::Common));
        assert_eq!(fault("sunshine over the sea"), None);
        assert_eq!(fault("Massage-Back-Pain-1"), Some(PasswordFault::OwnWords));
        assert_eq!(fault("Example-Clinic-2026!"), Some(PasswordFault::OwnWords));
        assert_eq!(fault("anna.smith@EXAMPLE"), Some(PasswordFault::OwnWords));
        assert_eq!(fault("anna likes the example clinic"), None);
        let with_code = |text: &str| Password::parse(text, &own, SHORTEST_WITH_CODE).err();
        assert_eq!(with_code("zwölf Zeichn"), None);
        assert_eq!(with_code("elf Zeichen"), Some(PasswordFault::TooShort(12)));
        assert_eq!(with_code("1qaz2wsx3edc"), Some(PasswordFault::Common));
    }

    #[test]
    fn the_commonest_that_would_be_long_enough_are_refused() {
        let (common, long) =
            (COMMONEST.lines().count(), COMMONEST.lines().filter(|line| line.len() >= SHORTEST_WITH_CODE));
        assert!(common >= 10_000, "{common}");
        for password in long {
            let fault = Password::parse(password, &[], SHORTEST_WITH_CODE).err();
            assert!(matches!(fault, Some(PasswordFault::Common | PasswordFault::Repetitive)), "{password}");
        }
    }

    #[tokio::test]
    async fn more_than_twenty_who_wait_are_told_to_come_back() {
        let hasher = Hasher::default();
        let tries = (0..60).map(|_| hasher.verify("anything at all here", None));
        let answers = futures_util::future::join_all(tries).await;
        let busy = answers.iter().filter(|answer| answer.is_err()).count();
        assert!((60 - LONGEST_QUEUE - AT_ONCE..60 - LONGEST_QUEUE + 1).contains(&busy), "{busy}");
    }

    #[tokio::test]
    async fn v6_2_8_a_password_counts_exactly_as_it_was_typed_up_to_256_characters() {
        let hasher = Hasher::default();
        let long: String = ('\u{4e00}'..).take(LONGEST_PASSWORD).collect();
        // A space at the end, and two ways to write the same letter, make other passwords.
        for (set, other) in [
            ("a quiet long night ", "a quiet long night"),
            ("caf\u{e9} behind the lake", "cafe\u{301} behind the lake"),
            ("A Quiet Long Night", "a quiet long night"),
            ("\u{1f319}\u{200d}\t over \u{202e} everything", "\u{1f319}\t over \u{202e} everything"),
            (&long, &long[..long.len() - 3]),
        ] {
            let hash = hasher.hash(Password::parse(set, &[], SHORTEST_ALONE).unwrap()).await.unwrap();
            assert!(hasher.verify(set, Some(hash.clone())).await.unwrap(), "{set}");
            assert!(!hasher.verify(other, Some(hash.clone())).await.unwrap(), "{other}");
            assert!(!hasher.verify(&format!("{set}x"), Some(hash)).await.unwrap(), "{set}x");
        }
    }

    #[tokio::test]
    async fn only_the_right_password_opens_and_nothing_opens_an_account_without_one() {
        let hasher = Hasher::default();
        let hash = hasher.hash(Password::parse("a quiet long night", &[], SHORTEST_ALONE).unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("a quiet long night", Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("a quiet long nigh", Some(hash)).await.unwrap());
        assert!(!hasher.verify("anything at all here", None).await.unwrap());
        assert!(PasswordHash::new(NOBODY).is_ok(), "the unknown name must cost the same work");
    }
}
