//! `[privacy]`: how people's words are kept.

use std::path::{Path, PathBuf};

use super::read::Reader;
use crate::secret::{KeySource, Keyring};

const KEYS_REMEDY: &str = "write 32 random bytes in base64, as `head -c 32 /dev/urandom | base64` gives them";

/// `[privacy]`
#[derive(Clone, Debug)]
pub struct Privacy {
    /// Where the keys are under which people's words are sealed.
    pub keys: KeySource,
    /// Days after which a closed inquiry is erased; 0 keeps all.
    pub retention_days: u32,
}

impl Privacy {
    pub(super) fn read(reader: &mut Reader, data_dir: &Path) -> Self {
        Self { keys: keys(reader, data_dir), retention_days: reader.number("privacy.retention_days", 730, 0..=36_500) }
    }
}

fn keys(reader: &mut Reader, data_dir: &Path) -> KeySource {
    let file = reader.optional("privacy.key_file", |text| match text.is_empty() {
        false => Ok(PathBuf::from(text)),
        true => Err(("is empty", "name a file, or remove the key")),
    });
    let given = reader.secrets("privacy.keys", |texts| Keyring::parse(texts), KEYS_REMEDY);
    if file.is_some() && given.is_some() {
        reader.fault("privacy.keys", "is set beside privacy.key_file", "keep one of them");
    }
    let file = || KeySource::File(file.unwrap_or_else(|| data_dir.join("sealing.keys")));
    given.map_or_else(file, KeySource::Given)
}
