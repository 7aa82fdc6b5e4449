//! Opening the database: connections, the settings on which the promise rests, what shows that a file is ours, the lock file.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use super::migrations::{migrate_postgres, migrate_sqlite};
use super::{DatabaseFile, Error, Sealing, Server, Store};
use crate::secret::KeySource;

/// SQLite up to 3.51.2 can lose commits in WAL mode when a checkpoint and a write meet (sqlite.org, "WAL-reset bug").
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Connections are kept, and tried before each use. With an end of any kind sqlx 0.9.0 looks through them at the start and from
/// time to time, over a number of them that can wrap round when one comes back at that moment; then a thread counts for ever, and
/// a command does not end (sqlx issue 3645).
const NO_END: Option<Duration> = None;

/// What must be so on every connection; read back, since SQLite ignores what it does not understand.
const PRAGMAS: [(&str, &str); 5] =
    [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("secure_delete", "1"), ("temp_store", "2")];

/// A commit is durable before it is acknowledged. Every statement is planned for its values: a plan for any values does
/// not know how soon a page of the inbox is full, and reads all of it. None is compiled: they run for milliseconds, and what
/// compiling costs is many of them, while the planner takes a page for all that it could be. None is shared with other processes,
/// for the same reason: to start them takes ten milliseconds, to read the two hundred lines that were wanted a third of one.
const POSTGRES_SETTINGS: [(&str, &str); 4] = [
    ("synchronous_commit", "on"),
    ("plan_cache_mode", "force_custom_plan"),
    ("jit", "off"),
    ("max_parallel_workers_per_gather", "0"),
];

const READERS: u32 = 4;

/// What is known about a database file before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: it may be made anew.
    Anything,
    /// It was used before.
    Used,
    /// It was used before, and every page of it is read: a second for each few hundred megabytes.
    Whole,
}

impl Store {
    /// Opens (or makes) a database file and brings its schema up to date. One that was used before must be there and
    /// ours: starting empty would hide that it is lost. [`Expected::Whole`] reads all of it besides. Whoever needs the
    /// database while another has it waits for `patience`.
    ///
    /// # Errors
    /// A folder or file that cannot be used, a setting that is refused, a schema from a newer version.
    pub async fn open_sqlite(
        path: &Path,
        expected: Expected,
        keys: &KeySource,
        patience: Duration,
    ) -> Result<Self, Error> {
        let file_error = |cause| Error::File { path: path.to_owned(), cause };
        let must_exist = expected != Expected::Anything;
        if must_exist && fs::metadata(path).map_or(0, |file| file.len()) == 0 {
            return Err(Error::Lost(path.to_owned()));
        }
        if must_exist && ends_within_a_page(path).map_err(file_error)? {
            return Err(Error::Corrupt { path: path.to_owned(), what: "its end is missing".to_owned() });
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(file_error)?;
        }
        let write = sqlite_pool(path, 1, patience, false).await.map_err(|error| error.about(path))?;
        check_version(&write).await?;
        if must_exist {
            check_tables(&write).await.map_err(|error| error.about(path))?;
        }
        if expected == Expected::Whole {
            read_through(path).map_err(file_error)?;
            check_whole(&write).await.map_err(|error| error.about(path))?;
        }
        migrate_sqlite(&write).await?;
        let read = sqlite_pool(path, READERS, patience, true).await?;
        let file = DatabaseFile::of(path).map_err(file_error)?;
        let store = Self::Sqlite { write, read, file, sealing: Sealing::load(keys)? };
        store.take_keys().await?;
        store.chain_audit().await?;
        store.index_beginnings().await?;
        Ok(store)
    }

    /// Connects to PostgreSQL and brings its schema up to date. `connections` at most are held;
    /// whoever finds none free waits for `patience`.
    ///
    /// # Errors
    /// A server that cannot be reached, a schema from a newer version, or from an older one that this role may not change.
    pub async fn open_postgres(
        url: &SecretString,
        connections: u32,
        keys: &KeySource,
        patience: Duration,
    ) -> Result<Self, Error> {
        let options =
            PgConnectOptions::from_str(url.expose_secret())?.application_name("backwise").options(POSTGRES_SETTINGS);
        // Nobody waits for ever behind somebody else's lock.
        let limits = [("lock_timeout", patience), ("statement_timeout", 3 * patience)];
        let options = options.options(limits.map(|(name, limit)| (name, limit.as_millis())));
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(patience)
            .idle_timeout(NO_END)
            .max_lifetime(NO_END)
            .after_connect(|connection, _| Box::pin(is_durable(connection)))
            .connect_with(options)
            .await?;
        migrate_postgres(&pool).await?;
        let store = Self::Postgres(Server { pool, sealing: Sealing::load(keys)? });
        store.take_keys().await?;
        store.chain_audit().await?;
        store.index_beginnings().await?;
        Ok(store)
    }
}

