//! Copies of a database file, and making one the database again: what happened after the copy must not be undone.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, QueryBuilder};

use super::outbox::last_answer;
use super::row::Columns;
use super::sealing::seal;
use super::{Error, Store, Tx, reading, writing};
use crate::inquiry::Reference;

/// What a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Inquiries, suspected spam included.
    pub inquiries: i64,
    /// Lines of their timelines.
    pub entries: i64,
    /// Messages, sent ones included.
    pub messages: i64,
    /// Accounts.
    pub accounts: i64,
}

/// The state of each message in the database that a copy is to replace.
pub type KnownMessages = BTreeMap<String, String>;

const HOLDINGS: &str = "SELECT (SELECT count(*) FROM inquiry) AS inquiries, (SELECT count(*) FROM entry) AS entries, \
     (SELECT count(*) FROM outbox) AS messages, (SELECT count(*) FROM staff) AS accounts";

const HELD: &str = "held back: the database was restored from a copy, and this mail may have left since the copy was made; try it again if it did not";

impl Store {
    /// Writes a consistent copy of a SQLite database while others write, opens it again, reads every page of it and
    /// counts. The copy holds no key. A file that is there is not overwritten.
    ///
    /// # Errors
    /// When the copy cannot be written or is not whole; then nothing is left at its place.
    pub async fn copy_to(&self, file: &Path) -> Result<Holdings, Error> {
        let Self::Sqlite { write, .. } = self else { return Err(Error::Unsafe("a copy of PostgreSQL".to_owned())) };
        let fault = |cause| Error::File { path: file.to_owned(), cause };
        if file.exists() {
            return Err(fault(io::Error::new(io::ErrorKind::AlreadyExists, "is there already and is not overwritten")));
        }
        let draft = PathBuf::from(format!("{}.part", file.display()));
        if draft.exists() {
            fs::remove_file(&draft).map_err(fault)?;
        }
        sqlx::query("VACUUM INTO $1").bind(draft.to_string_lossy().into_owned()).execute(write).await?;
        let checked = check_copy(&draft).await.map_err(|error| error.about(&draft));
        let placed = checked.and_then(|holdings| place(&draft, file).map(|()| holdings).map_err(fault));
        if placed.is_err() {
            let _gone = fs::remove_file(&draft);
        }
        placed
    }

    /// What is here.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn holdings(&self) -> Result<Holdings, Error> {
        reading!(self, db => holdings(&sqlx::query(HOLDINGS).fetch_one(db).await?))
    }

    /// Opens every sealed value of every inquiry and gives how many inquiries hold one that does not open.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn broken_inquiries(&self) -> Result<u64, Error> {
        let (mut after, mut broken) = (0, 0);
        loop {
            let page: Vec<i64> = reading!(self, db => {
                sqlx::query("SELECT seq FROM inquiry WHERE seq > $1 ORDER BY seq LIMIT 500").bind(after).fetch_all(db).await?
                    .iter().map(|row| row.number("seq")).collect::<Result<_, _>>()?
            });
            let Some(last) = page.last() else { return Ok(broken) };
            after = *last;
            for seq in page {
                let opened = match self.inquiry_by_seq(seq).await {
                    Ok(_) => self.timeline(seq).await.map(drop),
                    Err(error) => Err(error),
                };
                match opened {
                    Ok(()) => {}
                    Err(Error::Damaged(_)) => broken += 1,
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

impl Tx {
    /// Ends every session and every welcome link: a copy must not let in whom somebody sent away since.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn end_all_sessions(&mut self) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("DELETE FROM session").execute(&mut *db).await?;
            sqlx::query("DELETE FROM welcome").execute(&mut *db).await?;
        });
        Ok(())
    }

    /// Settles what the copy still owes: a mail that is known to have left counts as sent, one that is known to wait waits on, and
    /// the others are held back for a person to look at. Gives how many left and how many are held back.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn settle_copied(&mut self, known: Option<&KnownMessages>, now: Timestamp) -> Result<(u64, u64), Error> {
        let key = self.sealing_key().await?;
        let at = now.as_millisecond();
        let queued: Vec<String> = writing!(&mut *self, db => {
            sqlx::query("SELECT id FROM outbox WHERE state = 'queued'").fetch_all(db).await?.iter()
                .map(|row| row.text("id")).collect::<Result<_, _>>()?
        });
        let (mut left, mut held) = (0, 0);
        for id in queued {
            let (state, answer) = match known.and_then(|known| known.get(&id)).map(String::as_str) {
                Some("queued") => continue,
                Some("sent") => ("sent", None),
                _ => ("failed", Some(seal(&key, last_answer(&id), HELD)?)),
            };
            if answer.is_none() {
                left += 1
            } else {
                held += 1
            }
            writing!(&mut *self, db => {
                let mut query = QueryBuilder::new("UPDATE outbox SET in_hand_until = NULL, state = ");
                query.push_bind(state).push(", settled_at = ").push_bind(at).push(", last_answer = ").push_bind(answer);
                query.push(" WHERE id = ").push_bind(id).build().execute(db).await?;
            });
        }
        Ok((left, held))
    }
}

