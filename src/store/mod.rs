//! Where everything is kept: the only place that names sqlx. [`Store`] reads, [`Tx`] writes, over SQLite or PostgreSQL.
//! SQL text is written once with `$1` placeholders; where the engines differ, both stand side by side.

mod answered;
pub mod asked;
mod audit;
mod backup;
mod call_draft;
mod chain;
mod chosen;
mod damage;
mod draft;
mod entry;
mod erase;
mod error;
mod escalation;
mod few;
mod figures;
mod fill;
mod inbox;
mod index;
mod inquiries;
mod inquiry_row;
mod inquiry_words;
mod insights;
mod keys;
mod merge;
mod migrations;
mod next;
mod open;
mod outbox;
mod outbox_pages;
mod pages;
mod pile;
mod recent;
mod reseal;
mod retention;
mod row;
mod same_person;
mod sealing;
mod search;
mod second_factor;
mod sessions;
mod staff;
mod stretch;
mod walk;
pub mod words;

use std::path::PathBuf;
use std::time::Duration;

use sqlx::sqlite::SqlitePool;
use sqlx::{PgPool, Postgres, Sqlite};

pub use audit::{AuditEntry, AuditFilter, AuditPlace};
pub use backup::{Holdings, KnownMessages, erased_from, known_messages, sync_folder_of};
pub use call_draft::{Call, CallDraft};
pub use chain::{AuditHead, AuditProof, NotAHead};
pub use damage::{Damage, Looking};
pub use draft::{Begun, BoxWords, Draft, DraftBox, Shown};
pub use entry::{Entry, EntryKind};
pub use erase::Erased;
pub use error::Error;
pub use few::{Few, MOST_COUNTED};
pub use figures::Figures;
pub use fill::{Found, Past, PastEntry};
pub use inbox::Listed;
pub use inquiry_row::{InboxRow, Inserted, Keyset, PageOrder, Receiving, Sort, Unreadable};
pub use inquiry_words::{is_number_found_by, is_number_typed};
pub use insights::Arrival;
pub use keys::SealingState;
pub use next::Start;
pub use open::{Expected, ServerLock};
pub use outbox::Which;
pub use outbox_pages::{MailPlace, OutboxCounts};
pub use pages::Page;
pub use pile::{Counts, InboxFilter, Piles, Whose};
pub use recent::Done;
pub use reseal::Resealing;
pub use retention::Due;
pub use sealing::{SealedTx, Sealing};
pub use second_factor::StoredFactor;
pub use sessions::OpenSession;
pub use walk::MOST_WALKED;

/// A connection may be free at the last moment, and the database then still be held by another process.
const GRACE: Duration = Duration::from_millis(500);

/// Bytes that a large inquiry takes with its words for the search.
const ROOM: usize = 256 * 1024;

/// Read access, and the way to a [`Tx`]. Cloning shares the connections.
#[derive(Clone, Debug)]
pub enum Store {
    /// A file. One connection writes, so that no transaction fails for having begun as a reader.
    Sqlite {
        /// The connection that writes.
        write: SqlitePool,
        /// Connections that only read.
        read: SqlitePool,
        /// Which file was opened, to notice when it is gone.
        file: DatabaseFile,
        /// The keys under which people's words are sealed.
        sealing: Sealing,
    },
    /// A server.
    Postgres(Server),
}

/// Connections to PostgreSQL, and the keys under which people's words are sealed there.
#[derive(Clone, Debug)]
pub struct Server {
    pub(crate) pool: PgPool,
    sealing: Sealing,
}

impl std::ops::Deref for Server {
    type Target = PgPool;

    fn deref(&self) -> &PgPool {
        &self.pool
    }
}

/// The database file as it was when it was opened.
#[derive(Clone, Debug)]
pub struct DatabaseFile {
    path: PathBuf,
    identity: (u64, u64),
}

/// A transaction: everything in it becomes durable at [`Tx::commit`], or nothing does.
#[derive(Debug)]
pub enum Tx {
    /// Begun with `BEGIN IMMEDIATE`.
    Sqlite(SealedTx<Sqlite>),
    /// `READ COMMITTED`.
    Postgres(SealedTx<Postgres>),
}

/// Runs the same statements against whichever engine a [`Store`] reads from.
macro_rules! reading {
    ($store:expr, $db:ident => $body:expr) => {
        match $store {
            $crate::store::Store::Sqlite { read: $db, .. } => $body,
            $crate::store::Store::Postgres(server) => {
                let $db = &server.pool;
                $body
            }
        }
    };
}

/// Runs the same statements inside a [`Tx`] of either engine.
macro_rules! writing {
    ($tx:expr, $db:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $db = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $db = &mut **tx;
                $body
            }
        }
    };
}

/// Adds values to a query as a list in parentheses, each bound.
macro_rules! push_list {
    ($query:expr, $values:expr) => {{
        let mut listed = $query.push("(").separated(", ");
        for value in $values {
            listed.push_bind(value);
        }
        $query.push(")");
    }};
}
pub(crate) use {push_list, reading, writing};

impl Store {
    /// Begins a transaction, waiting a few seconds for another to end.
    ///
    /// # Errors
    /// [`Error::Busy`] when the database stays locked, [`Error::FileGone`] when the file was deleted or
    /// replaced under us: words stored there would be lost.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let begun = tokio::time::timeout(self.patience() + GRACE, async {
            match self {
                Self::Sqlite { write, file, sealing, .. } => {
                    file.check()?;
                    let tx = write.begin_with("BEGIN IMMEDIATE").await?;
                    Ok(Tx::Sqlite(SealedTx::new(tx, sealing, Some(&file.path))))
                }
                Self::Postgres(server) => Ok(Tx::Postgres(SealedTx::new(server.begin().await?, &server.sealing, None))),
            }
        });
        begun.await.unwrap_or(Err(Error::Busy))
    }

    /// How long to wait for the database to be free.
    fn patience(&self) -> Duration {
        match self {
            Self::Sqlite { write, .. } => write.options().get_acquire_timeout(),
            Self::Postgres(server) => server.pool.options().get_acquire_timeout(),
        }
    }

    /// Proves that an inquiry could be stored now, by storing a heartbeat of its size.
    ///
    /// # Errors
    /// Why it could not.
    pub async fn ready(&self, at: jiff::Timestamp) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        let at = at.as_millisecond();
        let room = vec![0; ROOM];
        writing!(&mut tx, db => {
            sqlx::query("UPDATE heartbeat SET at = $1, room = $2 WHERE id = 1").bind(at).bind(room).execute(db).await?;
        });
        tx.commit().await
    }

    /// Closes every connection; SQLite then folds its log back into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(server) => server.pool.close().await,
        }
    }
}

impl Tx {
    /// Makes everything durable. Only after this returns may anybody be thanked.
    ///
    /// # Errors
    /// When the engine could not promise it.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(sealed) => sealed.commit().await?,
            Self::Postgres(sealed) => sealed.commit().await?,
        }
        Ok(())
    }
}
