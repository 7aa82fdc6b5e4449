//! The second factor: codes of an app (TOTP, RFC 6238), and recovery codes for when the app is out of reach.

use std::fmt;
use std::io;

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use crate::contact::EmailAddress;
use crate::secret::{digest, random};

/// How many recovery codes an account has at first.
pub const RECOVERY_CODES: usize = 10;
/// 120 bits: enough that a plain digest of one cannot be guessed (OWASP ASVS 5.0, 6.5.2).
const RECOVERY_BYTES: usize = 15;
/// Letters and digits that nobody takes for another: no I, L, O, U (Crockford).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The secret that an account shares with an app: 160 bits, as RFC 4226 recommends.
pub struct TotpSecret([u8; 20]);

impl TotpSecret {
    /// A new one.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn new() -> io::Result<Self> {
        random().map(Self)
    }

    /// One that was stored; None for a text that is none.
    pub fn parse(text: &str) -> Option<Self> {
        Secret::try_from_base32(text).ok()?.as_bytes().try_into().ok().map(Self)
    }

    /// For storing it, sealed.
    pub fn text(&self) -> String {
        Secret::new_stack(self.0).to_base32()
    }

    /// For typing it into an app: base 32 in groups of four.
    pub fn spelled(&self) -> String {
        let chars: Vec<char> = self.text().chars().collect();
        chars.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
    }

    /// The address that an app reads from the QR code.
    pub fn address(&self, clinic: &str, email: &EmailAddress) -> Option<String> {
        let plain = |text: &str| text.replace(':', " ");
        let totp = self.rule().with_account_name(plain(email.as_str())).with_issuer(Some(plain(clinic)));
        totp.build().ok()?.to_url().ok()
    }

    /// The step of 30 seconds to which a typed code belongs, when it is right: this one, the one before or the one after.
    /// A step must not be accepted twice (RFC 6238, 5.2).
    pub fn step_of(&self, typed: &str, now: Timestamp) -> Option<i64> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let seconds = u64::try_from(now.as_second()).ok()?;
        let step = self.totp()?.check(&digits, seconds)?;
        i64::try_from(step).ok()
    }

    fn totp(&self) -> Option<Totp> {
        self.rule().build().ok()
    }

    /// Six digits, 30 seconds, SHA-1, one step either way: what every app understands.
    fn rule(&self) -> Builder {
        Builder::new().with_secret(Secret::new_stack(self.0)).with_skew(1)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// New recovery codes, as they are shown once: `7K3M-9QXT-…`, six groups of four.
///
/// # Errors
/// When the operating system has no random numbers.
pub fn new_recovery_codes() -> io::Result<Vec<String>> {
    (0..RECOVERY_CODES).map(|_| random::<RECOVERY_BYTES>().map(|bytes| spell(&bytes))).collect()
}

fn spell(bytes: &[u8; RECOVERY_BYTES]) -> String {
    let number = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let letter = |place: usize| LETTERS[usize::try_from(number >> (5 * place) & 31).unwrap_or(0)];
    let letters: Vec<u8> = (0..RECOVERY_BYTES * 8 / 5).rev().map(letter).collect();
    letters.chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect::<Vec<_>>().join("-")
}

/// What is stored of a recovery code, however it was typed: case, spaces and hyphens do not count.
pub fn recovery_digest(typed: &str) -> Vec<u8> {
    let plain: String = typed.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect();
    let read = plain.replace('O', "0").replace(['I', 'L'], "1");
    digest(&read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_milliseconds;

    #[test]
    fn codes_are_those_of_the_standard_one_step_either_way() {
        // RFC 6238, appendix B: the last six of eight digits.
        let secret = TotpSecret(*b"12345678901234567890");
        let at = |second: i64| from_milliseconds(second * 1000);
        assert_eq!(secret.step_of("287082", at(59)), Some(1));
        assert_eq!(secret.step_of(" 287 082 ", at(59 + 30)), Some(1), "a little late");
        assert_eq!(secret.step_of("287082", at(59 - 30)), Some(1), "a clock that is behind");
        assert_eq!(secret.step_of("287082", at(59 + 60)), None);
        assert_eq!(secret.step_of("081804", at(1_111_111_109)), Some(37_037_036));
        for wrong in ["", "28708", "2870820", "abcdef", "٢٨٧٠٨٢", "287083"] {
            assert_eq!(secret.step_of(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_can_read_it_and_so_can_a_person() {
        let secret = TotpSecret(*b"12345678901234567890");
        assert_eq!(TotpSecret::parse(&secret.text()).map(|secret| secret.0), Some(secret.0));
        assert!(TotpSecret::parse("GEZD").is_none() && TotpSecret::parse("!").is_none());
        assert_eq!(secret.spelled(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let email = EmailAddress::parse("anna@example.org").unwrap();
        let address = secret.address("Clinic: the one", &email).unwrap();
        assert!(address.starts_with("otpauth://totp/") && !address.contains("Clinic:"), "{address}");
        assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{address}");
        assert!(!format!("{secret:?}").contains("GEZD"));
    }

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed_and_no_two_are_alike() {
        let codes = new_recovery_codes().unwrap();
        assert_eq!(codes.len(), 10);
        for code in &codes {
            assert_eq!(code.len(), 29, "{code}");
            let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            assert_eq!(recovery_digest(&typed), recovery_digest(code), "{code}");
            assert_eq!(codes.iter().filter(|other| *other == code).count(), 1);
        }
        assert_eq!(spell(&[0xff; 15]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    }
}