/// The messages of a database file that is to be replaced; None when it cannot be read.
pub async fn known_messages(file: &Path) -> Option<KnownMessages> {
    if !file.exists() {
        return None;
    }
    let options = SqliteConnectOptions::new().filename(file);
    let mut db = SqliteConnection::connect_with(&options).await.ok()?;
    let rows = sqlx::query("SELECT id, state FROM outbox").fetch_all(&mut db).await.ok()?;
    let known = rows.iter().map(|row| Ok((row.text("id")?, row.text("state")?))).collect::<Result<_, Error>>().ok();
    db.close().await.ok()?;
    known
}

/// Beside a database file, and in no copy of it: the references of what was erased, so that a restored copy forgets it too.
fn erased_file(database: &Path) -> PathBuf {
    PathBuf::from(format!("{}.erased", database.display()))
}

/// What was ever erased from a database file.
///
/// # Errors
/// When the record is there and cannot be read.
pub fn erased_from(database: &Path) -> Result<Vec<Reference>, Error> {
    let path = erased_file(database);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().filter_map(Reference::parse).collect()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(cause) => Err(Error::File { path, cause }),
    }
}

/// Adds to that record, durably.
pub(super) fn record_erased(database: &Path, references: &[String]) -> io::Result<()> {
    let mut file = File::options().create(true).append(true).open(erased_file(database))?;
    file.write_all(references.iter().map(|reference| format!("{reference}\n")).collect::<String>().as_bytes())?;
    file.sync_all()
}

async fn check_copy(file: &Path) -> Result<Holdings, Error> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut db = SqliteConnection::connect_with(&options).await?;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut db).await?;
    if found != "ok" {
        return Err(Error::Corrupt { path: file.to_owned(), what: found });
    }
    let holdings = holdings(&sqlx::query(HOLDINGS).fetch_one(&mut db).await?)?;
    db.close().await?;
    Ok(holdings)
}

fn holdings(row: &impl Columns) -> Result<Holdings, Error> {
    Ok(Holdings {
        inquiries: row.number("inquiries")?,
        entries: row.number("entries")?,
        messages: row.number("messages")?,
        accounts: row.number("accounts")?,
    })
}

/// Puts a finished file at its place, unless something is there by now.
fn place(draft: &Path, file: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    match fs::hard_link(draft, file) {
        Ok(()) => fs::remove_file(draft)?,
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => return Err(cause),
        // A disk that knows no links, a memory stick perhaps.
        Err(_) => fs::rename(draft, file)?,
    }
    sync_folder_of(file)
}

/// Makes what was renamed in the folder of a file durable.
///
/// # Errors
/// When the folder cannot be flushed.
pub fn sync_folder_of(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
