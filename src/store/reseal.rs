//! From plain to sealed, and from one key to the next: in batches, each of which is a transaction, so that whoever is
//! interrupted goes on where they were. People read and write meanwhile, for values name their key.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;

use super::chosen::Chosen;
use super::row::Columns;
use super::sealing::{OF_INQUIRY, RowName, SEALED, email_digest, of_inquiry, seal};
use super::{Error, Store, Tx, reading, writing};
use crate::contact::EmailAddress;
use crate::secret::{Keyring, Place, SealingKey, Unsealing};

/// Rows of one transaction: it lasts a few hundredths of a second, and nobody waits longer for it.
const BATCH: i64 = 100;

/// How far a resealing got.
#[derive(Clone, Debug, Default)]
pub struct Resealing {
    /// Which of the tables; those of [`SEALED`], then the inquiries.
    step: usize,
    number: i64,
    text: String,
    /// Values in plain are taken too.
    takes_plain: bool,
    /// Rows sealed anew.
    pub sealed: u64,
    /// Rows that do not open, and stay as they are.
    pub broken: u64,
}

impl Store {
    /// Seals the next rows with the current key. True when none is left.
    ///
    /// # Errors
    /// When the database refuses it; what was sealed stays so.
    pub async fn reseal(&self, progress: &mut Resealing) -> Result<bool, Error> {
        let mut next = progress.clone();
        let mut tx = self.begin().await?;
        let rows = match SEALED.get(next.step) {
            Some(&(table, row, column)) => tx.reseal_column(&mut next, table, row, column).await?,
            None => tx.reseal_inquiries(&mut next).await?,
        };
        tx.commit().await?;
        if i64::try_from(rows).is_ok_and(|rows| rows < BATCH) {
            (next.step, next.number, next.text) = (next.step + 1, 0, String::new());
        }
        *progress = next;
        Ok(progress.step > SEALED.len())
    }

    pub(super) async fn seal_what_is_plain(&self) -> Result<(), Error> {
        let mut progress = Resealing { takes_plain: true, ..Resealing::default() };
        while !self.reseal(&mut progress).await? {}
        if progress.broken > 0 {
            return Err(Error::Damaged("a value from before sealing"));
        }
        self.forget_empty_piles().await?;
        self.forget_plain().await?;
        let mut tx = self.begin().await?;
        writing!(&mut tx, db => {
            sqlx::query("UPDATE sealing SET has_plain = FALSE WHERE id = 1").execute(db).await?;
        });
        tx.commit().await
    }

    /// A pile that was left when techniques became marks still names one.
    async fn forget_empty_piles(&self) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        writing!(&mut tx, db => {
            sqlx::query("DELETE FROM pile_count WHERE NOT EXISTS (SELECT 1 FROM inquiry i WHERE i.pile = pile_count.pile)").execute(&mut *db).await?;
            sqlx::query("DELETE FROM pile WHERE NOT EXISTS (SELECT 1 FROM inquiry i WHERE i.pile = pile.id)").execute(db).await?;
        });
        tx.commit().await
    }

    /// Leaves no byte of what was plain in the files of the database.
    async fn forget_plain(&self) -> Result<(), Error> {
        let is_empty =
            reading!(self, db => sqlx::query("SELECT seq FROM inquiry LIMIT 1").fetch_optional(db).await?.is_none());
        if is_empty {
            return Ok(());
        }
        match self {
            Self::Sqlite { write, .. } => {
                sqlx::query("VACUUM").execute(write).await?;
                self.forget_deleted().await
            }
            Self::Postgres(server) => {
                let mut connection = server.acquire().await?.detach();
                sqlx::query("SET statement_timeout = 0").execute(&mut connection).await?;
                sqlx::query("VACUUM FULL inquiry, entry, outbox, insight_day, pile").execute(&mut connection).await?;
                Ok(())
            }
        }
    }
}

