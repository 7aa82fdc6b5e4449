//! Sealing: a text becomes bytes that only the holder of the key can read, and only in the place they were made for.
//! XChaCha20-Poly1305; its nonces are long enough to be drawn at random for as many values as anybody stores.

use std::fmt;
use std::io;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{SecretKey, random};

/// No text in UTF-8 begins with this byte, so a sealed value is never taken for a plain one.
const SEALED: u8 = 0x81;
const NONCE: usize = 24;
/// The mark and the key's id.
const HEADER: usize = 5;
/// Ends the text; what follows fills it up. Neither byte occurs in UTF-8.
const END: u8 = 0xff;
/// Values are filled up to a multiple of this many bytes, so that their length says little.
const BLOCK: usize = 64;

/// What a key is called: four bytes that follow from it, so that a wrong key is noticed by its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// As the database lists it.
    pub fn number(self) -> i64 {
        i64::from(u32::from_be_bytes(self.0))
    }

    /// From the database's list; None for a number that is no id.
    pub fn from_number(number: i64) -> Option<Self> {
        u32::try_from(number).ok().map(|number| Self(number.to_be_bytes()))
    }

    /// What every value sealed with this key begins with.
    pub fn header(self) -> [u8; HEADER] {
        let [a, b, c, d] = self.0;
        [SEALED, a, b, c, d]
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Where a value belongs. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What tells the row from all others, for ever.
    pub row: &'a str,
    /// Bytes of which the sealed text fills a multiple; more where few answers are possible.
    pub block: usize,
}

impl<'a> Place<'a> {
    /// A place whose values differ enough in length.
    pub fn new(table: &'static str, column: &'static str, row: &'a str) -> Self {
        Self { table, column, row, block: BLOCK }
    }

    fn associated(&self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\u{1f}").into_bytes()
    }
}

/// Why a value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsealing {
    /// It is not sealed at all.
    Plain,
    /// It was sealed with a key that we do not have.
    UnknownKey(KeyId),
    /// It was changed, or belongs elsewhere.
    Broken,
}

/// A key, and what follows from it: the cipher, and the digests by which sealed values are found.
#[derive(Clone)]
pub struct SealingKey {
    bytes: [u8; 32],
    id: KeyId,
    cipher: XChaCha20Poly1305,
    digests: Hmac<Sha256>,
}

impl SealingKey {
    /// A new one.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn new() -> io::Result<Self> {
        Ok(Self::from_bytes(random()?))
    }

    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        let key = SecretKey(bytes);
        let [a, b, c, d, ..] = key.mac("sealing id", &[]);
        let cipher = XChaCha20Poly1305::new(&key.mac("sealing", &[]).into());
        let digests = SecretKey(key.mac("sealing digests", &[])).hmac("digest");
        Self { bytes, id: KeyId([a, b, c, d]), cipher, digests }
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Seals a text for a place.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn seal(&self, place: Place<'_>, text: &str) -> io::Result<Vec<u8>> {
        let nonce: [u8; NONCE] = random()?;
        let filled = fill(text, place.block);
        let payload = Payload { msg: &filled, aad: &place.associated() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| io::Error::other("a text is too long to be sealed"))?;
        Ok([&self.id.header()[..], &nonce, &sealed].concat())
    }

    /// Opens what [`SealingKey::seal`] made with this key for this place; None for anything else.
    pub fn open(&self, place: Place<'_>, value: &[u8]) -> Option<String> {
        let (header, rest) = value.split_at_checked(HEADER)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        if header != self.id.header() {
            return None;
        }
        let payload = Payload { msg: sealed, aad: &place.associated() };
        let filled = self.cipher.decrypt(&XNonce::from(nonce), payload).ok()?;
        let end = filled.iter().rposition(|byte| *byte == END)?;
        String::from_utf8(filled.get(..end)?.to_vec()).ok()
    }

    /// A digest that tells equal texts from others to nobody but the holder of the key.
    pub fn digest(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mut mac = self.digests.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A word of the search index: 48 bits, so that a row is small and two words share one less than once in ten
    /// million searches.
    pub fn token(&self, word: &str) -> i64 {
        let digest = self.digest("word", word);
        digest[..6].iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
    }

    /// What stands in the clear for one of few choices: 128 bits in hexadecimal. Equal choices have equal marks.
    pub fn mark(&self, choice: &str) -> String {
        self.digest("choice", choice)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.id)
    }
}

/// The key that a sealed value names; None when it is not sealed.
pub(super) fn key_of(value: &[u8]) -> Option<KeyId> {
    match value {
        [SEALED, a, b, c, d, ..] => Some(KeyId([*a, *b, *c, *d])),
        _ => None,
    }
}

fn fill(text: &str, block: usize) -> Vec<u8> {
    let mut filled = text.as_bytes().to_vec();
    filled.push(END);
    filled.resize(filled.len().next_multiple_of(block.max(1)), 0);
    filled
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const NAME: Place<'_> = Place { table: "inquiry", column: "name", row: "BW-7K3M-9QXT", block: BLOCK };

    #[test]
    fn a_sealed_text_opens_in_its_place_and_nowhere_else() {
        let key = SealingKey::new().unwrap();
        for text in ["", "Anna", "\0\0", "ends in \u{10ffff}", &"ä".repeat(5_000)] {
            assert_eq!(key.open(NAME, &key.seal(NAME, text).unwrap()).as_deref(), Some(text));
        }
        let sealed = key.seal(NAME, "Anna").unwrap();
        for other in [
            Place { table: "entry", ..NAME },
            Place { column: "message", ..NAME },
            Place { row: "BW-7K3M-9QXV", ..NAME },
        ] {
            assert_eq!(key.open(other, &sealed), None, "{other:?}");
        }
        assert_eq!(SealingKey::new().unwrap().open(NAME, &sealed), None);
        assert_ne!(sealed, key.seal(NAME, "Anna").unwrap(), "equal texts are not seen to be equal");
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let key = SealingKey::new().unwrap();
        let sealed = key.seal(NAME, "Anna").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open(NAME, &changed), None, "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(key.open(NAME, &sealed[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn the_length_says_no_more_than_its_block() {
        let key = SealingKey::new().unwrap();
        let lengths = ["", "sunburn", "pregnancy", &"x".repeat(63)].map(|text| key.seal(NAME, text).unwrap().len());
        assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
        assert!(key.seal(NAME, &"x".repeat(64)).unwrap().len() > lengths[0]);
    }

    #[test]
    fn what_follows_from_a_key_stays_for_the_values_that_people_keep() {
        let key = SealingKey::from_bytes([7; 32]);
        assert_eq!((key.id().to_string().as_str(), key.token("rucken")), ("a31ea68f", 117_106_045_408_477));
        assert_eq!(key.digest("email", "a@b.example")[0], 116);
        let kept = URL_SAFE_NO_PAD.decode("gaMepo9KVEdUmd1LzrlXXzbQ5W5n-Ha50H7Pb1YP-Swjxb5LogK2hZd7HRKZUuzbCxscqcsXy91vtNlWibvWTJCBP0VRaSjUB8PqMUAJ2r0I27YZvEHzGYNNAW7oH6ewn05SefZ2o0CcLUVXPA").unwrap();
        assert_eq!(
            key.open(NAME, &kept).as_deref(),
            Some("Anna"),
            "{}",
            URL_SAFE_NO_PAD.encode(key.seal(NAME, "Anna").unwrap())
        );
    }
}
