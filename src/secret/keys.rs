//! Where the sealing keys are: a file beside the database, a file that a secret store puts somewhere, or the settings
//! themselves. The file is read again when somebody meets a key it did not hold before.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::seal::key_of;
use super::{KeyId, Place, SealingKey, Unsealing, private_file};

const HEAD: &str = "\
# The keys under which Backwise seals what people write, the newest last: id, key.
# Keep a copy of this file, apart from every backup of the database: a backup carries no key, and without its key nobody
# can read it. Keep the copies from before a rotation for as long as you keep backups from before it.
";

/// Why keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The file cannot be used.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// A line of the file is no key.
    #[error("{0}:{1}: no sealing key, or a damaged one; put the file back from your copy of it")]
    Line(PathBuf, usize),
    /// Keys given in the settings are not ours to change.
    #[error("the sealing keys stand in privacy.keys, where the program cannot change them")]
    Given,
}

/// Where the sealing keys come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file; made at the first start, readable by its owner only.
    File(PathBuf),
    /// The settings or the environment.
    Given(Keyring),
}

/// Every key that opens something, the newest last.
#[derive(Clone, Debug, Default)]
pub struct Keyring(Vec<Arc<SealingKey>>);

impl Keyring {
    /// Reads keys as the settings give them, 32 bytes in base64 each; None when one is none.
    pub fn parse<'a>(keys: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        keys.into_iter().map(|text| decode(text).map(Arc::new)).collect::<Option<_>>().map(Self)
    }

    /// The newest.
    pub fn newest(&self) -> Option<&Arc<SealingKey>> {
        self.0.last()
    }

    /// The key of this name.
    pub fn get(&self, id: KeyId) -> Option<&Arc<SealingKey>> {
        self.0.iter().find(|key| key.id() == id)
    }

    /// The names, the newest last.
    pub fn ids(&self) -> Vec<KeyId> {
        self.0.iter().map(|key| key.id()).collect()
    }

    /// Opens a value with whichever key it names.
    ///
    /// # Errors
    /// Why it does not open.
    pub fn open(&self, place: Place<'_>, value: &[u8]) -> Result<String, Unsealing> {
        let id = key_of(value).ok_or(Unsealing::Plain)?;
        let key = self.get(id).ok_or(Unsealing::UnknownKey(id))?;
        key.open(place, value).ok_or(Unsealing::Broken)
    }
}

impl KeySource {
    /// Reads the keys; none when there is no file yet.
    ///
    /// # Errors
    /// A file that cannot be read or holds something else.
    pub fn load(&self) -> Result<Keyring, KeyFault> {
        let path = match self {
            Self::Given(keys) => return Ok(keys.clone()),
            Self::File(path) => path,
        };
        match fs::read_to_string(path) {
            Ok(text) => parse_file(path, &text),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Keyring::default()),
            Err(cause) => Err(KeyFault::File(path.clone(), cause)),
        }
    }

    /// Makes the first key and gives what the file then holds: of two processes starting at once, one wins.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(&self) -> Result<Keyring, KeyFault> {
        let Self::File(path) = self else { return Err(KeyFault::Given) };
        let fault = |cause| KeyFault::File(path.clone(), cause);
        let key = SealingKey::new().map_err(fault)?;
        let draft = write_draft(path, &Keyring(vec![Arc::new(key)])).map_err(fault)?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft).map_err(fault)?;
        match linked {
            Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => Err(fault(cause)),
            _ => self.load(),
        }
    }

    /// Adds a new key, durably, before anything is sealed with it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&self) -> Result<Arc<SealingKey>, KeyFault> {
        let Self::File(path) = self else { return Err(KeyFault::Given) };
        let _alone = self.alone()?;
        let key = Arc::new(SealingKey::new().map_err(|cause| KeyFault::File(path.clone(), cause))?);
        let mut keys = self.load()?;
        keys.0.push(key.clone());
        self.replace(&keys)?;
        Ok(key)
    }

    /// Takes keys away that open nothing any more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remove(&self, ids: &[KeyId]) -> Result<(), KeyFault> {
        if matches!(self, Self::Given(_)) {
            // They stay in the settings until somebody takes them out; there they do no harm.
            return Ok(());
        }
        let _alone = self.alone()?;
        let mut keys = self.load()?;
        keys.0.retain(|key| !ids.contains(&key.id()));
        self.replace(&keys)
    }

    /// Two processes that change the file at once would lose a key: one waits for the other.
    fn alone(&self) -> Result<fs::File, KeyFault> {
        let Self::File(path) = self else { return Err(KeyFault::Given) };
        let open = || {
            let file = private_file(&path.with_extension("lock"))?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(|cause| KeyFault::File(path.clone(), cause))
    }

    fn replace(&self, keys: &Keyring) -> Result<(), KeyFault> {
        let Self::File(path) = self else { return Err(KeyFault::Given) };
        let written = write_draft(path, keys).and_then(|draft| {
            fs::rename(draft, path)?;
            sync_folder(path)
        });
        written.map_err(|cause| KeyFault::File(path.clone(), cause))
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Given(_) => f.write_str("privacy.keys"),
        }
    }
}

fn decode(text: &str) -> Option<SealingKey> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('=').replace('+', "-").replace('/', "_")).ok()?;
    Some(SealingKey::from_bytes(bytes.try_into().ok()?))
}

fn parse_file(path: &Path, text: &str) -> Result<Keyring, KeyFault> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let keys = lines.map(|(number, line)| {
        let key =
            line.trim().split_once(' ').and_then(|(id, key)| decode(key).filter(|key| key.id().to_string() == id));
        key.map(Arc::new).ok_or(KeyFault::Line(path.to_owned(), number + 1))
    });
    keys.collect::<Result<_, _>>().map(Keyring)
}

/// Beside its place, so that no reader sees half a file.
fn write_draft(path: &Path, keys: &Keyring) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = private_file(&draft)?;
    file.write_all(HEAD.as_bytes())?;
    for key in &keys.0 {
        writeln!(file, "{} {}", key.id(), URL_SAFE_NO_PAD.encode(key.bytes()))?;
    }
    file.sync_all()?;
    Ok(draft)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => fs::File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_keys_is_for_its_owner_only_and_a_damaged_line_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealing.keys");
        let source = KeySource::File(path.clone());
        assert!(source.load().unwrap().newest().is_none());
        let first = source.create().unwrap().ids();
        assert_eq!(source.create().unwrap().ids(), first, "a key that is there is not made anew");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let second = source.add().unwrap().id();
        assert_eq!(source.load().unwrap().ids(), [first[0], second]);
        source.remove(&first).unwrap();
        assert_eq!(source.load().unwrap().ids(), [second]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        for damaged in [
            text.replacen(&second.to_string(), "00000000", 1),
            text.trim_end().trim_end_matches(char::is_alphanumeric).to_owned(),
            "x".to_owned(),
        ] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(source.load(), Err(KeyFault::Line(..))));
        }
    }
}