impl Tx {
    async fn reseal_column(
        &mut self,
        progress: &mut Resealing,
        table: &'static str,
        row: RowName,
        column: &'static str,
    ) -> Result<usize, Error> {
        let key = self.sealing_key().await?;
        let (ring, lock) = (self.sealing().ring(), self.row_lock());
        let (RowName::Number(name) | RowName::Text(name)) = row;
        let found: Vec<(i64, String, Vec<u8>)> = writing!(&mut *self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(name).push(" AS row_name, ").push(column).push(" AS value FROM ").push(table);
            query.push(" WHERE ").push(name).push(" > ");
            match row {
                RowName::Number(_) => query.push_bind(progress.number),
                RowName::Text(_) => query.push_bind(progress.text.clone()),
            };
            query.push(" AND substr(").push(column).push(", 1, 5) <> ").push_bind(key.id().header().to_vec());
            query.push(" ORDER BY ").push(name).push(" LIMIT ").push_bind(BATCH).push(lock);
            query.build().fetch_all(db).await?.iter().map(|found| Ok(match row {
                RowName::Number(_) => (found.number("row_name")?, found.number("row_name")?.to_string(), found.bytes("value")?),
                RowName::Text(_) => (0, found.text("row_name")?, found.bytes("value")?),
            })).collect::<Result<_, Error>>()?
        });
        for (number, text, value) in &found {
            (progress.number, progress.text) = (*number, text.clone());
            let place = Place::new(table, column, text);
            let Some(words) = progress.open(&ring, place, value) else { continue };
            let anew = seal(&key, place, &words)?;
            writing!(&mut *self, db => {
                let mut query = QueryBuilder::new("UPDATE ");
                query.push(table).push(" SET ").push(column).push(" = ").push_bind(anew).push(" WHERE ").push(name).push(" = ");
                match row {
                    RowName::Number(_) => query.push_bind(*number),
                    RowName::Text(_) => query.push_bind(text.clone()),
                };
                query.build().execute(db).await?;
            });
            progress.sealed += 1;
        }
        Ok(found.len())
    }

    async fn reseal_inquiries(&mut self, progress: &mut Resealing) -> Result<usize, Error> {
        let key = self.sealing_key().await?;
        let (ring, lock) = (self.sealing().ring(), self.row_lock());
        let found: Vec<Written> = writing!(&mut *self, db => {
            let mut query = QueryBuilder::new("SELECT seq, reference, ");
            query.push(OF_INQUIRY.join(", ")).push(" FROM inquiry WHERE seq > ");
            // A corrected contact and a merge seal some columns anew before their turn; nothing but this seals a name.
            query.push_bind(progress.number).push(" AND (substr(name, 1, 5) <> ").push_bind(key.id().header().to_vec());
            query.push(" OR substr(chosen, 1, 5) <> ").push_bind(key.id().header().to_vec()).push(")");
            query.push(" ORDER BY seq LIMIT ").push_bind(BATCH).push(lock);
            query.build().fetch_all(db).await?.iter().map(written).collect::<Result<_, Error>>()?
        });
        for row in &found {
            progress.number = row.seq;
            let opened = row.values.iter().map(|(column, value)| match value {
                Some(value) => Some((*column, Some(progress.open(&ring, of_inquiry(column, &row.reference), value)?))),
                None => Some((*column, None)),
            });
            let Some(opened) = opened.collect::<Option<Opened>>() else { continue };
            self.write_anew(&key, row, &opened).await?;
            self.index_anew(row.seq).await?;
            progress.sealed += 1;
        }
        Ok(found.len())
    }

    async fn write_anew(&mut self, key: &SealingKey, row: &Written, opened: &Opened) -> Result<(), Error> {
        let text_of = |column| opened.get(column).and_then(Option::as_deref);
        let email = text_of("email").and_then(|text| EmailAddress::parse(text).ok());
        let chosen = Chosen::read(text_of("chosen").unwrap_or_default())?;
        let mut anew = Vec::new();
        for (column, text) in opened {
            let value = text.as_deref().map(|text| seal(key, of_inquiry(column, &row.reference), text)).transpose()?;
            anew.push((*column, value));
        }
        writing!(self, db => {
            let mut query = QueryBuilder::new("UPDATE inquiry SET email_digest = ");
            query.push_bind(email.map(|email| email_digest(key, &email)));
            query.push(", technique = ").push_bind(chosen.mark(key));
            for (column, value) in anew {
                query.push(", ").push(column).push(" = ").push_bind(value);
            }
            query.push(" WHERE seq = ").push_bind(row.seq).build().execute(db).await?;
        });
        Ok(())
    }

    /// What we are about to write anew must not be changed by others in between.
    fn row_lock(&self) -> &'static str {
        if matches!(self, Self::Postgres(_)) { " FOR UPDATE" } else { "" }
    }
}

/// What the sealed columns of an inquiry say.
type Opened = BTreeMap<&'static str, Option<String>>;

/// An inquiry with its sealed values as they are kept.
pub(super) struct Written {
    pub(super) seq: i64,
    pub(super) reference: String,
    pub(super) values: Vec<(&'static str, Option<Vec<u8>>)>,
}

pub(super) fn written(row: &impl Columns) -> Result<Written, Error> {
    let values =
        OF_INQUIRY.iter().map(|column| Ok((*column, row.maybe_bytes(column)?))).collect::<Result<_, Error>>()?;
    Ok(Written { seq: row.number("seq")?, reference: row.text("reference")?, values })
}

impl Resealing {
    /// Opens a value; one that does not open is counted and stays.
    fn open(&mut self, ring: &Keyring, place: Place<'_>, value: &[u8]) -> Option<String> {
        let opened = match ring.open(place, value) {
            Err(Unsealing::Plain) if self.takes_plain => {
                String::from_utf8(value.to_vec()).map_err(|_| Unsealing::Broken)
            }
            other => other,
        };
        opened
            .map_err(|why| {
                self.broken += 1;
                tracing::error!(
                    table = place.table,
                    row = place.row,
                    column = place.column,
                    ?why,
                    "a sealed value does not open"
                );
            })
            .ok()
    }
}
