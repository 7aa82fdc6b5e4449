//! People's words are sealed on their way into a row and opened on their way out, here and nowhere else. A value that
//! does not open is an error with the row's name; it is never shown.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::{Database, Transaction};

use super::audit::Audited;
use super::backup::record_erased;
use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};
use crate::secret::{KeyId, KeySource, Keyring, Place, SealingKey, Unsealing};

/// How the row of a table is named in what is sealed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowName {
    /// A number that the table never gives twice.
    Number(&'static str),
    /// A text that is never given twice.
    Text(&'static str),
}

/// Every sealed column outside the table of inquiries, so that a rotation forgets none.
pub(super) const SEALED: &[(&str, RowName, &str)] = &[
    ("entry", RowName::Number("seq"), "words"),
    ("outbox", RowName::Text("id"), "last_answer"),
    ("second_factor", RowName::Text("staff"), "secret"),
    ("insight_day", RowName::Number("day"), "sums"),
    ("draft", RowName::Text("id"), "reply"),
    ("draft", RowName::Text("id"), "note"),
    ("draft", RowName::Text("id"), "shown"),
    ("call_draft", RowName::Text("id"), "form"),
];

/// The sealed columns of an inquiry; its row is named by its reference.
pub(super) const OF_INQUIRY: [&str; 7] = ["name", "email", "phone", "best_time", "health", "message", "chosen"];

/// Few conditions can be ticked, so the length of the list would tell which: it is filled up to this.
const HEALTH_BLOCK: usize = 256;

/// A place in the row of an inquiry.
pub(super) fn of_inquiry<'a>(column: &'static str, reference: &'a str) -> Place<'a> {
    let place = Place::new("inquiry", column, reference);
    if column == "health" { Place { block: HEALTH_BLOCK, ..place } } else { place }
}

/// The keys of an open database. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Sealing(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    source: KeySource,
    ring: RwLock<Keyring>,
}

impl Sealing {
    pub(super) fn load(source: &KeySource) -> Result<Self, Error> {
        let ring = RwLock::new(source.load()?);
        Ok(Self(Arc::new(Shared { source: source.clone(), ring })))
    }

    pub(super) fn source(&self) -> &KeySource {
        &self.0.source
    }

    pub(super) fn ring(&self) -> Keyring {
        self.0.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn replace(&self, ring: Keyring) {
        *self.0.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    /// The key of this name; one that we do not know yet was made by another process, so the keys are read again.
    pub(super) fn key(&self, id: KeyId) -> Result<Arc<SealingKey>, Error> {
        if let Some(key) = self.ring().get(id) {
            return Ok(key.clone());
        }
        self.replace(self.0.source.load()?);
        let missing = || Error::KeyMissing { key: id, place: self.0.source.to_string() };
        self.ring().get(id).cloned().ok_or_else(missing)
    }

    pub(super) fn open(&self, place: Place<'_>, value: &[u8]) -> Result<String, Error> {
        let opened = match self.ring().open(place, value) {
            Err(Unsealing::UnknownKey(id)) if self.key(id).is_ok() => self.ring().open(place, value),
            other => other,
        };
        opened.map_err(|why| {
            tracing::error!(
                table = place.table,
                row = place.row,
                column = place.column,
                ?why,
                "a sealed value does not open"
            );
            Error::Damaged(place.column)
        })
    }

    /// A column that must hold a sealed text.
    pub(super) fn text(&self, row: &impl Columns, place: Place<'_>) -> Result<String, Error> {
        self.open(place, &row.bytes(place.column)?)
    }

    /// A column that may.
    pub(super) fn maybe_text(&self, row: &impl Columns, place: Place<'_>) -> Result<Option<String>, Error> {
        row.maybe_bytes(place.column)?.map(|value| self.open(place, &value)).transpose()
    }
}

/// A transaction, and the key that seals what it writes.
#[derive(Debug)]
pub struct SealedTx<DB: Database> {
    tx: Transaction<'static, DB>,
    sealing: Sealing,
    key: Option<Arc<SealingKey>>,
    /// The database file, whose record of erasures is written beside it.
    file: Option<PathBuf>,
    erased: Vec<String>,
    /// Entries of the audit log that it adds.
    audited: Vec<Audited>,
}

impl<DB: Database> SealedTx<DB> {
    pub(super) fn new(tx: Transaction<'static, DB>, sealing: &Sealing, file: Option<&Path>) -> Self {
        Self {
            tx,
            sealing: sealing.clone(),
            key: None,
            file: file.map(Path::to_owned),
            erased: Vec::new(),
            audited: Vec::new(),
        }
    }

    pub(super) fn audited(&mut self, entry: Audited) {
        self.audited.push(entry);
    }

    pub(super) async fn commit(self) -> Result<(), Error> {
        self.tx.commit().await?;
        self.audited.iter().for_each(Audited::log);
        let Some(file) = self.file.filter(|_| !self.erased.is_empty()) else { return Ok(()) };
        if let Err(cause) = record_erased(&file, &self.erased) {
            // They are erased; only a copy from before would bring them back.
            tracing::error!(%cause, "the record of erasures beside the database could not be written");
        }
        Ok(())
    }
}

impl<DB: Database> Deref for SealedTx<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.tx
    }
}

