//! What can go wrong with the store. Messages name files, tables and steps, never what people wrote.

use std::path::{Path, PathBuf};

use crate::secret::{KeyFault, KeyId};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database is held by another process, or cannot be reached.
    #[error("the database does not answer: another program holds it, or it is not running")]
    Busy,
    /// The file that was opened is no longer at its path.
    #[error(
        "the database file {0} was deleted or replaced while the server runs; stop it, put the file back (or restore a backup), start again"
    )]
    FileGone(PathBuf),
    /// A database that should be there is not.
    #[error(
        "{0} is missing or empty, though it was used before: put the database back or restore a backup; to begin anew on purpose, take its line out of the file “databases” in the data folder"
    )]
    Lost(PathBuf),
    /// The database file is damaged.
    #[error(
        "{path} is damaged ({what}); stop every program that uses it, move it away together with its -wal and -shm files, put your last copy in its place, and start again"
    )]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// Another server runs on this database file.
    #[error("another backwise server already uses {0}; stop it first, or use PostgreSQL for several servers")]
    InUse(PathBuf),
    /// A setting on which the promise rests was refused by the engine.
    #[error("the database engine refused {0}; backwise will not run without it")]
    Unsafe(String),
    /// The schema is from another version of the program.
    #[error(
        "the database schema does not fit this program ({0}); run the version of backwise that wrote it, or restore a backup made by this one"
    )]
    Schema(String),
    /// The schema is older, and the role that we connect as may not change it.
    #[error(
        "the database has to be brought up to date, which the role of database.url may not do; run `backwise check` once with the URL of the role that owns it, then grant what new tables need (docs/OPERATING.md, PostgreSQL)"
    )]
    NotOwner,
    /// A row holds something that this program never writes.
    #[error("a stored row is damaged: column {0}")]
    Damaged(&'static str),
    /// The keys under which people's words are sealed cannot be had.
    #[error(transparent)]
    Keys(#[from] KeyFault),
    /// The database is sealed with a key that we do not have.
    #[error(
        "what people wrote is sealed with the key {key}, which is not in {place}; put that key there from the copy you keep of it: nothing else opens them"
    )]
    KeyMissing {
        /// Its name.
        key: KeyId,
        /// Where we looked.
        place: String,
    },
    /// The file or folder cannot be used.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// The engine's own words.
    #[error("database: {0}")]
    Engine(#[source] sqlx::Error),
}

impl Error {
    /// The operating system had no random numbers for a secret or a reference.
    pub fn no_random(cause: std::io::Error) -> Self {
        Self::File { path: "the system's random numbers".into(), cause }
    }

    /// The same error, with the file that it is about where the engine found it damaged.
    pub(super) fn about(self, file: &Path) -> Self {
        let path = file.to_owned();
        match self {
            Self::Corrupt { what, .. } => Self::Corrupt { path, what },
            // SQLITE_CORRUPT and SQLITE_NOTADB.
            Self::Engine(sqlx::Error::Database(cause)) if matches!(cause.code().as_deref(), Some("11" | "26")) => {
                Self::Corrupt { path, what: cause.message().to_owned() }
            }
            other => other,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let busy = match &error {
            sqlx::Error::PoolTimedOut => true,
            // SQLITE_BUSY and its extended codes; PostgreSQL's lock_not_available and query_canceled.
            sqlx::Error::Database(database) => {
                matches!(database.code().as_deref(), Some("5" | "261" | "517" | "773" | "55P03" | "57014"))
            }
            _ => false,
        };
        if busy { Self::Busy } else { Self::Engine(error) }
    }
}
