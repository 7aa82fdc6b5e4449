//! Second factors and recovery codes. The secret that an app shares is kept sealed; of recovery codes only digests are.

use std::fmt;

use jiff::Timestamp;

use super::row::Columns;
use super::sealing::seal;
use super::{Error, Store, Tx, reading, writing};
use crate::secret::Place;

/// A second factor as it is kept.
#[derive(Clone)]
pub struct StoredFactor {
    /// The app's secret.
    pub secret: String,
    /// When its first code was right; before that nothing asks for it.
    pub confirmed_at: Option<Timestamp>,
    /// As the row has it: another secret, or the same sealed anew, is another row.
    sealed: Vec<u8>,
}

impl fmt::Debug for StoredFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredFactor({:?})", self.confirmed_at)
    }
}

fn place(staff: &str) -> Place<'_> {
    Place::new("second_factor", "secret", staff)
}

impl Store {
    /// The second factor of an account, confirmed or not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn second_factor(&self, staff: &str) -> Result<Option<StoredFactor>, Error> {
        reading!(self, db => {
            sqlx::query("SELECT secret, confirmed_at FROM second_factor WHERE staff = $1").bind(staff)
                .fetch_optional(db).await?.map(|row| Ok(StoredFactor {
                    secret: self.sealing().text(&row, place(staff))?,
                    confirmed_at: row.maybe_time("confirmed_at")?,
                    sealed: row.bytes("secret")?,
                })).transpose()
        })
    }

    /// How many recovery codes of an account were not used yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recovery_codes_left(&self, staff: &str) -> Result<i64, Error> {
        let staff = staff.to_owned();
        reading!(self, db => {
            sqlx::query("SELECT count(*) AS codes FROM recovery_code WHERE staff = $1").bind(staff)
                .fetch_one(db).await?.number("codes")
        })
    }
}

impl Tx {
    /// Begins a second factor that does not count yet; one that was begun and not confirmed is replaced. False, and nothing
    /// done, when the account has a confirmed one.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn begin_factor(&mut self, staff: &str, secret: &str) -> Result<bool, Error> {
        let sealed = seal(&*self.sealing_key().await?, place(staff), secret)?;
        writing!(self, db => {
            let begun = sqlx::query(
                "INSERT INTO second_factor (staff, secret, last_step) VALUES ($1, $2, 0) \
                 ON CONFLICT (staff) DO UPDATE SET secret = excluded.secret WHERE second_factor.confirmed_at IS NULL",
            ).bind(staff).bind(sealed).execute(db).await?;
            Ok(begun.rows_affected() == 1)
        })
    }

    /// The second factor counts from now on, if it is still the one that was read and did not count before.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn confirm_factor(&mut self, staff: &str, factor: &StoredFactor, now: Timestamp) -> Result<bool, Error> {
        let at = now.as_millisecond();
        writing!(self, db => {
            let confirmed = sqlx::query("UPDATE second_factor SET confirmed_at = $1 WHERE staff = $2 AND secret = $3 AND confirmed_at IS NULL")
                .bind(at).bind(staff).bind(factor.sealed.clone()).execute(db).await?;
            Ok(confirmed.rows_affected() == 1)
        })
    }

    /// Uses up a step of 30 seconds and all before it: true for the one request that gets it.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn use_step(&mut self, staff: &str, step: i64) -> Result<bool, Error> {
        writing!(self, db => {
            let used = sqlx::query("UPDATE second_factor SET last_step = $1 WHERE staff = $2 AND last_step < $1")
                .bind(step).bind(staff).execute(db).await?;
            Ok(used.rows_affected() == 1)
        })
    }

    /// Takes the second factor and the recovery codes of an account away; false when there was none that counted.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn remove_factor(&mut self, staff: &str) -> Result<bool, Error> {
        self.set_recovery_codes(staff, &[]).await?;
        writing!(self, db => {
            let removed = sqlx::query("DELETE FROM second_factor WHERE staff = $1 AND confirmed_at IS NOT NULL")
                .bind(staff).execute(db).await?;
            Ok(removed.rows_affected() == 1)
        })
    }

    /// Gives an account these recovery codes, as digests; the ones before stop working.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_recovery_codes(&mut self, staff: &str, digests: &[Vec<u8>]) -> Result<(), Error> {
        writing!(&mut *self, db => {
            sqlx::query("DELETE FROM recovery_code WHERE staff = $1").bind(staff).execute(db).await?;
        });
        for digest in digests {
            writing!(&mut *self, db => {
                sqlx::query("INSERT INTO recovery_code (digest, staff) VALUES ($1, $2)").bind(digest.clone()).bind(staff).execute(db).await?;
            });
        }
        Ok(())
    }

    /// Uses up a recovery code: true for the one request that gets it.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn use_recovery_code(&mut self, staff: &str, digest: &[u8]) -> Result<bool, Error> {
        writing!(self, db => {
            let used = sqlx::query("DELETE FROM recovery_code WHERE staff = $1 AND digest = $2").bind(staff).bind(digest.to_vec()).execute(db).await?;
            Ok(used.rows_affected() == 1)
        })
    }
}
