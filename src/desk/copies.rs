//! Where copies of the database were made, to tell who erases which of them still hold what is gone.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The list of copies in a data folder: one path a line, added by `backwise backup`.
#[derive(Clone, Debug)]
pub struct Copies(PathBuf);

impl Copies {
    /// The file `backups` of this folder.
    pub fn of(data_dir: &Path) -> Self {
        Self(data_dir.join("backups"))
    }

    /// Adds a copy, durably.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub fn remember(&self, file: &Path) -> io::Result<()> {
        let mut list = File::options().create(true).append(true).open(&self.0)?;
        writeln!(list, "{}", std::path::absolute(file)?.display())?;
        list.sync_all()
    }

    /// The copies that are still where they were made.
    pub fn that_are_there(&self) -> Vec<String> {
        let list = fs::read_to_string(&self.0).unwrap_or_default();
        list.lines().filter(|copy| Path::new(copy).exists()).map(str::to_owned).collect()
    }
}
