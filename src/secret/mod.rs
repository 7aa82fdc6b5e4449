//! The program's key, random secrets, and the tokens made from them; the keys under which people's words are sealed.
//! Keys live in files beside the database, never in it; nothing here is ever logged.

mod keys;
mod seal;
mod tokens;

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub use keys::{KeyFault, KeySource, Keyring};
pub use seal::{KeyId, Place, SealingKey, Unsealing};
pub use tokens::{FormToken, TOKEN_LIFETIME};

/// The 256-bit key under which tokens, receipt keys and the first admin's link are made.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// Reads `secret.key` in `folder`, or makes it (mode 0600) when there is none yet.
    /// Fails on a file of another length: a damaged key must not be replaced silently,
    /// for every open form and receipt link depends on it.
    pub fn load_or_create(folder: &Path) -> io::Result<Self> {
        let path = folder.join("secret.key");
        match fs::read(&path) {
            Ok(bytes) => Self::from_bytes(&bytes),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Self::create(&path),
            Err(e) => Err(e),
        }
    }

    /// A key that is kept nowhere, for what makes no lasting link.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn passing() -> io::Result<Self> {
        Ok(Self(random()?))
    }

    fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        let key = bytes.try_into().map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("secret.key holds {} bytes instead of 32; restore it from where you keep it", bytes.len()),
            )
        })?;
        Ok(Self(key))
    }

    /// Writes the key beside its place and links it there: of two processes starting at once
    /// one wins and the other reads the winner's key, and no reader sees half a file.
    fn create(path: &Path) -> io::Result<Self> {
        let key: [u8; 32] = random()?;
        let draft = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut file = private_file(&draft)?;
        file.write_all(&key)?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Ok(()) => Ok(Self(key)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Self::from_bytes(&fs::read(path)?),
            Err(e) => Err(e),
        }
    }

    /// A MAC (HMAC-SHA-256) over `parts`, bound to what it is for, so that one kind of token never passes as another.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.hmac(purpose);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn hmac(&self, purpose: &str) -> Hmac<Sha256> {
        // A key shorter than a block counts as filled up with zeros (RFC 2104, 2).
        let mut block = [0; 64];
        block[..self.0.len()].copy_from_slice(&self.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac
    }

    /// The one-time link's secret for the first admin: the same at every start until somebody has used it.
    pub fn first_admin_secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.mac("first admin", &[]))
    }

    /// A one-time link's secret, made again from its seed when the mail with it is sent: the database holds the seed and a
    /// digest, neither of which opens anything without this key.
    pub fn welcome_secret(&self, seed: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac("welcome", &[seed]))
    }

    /// What a browser keeps that signed in to an account.
    pub fn browser_mark(&self, account: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac("browser", &[account]))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Equality in a time that depends on the length only.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// 32 random bytes as 43 characters: session cookies and one-time links.
pub fn random_secret() -> io::Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(bytes)
}

/// SHA-256: what the database keeps of a secret, so that reading the database opens nothing.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Creates a file that only its owner may read.
pub fn private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(folder: &Path) -> SecretKey {
        SecretKey::load_or_create(folder).unwrap()
    }

    #[test]
    fn the_key_file_is_for_its_owner_only_and_a_damaged_one_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        key(folder.path());
        let path = folder.path().join("secret.key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, b"short").unwrap();
        assert!(SecretKey::load_or_create(folder.path()).is_err());
    }

    #[test]
    fn a_mac_is_what_it_was_for_links_that_people_keep() {
        let mac = SecretKey([7; 32]).mac("receipt", &[b"a"]);
        assert_eq!(URL_SAFE_NO_PAD.encode(&mac[..12]), "3q07871XB5kCwLJI");
    }

    #[test]
    fn macs_differ_by_purpose_and_by_where_the_parts_end() {
        let key = SecretKey([7; 32]);
        assert_ne!(key.mac("a", &[b"bc"]), key.mac("ab", &[b"c"]));
        assert_ne!(key.mac("a", &[b"b", b"c"]), key.mac("a", &[b"bc"]));
    }
}
