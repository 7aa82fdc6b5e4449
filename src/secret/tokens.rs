//! What follows from the secret key and is given out: the tokens of forms and the keys of receipts. Each has schemes, the
//! newest first: what is given out from now on is made by the newest, and what an older one made stays good. How a scheme
//! is added stands in docs/decisions/0070-how-an-algorithm-is-changed.md.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

use super::{SecretKey, digest, random, same};

/// A form may lie open for a week before it is sent: people write about their back when it lets them sit.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What makes the receipt key of a submission, the newest scheme first.
const RECEIPTS: [fn(&SecretKey, &[u8; 32]) -> String; 2] = [receipt_1, receipt_0];

/// What reads the token of a form, the newest scheme first.
const FORMS: [ReadForm; 2] = [form_1, form_0];
type ReadForm = fn(&SecretKey, &[&str]) -> Option<FormToken>;

/// What a token of ours says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormToken {
    /// When its page was shown.
    pub issued_at: Timestamp,
    /// Which privacy text was there to read then; None in a token from before this was noted.
    pub privacy_version: Option<String>,
}

impl SecretKey {
    /// The writer's secret for the receipt page of what they send now.
    pub fn receipt_key(&self, submission: &[u8; 32]) -> String {
        RECEIPTS[0](self, submission)
    }

    /// The same for what is kept already, by the scheme of its time: that whose digest was kept. It is made again from the
    /// submission whenever a mail needs it.
    pub fn receipt_key_of(&self, submission: &[u8; 32], kept: &[u8]) -> String {
        let mut keys = RECEIPTS.iter().map(|scheme| scheme(self, submission));
        keys.find(|key| same(&digest(key), kept)).unwrap_or_else(|| self.receipt_key(submission))
    }

    /// A token for a form that is shown now beside this version of the privacy text.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn issue_token(&self, now: Timestamp, privacy_version: &str) -> io::Result<String> {
        let random: [u8; 16] = random()?;
        let (version, random) = (URL_SAFE_NO_PAD.encode(privacy_version), URL_SAFE_NO_PAD.encode(random));
        let body = format!("1.{}.{version}.{random}", now.as_millisecond());
        let mac = URL_SAFE_NO_PAD.encode(self.mac("form 1", &[body.as_bytes()]));
        Ok(format!("{body}.{mac}"))
    }

    /// Reads a token; None for one that is not ours.
    pub fn read_token(&self, token: &str) -> Option<FormToken> {
        let parts: Vec<&str> = token.split('.').collect();
        FORMS.iter().find_map(|scheme| scheme(self, &parts))
    }

    fn has_signed(&self, purpose: &str, body: &str, mac: &str) -> bool {
        same(URL_SAFE_NO_PAD.encode(self.mac(purpose, &[body.as_bytes()])).as_bytes(), mac.as_bytes())
    }
}

/// A mark of the scheme, and 192 bits of HMAC-SHA-256.
fn receipt_1(key: &SecretKey, submission: &[u8; 32]) -> String {
    format!("1{}", URL_SAFE_NO_PAD.encode(&key.mac("receipt 1", &[submission])[..24]))
}

/// The same without a mark.
fn receipt_0(key: &SecretKey, submission: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(&key.mac("receipt", &[submission])[..24])
}

/// The mark, when it was issued, the privacy text, a random part, and HMAC-SHA-256 over all.
fn form_1(key: &SecretKey, parts: &[&str]) -> Option<FormToken> {
    let ["1", issued, version, random, mac] = parts else { return None };
    if !key.has_signed("form 1", &format!("1.{issued}.{version}.{random}"), mac) {
        return None;
    }
    let version = String::from_utf8(URL_SAFE_NO_PAD.decode(version).ok()?).ok()?;
    Some(FormToken { issued_at: time(issued)?, privacy_version: Some(version) })
}

/// When it was issued, a random part, and HMAC-SHA-256 over both.
fn form_0(key: &SecretKey, parts: &[&str]) -> Option<FormToken> {
    let [issued, random, mac] = parts else { return None };
    let is_ours = key.has_signed("form", &format!("{issued}.{random}"), mac);
    is_ours.then(|| time(issued)).flatten().map(|issued_at| FormToken { issued_at, privacy_version: None })
}

fn time(text: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn key(folder: &Path) -> SecretKey {
        SecretKey::load_or_create(folder).unwrap()
    }

    #[test]
    fn a_token_outlives_a_restart_and_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let at = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        let token = key(folder.path()).issue_token(at, "November 2026 · ä").unwrap();
        let said = FormToken { issued_at: at, privacy_version: Some("November 2026 · ä".to_owned()) };
        assert_eq!(key(folder.path()).read_token(&token), Some(said));
        let other_version = URL_SAFE_NO_PAD.encode("October 2026");
        let parts: Vec<&str> = token.split('.').collect();
        for forged in [
            token.replacen("1700", "1800", 1),
            token.replacen("1.", "2.", 1),
            token.replacen("1.", "", 1),
            token.replacen(parts[2], &other_version, 1),
            format!("{}.{}.{}", parts[1], parts[3], parts[4]),
        ] {
            assert_eq!(key(folder.path()).read_token(&forged), None, "{forged}");
        }
        assert_eq!(key(tempfile::tempdir().unwrap().path()).read_token(&token), None);
        for odd in ["", ".", "..", "....", "a.b.c", "1.b.c.d.e", "🙂"] {
            assert_eq!(key(folder.path()).read_token(odd), None);
        }
    }

    /// As the program gave them out before there were marks: nobody's open form or receipt ends with an update.
    #[test]
    fn v11_2_2_what_an_older_scheme_made_stays_good() {
        let key = SecretKey([7; 32]);
        let old_form = "1700000000000.AAAAAAAAAAAAAAAAAAAAAA.bKoZDtkzamqzc1vbU3n0gC41q2pcA-rYTPHuNgq7ock";
        let issued_at = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        assert_eq!(key.read_token(old_form), Some(FormToken { issued_at, privacy_version: None }));
        let submission = [9; 32];
        let old_receipt = "-Qhde0n93GpMPhu8Ph9ogavpZKO6YEa0";
        assert_eq!(key.receipt_key_of(&submission, &digest(old_receipt)), old_receipt);
        let new_receipt = key.receipt_key(&submission);
        assert!(new_receipt.starts_with('1') && new_receipt.len() == 33 && new_receipt != old_receipt);
        assert_eq!(key.receipt_key_of(&submission, &digest(&new_receipt)), new_receipt);
    }
}
