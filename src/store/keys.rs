//! The keys of a database: taking them when it is opened, changing them, and forgetting those that open nothing any more.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::row::Columns;
use super::sealing::{OF_INQUIRY, SEALED, key_id, seal};
use super::{Error, Store, Tx, reading, writing};
use crate::secret::{KeyId, Place, SealingKey};

/// The keys that open something in a database.
#[derive(Clone, Debug)]
pub struct SealingState {
    /// The key that seals what is written now.
    pub current: KeyId,
    /// Every key in use, and since when, the oldest first.
    pub keys: Vec<(KeyId, Timestamp)>,
}

impl Store {
    /// The keys in use.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sealing_state(&self) -> Result<SealingState, Error> {
        let (current, _) = self.current_key().await?;
        let keys = reading!(self, db => {
            sqlx::query("SELECT id, made_at FROM sealing_key ORDER BY made_at, id").fetch_all(db).await?.iter()
                .map(|row| Ok((key_id(row.number("id")?)?, row.time("made_at")?))).collect::<Result<_, Error>>()?
        });
        Ok(SealingState { current: current.ok_or(Error::Damaged("current_key"))?, keys })
    }

    /// Makes a new key, which seals from now on; what is there is sealed anew by [`Store::reseal`].
    ///
    /// # Errors
    /// When the key cannot be kept where keys are, or the database refuses it.
    pub async fn rotate_key(&self, now: Timestamp) -> Result<KeyId, Error> {
        let key = self.sealing().source().add()?;
        self.adopt(&key, now).await?;
        Ok(key.id())
    }

    /// Forgets the keys that open nothing any more, here and then where keys are kept. Gives which.
    ///
    /// # Errors
    /// When the database cannot be read, or the keys not written.
    pub async fn retire_keys(&self) -> Result<Vec<KeyId>, Error> {
        let state = self.sealing_state().await?;
        let mut unused = Vec::new();
        for (id, _) in state.keys {
            if id != state.current && !self.is_used(id).await? {
                unused.push(id);
            }
        }
        if unused.is_empty() {
            return Ok(unused);
        }
        let mut tx = self.begin().await?;
        for id in &unused {
            let number = id.number();
            writing!(&mut tx, db => {
                sqlx::query("DELETE FROM sealing_key WHERE id = $1").bind(number).execute(db).await?;
            });
        }
        tx.commit().await?;
        self.sealing().source().remove(&unused)?;
        Ok(unused)
    }

    /// Makes sure that we have every key that is needed here, and seals what is not sealed yet.
    pub(super) async fn take_keys(&self) -> Result<(), Error> {
        let now = crate::clock::Clock::system().now();
        let (current, has_plain) = self.current_key().await?;
        // Each must be there: a key that is missing is told before anything is made.
        let listed = self.keys_in_use().await?;
        self.check_proofs().await?;
        if current.is_none() && self.sealing().ring().newest().is_none() {
            let source = self.sealing().source();
            self.sealing().replace(source.create()?);
            tracing::info!(file = %source, "a sealing key was made; keep a copy of it apart from the backups: without it nobody can read what people write");
        }
        match self.sealing().ring().newest() {
            Some(newest) if listed.iter().any(|key| key.id() == newest.id()) => {}
            Some(newest) => self.adopt(newest, now).await?,
            None => return Err(Error::Damaged("current_key")),
        }
        if has_plain { self.seal_what_is_plain().await } else { Ok(()) }
    }

    async fn current_key(&self) -> Result<(Option<KeyId>, bool), Error> {
        reading!(self, db => {
            let row = sqlx::query("SELECT current_key, has_plain FROM sealing WHERE id = 1").fetch_one(db).await?;
            Ok((row.maybe_number("current_key")?.map(key_id).transpose()?, row.flag("has_plain")?))
        })
    }

    /// A key may have the right name and yet be another: the name is short.
    async fn check_proofs(&self) -> Result<(), Error> {
        let proofs: Vec<(i64, Vec<u8>)> = reading!(self, db => {
            sqlx::query("SELECT id, proof FROM sealing_key").fetch_all(db).await?.iter()
                .map(|row| Ok((row.number("id")?, row.bytes("proof")?))).collect::<Result<_, Error>>()?
        });
        for (id, proof) in proofs {
            self.sealing().open(Place::new("sealing_key", "proof", &id.to_string()), &proof)?;
        }
        Ok(())
    }

    /// Lists a key and makes it the one that seals, unless another process began with a key of its own just now.
    async fn adopt(&self, key: &SealingKey, now: Timestamp) -> Result<(), Error> {
        let (id, at) = (key.id().number(), now.as_millisecond());
        let proof = seal(key, Place::new("sealing_key", "proof", &id.to_string()), "backwise")?;
        let mut tx = self.begin().await?;
        let lock = if matches!(tx, Tx::Postgres(_)) { " FOR UPDATE" } else { "" };
        writing!(&mut tx, db => {
            // Whoever writes with the key before has this row in hand: we wait until they are done.
            let mut query = QueryBuilder::new("SELECT current_key FROM sealing WHERE id = 1");
            query.push(lock);
            query.build().fetch_one(db).await?;
        });
        tx.keys_in_use().await?;
        writing!(&mut tx, db => {
            sqlx::query("INSERT INTO sealing_key (id, made_at, proof) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING")
                .bind(id).bind(at).bind(proof).execute(&mut *db).await?;
            sqlx::query("UPDATE sealing SET current_key = $1 WHERE id = 1").bind(id).execute(&mut *db).await?;
        });
        tx.commit().await
    }

    async fn is_used(&self, id: KeyId) -> Result<bool, Error> {
        for (table, columns) in sealed_tables() {
            let used = reading!(self, db => {
                let mut query = QueryBuilder::new("SELECT 1 AS one FROM ");
                query.push(table).push(" WHERE ");
                for (place, column) in columns.iter().enumerate() {
                    query.push(if place == 0 { "substr(" } else { " OR substr(" }).push(column).push(", 1, 5) = ");
                    query.push_bind(id.header().to_vec());
                }
                query.push(" LIMIT 1").build().fetch_optional(db).await?.is_some()
            });
            if used {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn sealed_tables() -> Vec<(&'static str, Vec<&'static str>)> {
    let others = SEALED.iter().map(|&(table, _, column)| (table, vec![column]));
    others.chain([("inquiry", OF_INQUIRY.to_vec())]).collect()
}
