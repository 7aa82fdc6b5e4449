//! Which database files were used with a data folder. A file that stands in the list and is gone was lost, on a disk that
//! is not mounted perhaps, and must not be begun anew in silence; a path that is new may be.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::secret::private_file;
use crate::store;

/// The list, and the file that is to be opened.
pub(super) struct KnownDatabases {
    list: PathBuf,
    lines: String,
    database: String,
    exists: bool,
}

impl KnownDatabases {
    /// The name of the list in the data folder.
    pub(super) const NAME: &'static str = "databases";

    pub(super) fn read(config: &Config, database: &Path) -> Self {
        let list = config.data_dir.join(Self::NAME);
        Self {
            lines: fs::read_to_string(&list).unwrap_or_default(),
            database: std::path::absolute(database).unwrap_or(database.to_owned()).display().to_string(),
            exists: fs::metadata(database).is_ok_and(|file| file.len() > 0),
            list,
        }
    }

    /// Whether there is a database, or was one.
    pub(super) fn is_used(&self) -> bool {
        self.exists || self.is_listed()
    }

    fn is_listed(&self) -> bool {
        self.lines.lines().any(|line| line == self.database)
    }

    /// Adds the file to the list, durably, before anything is stored in it.
    pub(super) fn remember(&self) -> Result<(), store::Error> {
        if self.is_listed() {
            return Ok(());
        }
        self.write().map_err(|cause| store::Error::File { path: self.list.clone(), cause })
    }

    fn write(&self) -> io::Result<()> {
        if let Some(folder) = self.list.parent() {
            fs::create_dir_all(folder)?;
        }
        let draft = self.list.with_extension("tmp");
        let mut file = private_file(&draft)?;
        writeln!(file, "{}{}", self.lines, self.database)?;
        file.sync_all()?;
        fs::rename(&draft, &self.list)
    }
}