impl<DB: Database> DerefMut for SealedTx<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.tx
    }
}

impl Store {
    pub(super) fn sealing(&self) -> &Sealing {
        match self {
            Self::Sqlite { sealing, .. } => sealing,
            Self::Postgres(server) => &server.sealing,
        }
    }

    /// Every key under which something may be found here.
    pub(super) async fn keys_in_use(&self) -> Result<Vec<Arc<SealingKey>>, Error> {
        let ids: Vec<i64> = reading!(self, db => {
            sqlx::query("SELECT id FROM sealing_key ORDER BY id").fetch_all(db).await?.iter().map(|row| row.number("id")).collect::<Result<_, _>>()?
        });
        ids.into_iter().map(|id| self.sealing().key(key_id(id)?)).collect()
    }
}

impl Tx {
    pub(super) fn sealing(&self) -> Sealing {
        match self {
            Self::Sqlite(tx) => tx.sealing.clone(),
            Self::Postgres(tx) => tx.sealing.clone(),
        }
    }

    /// A copy from before must not bring this inquiry back.
    pub(super) fn remember_erased(&mut self, reference: String) {
        match self {
            Self::Sqlite(tx) => tx.erased.push(reference),
            Self::Postgres(tx) => tx.erased.push(reference),
        }
    }

    /// The key that seals now. Until this transaction ends, no rotation takes it away.
    pub(super) async fn sealing_key(&mut self) -> Result<Arc<SealingKey>, Error> {
        let known = match self {
            Self::Sqlite(tx) => &tx.key,
            Self::Postgres(tx) => &tx.key,
        };
        if let Some(key) = known {
            return Ok(key.clone());
        }
        let lock = if matches!(self, Self::Postgres(_)) { " FOR SHARE" } else { "" };
        let current: Option<i64> = writing!(&mut *self, db => {
            let mut query = sqlx::QueryBuilder::new("SELECT current_key FROM sealing WHERE id = 1");
            query.push(lock);
            query.build().fetch_one(db).await?.maybe_number("current_key")?
        });
        let key = self.sealing().key(key_id(current.ok_or(Error::Damaged("current_key"))?)?)?;
        match self {
            Self::Sqlite(tx) => tx.key = Some(key.clone()),
            Self::Postgres(tx) => tx.key = Some(key.clone()),
        }
        Ok(key)
    }

    /// Every key under which something may be found here, as this transaction sees it.
    pub(super) async fn keys_in_use(&mut self) -> Result<Vec<Arc<SealingKey>>, Error> {
        let ids: Vec<i64> = writing!(&mut *self, db => {
            sqlx::query("SELECT id FROM sealing_key ORDER BY id").fetch_all(db).await?.iter().map(|row| row.number("id")).collect::<Result<_, _>>()?
        });
        let sealing = self.sealing();
        ids.into_iter().map(|id| sealing.key(key_id(id)?)).collect()
    }
}

pub(super) fn key_id(number: i64) -> Result<KeyId, Error> {
    KeyId::from_number(number).ok_or(Error::Damaged("sealing_key.id"))
}

/// Seals a text for a place.
pub(super) fn seal(key: &SealingKey, place: Place<'_>, text: &str) -> Result<Vec<u8>, Error> {
    key.seal(place, text).map_err(Error::no_random)
}

/// The same address written two ways has one digest.
pub(super) fn email_digest(key: &SealingKey, email: &crate::contact::EmailAddress) -> Vec<u8> {
    key.digest("email", &email.folded())[..16].to_vec()
}