impl DatabaseFile {
    fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { path: path.to_owned(), identity: (metadata.dev(), metadata.ino()) })
    }

    /// SQLite would go on writing into a deleted file, and every inquiry in it would be lost at the next start.
    pub(super) fn check(&self) -> Result<(), Error> {
        match Self::of(&self.path) {
            Ok(now) if now.identity == self.identity => Ok(()),
            _ => Err(Error::FileGone(self.path.clone())),
        }
    }
}

/// Held for as long as a server runs on a database file; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct ServerLock(#[allow(dead_code, reason = "held, not read: dropping it lets go")] File);

impl ServerLock {
    /// Takes the lock beside the database file.
    ///
    /// # Errors
    /// [`Error::InUse`] when another server holds it.
    pub fn take(database: &Path) -> Result<Self, Error> {
        let path = PathBuf::from(format!("{}.lock", database.display()));
        let file_error = |cause| Error::File { path: path.clone(), cause };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(file_error)?;
        }
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(file_error)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(fs::TryLockError::WouldBlock) => Err(Error::InUse(database.to_owned())),
            Err(fs::TryLockError::Error(cause)) => Err(file_error(cause)),
        }
    }
}

async fn sqlite_pool(
    path: &Path,
    connections: u32,
    patience: Duration,
    read_only: bool,
) -> Result<sqlx::SqlitePool, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(patience)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .pragma("query_only", if read_only { "ON" } else { "OFF" });
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .idle_timeout(NO_END)
        .max_lifetime(NO_END)
        .after_connect(move |connection, _| Box::pin(read_back(connection, patience)))
        // A full disk or a failed flush ends SQLite's transaction, but leaves the connection's count of them: such a
        // connection could never begin again, so it is replaced, and the file is opened anew.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// Fails the connection when a setting did not take.
async fn read_back(connection: &mut SqliteConnection, patience: Duration) -> Result<(), sqlx::Error> {
    let patience = patience.as_millis().to_string();
    for (name, expected) in PRAGMAS.into_iter().chain([("busy_timeout", patience.as_str())]) {
        let row = connection.fetch_one(AssertSqlSafe(format!("PRAGMA {name}"))).await?;
        let value =
            row.try_get::<i64, _>(0).map(|number| number.to_string()).or_else(|_| row.try_get::<String, _>(0))?;
        if value != expected {
            return Err(sqlx::Error::Configuration(format!("PRAGMA {name} is {value}, not {expected}").into()));
        }
    }
    Ok(())
}

/// Fails a connection whose commits would not be flushed: a server can overrule what was asked for.
async fn is_durable(connection: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
    let setting: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&mut *connection).await?;
    match setting.as_str() {
        "on" | "remote_apply" | "remote_write" => Ok(()),
        other => Err(sqlx::Error::Configuration(format!("synchronous_commit is {other}, not on").into())),
    }
}

async fn check_version(pool: &sqlx::SqlitePool) -> Result<(), Error> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(Error::Unsafe(format!("SQLite {version}, which can lose commits: 3.51.3 or newer is needed")));
    }
    Ok(())
}

/// A database file consists of whole pages (sqlite.org, "Database File Format", 1.3.2). SQLite would read a cut page as
/// if zeros followed. While there is a log, the log mends the end.
fn ends_within_a_page(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    let mut header = [0; 18];
    let is_logged = fs::metadata(format!("{}-wal", path.display())).is_ok_and(|log| log.len() > 0);
    if is_logged || File::open(path)?.read_exact(&mut header).is_err() {
        return Ok(false);
    }
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    Ok(page > 0 && fs::metadata(path)?.len() % page != 0)
}

/// The check of the whole file goes from page to page as its trees lie, which a disk answers slowly. Read from the beginning to the
/// end just before, the file is in memory as far as there is room, and the check takes seconds instead of minutes.
fn read_through(path: &Path) -> std::io::Result<()> {
    std::io::copy(&mut File::open(path)?, &mut std::io::sink()).map(drop)
}

/// A file that was used before must be whole and ours: SQLite itself would go on with half a file, or make new tables
/// beside the lost ones.
async fn check_whole(pool: &sqlx::SqlitePool) -> Result<(), Error> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(pool).await?;
    if found != "ok" {
        return Err(Error::Corrupt { path: PathBuf::new(), what: found });
    }
    Ok(())
}

async fn check_tables(pool: &sqlx::SqlitePool) -> Result<(), Error> {
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_sqlx_migrations', 'inquiry', 'entry', 'outbox', 'audit', 'staff')")
        .fetch_one(pool)
        .await?;
    match tables {
        6 => Ok(()),
        _ => Err(Error::Corrupt { path: PathBuf::new(), what: "its tables are missing".to_owned() }),
    }
}
