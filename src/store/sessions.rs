//! Sessions: begun, in use, proved, ended. The database holds the digest of their secret.

use jiff::Timestamp;

use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};
use crate::staff::{ABSOLUTE_LIFETIME, Browser, IDLE_LIFETIME, MOST_SESSIONS, Role, StoredSession};

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// SHA-256 of its secret.
    pub digest: Vec<u8>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// The browser it began in; None for one that began before that was noted.
    pub browser: Option<Browser>,
}

impl OpenSession {
    /// Whether it has not ended by time.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        now.duration_since(self.seen_at) < IDLE_LIFETIME && now.duration_since(self.created_at) < ABSOLUTE_LIFETIME
    }
}

impl Store {
    /// The session of a cookie's digest.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session(&self, digest: &[u8]) -> Result<Option<StoredSession>, Error> {
        let digest = digest.to_vec();
        reading!(self, db => {
            sqlx::query(
                "SELECT n.staff, s.name, s.role, s.disabled_at, f.confirmed_at, n.created_at, n.seen_at, n.proved_at FROM session n \
                 JOIN staff s ON s.id = n.staff LEFT JOIN second_factor f ON f.staff = s.id WHERE n.digest = $1",
            )
            .bind(digest).fetch_optional(db).await?.map(|row| session(&row)).transpose()
        })
    }

    /// Every session of an account, the newest first; some may have ended by time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sessions_of(&self, staff: &str) -> Result<Vec<OpenSession>, Error> {
        let staff = staff.to_owned();
        reading!(self, db => {
            sqlx::query("SELECT digest, created_at, seen_at, browser FROM session WHERE staff = $1 ORDER BY created_at DESC, digest")
                .bind(staff).fetch_all(db).await?.iter().map(open_session).collect()
        })
    }
}

impl Tx {
    /// Adds a session in which a password or code was given now; of more than five, the oldest end. Sessions past their life are cleared away.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_session(
        &mut self,
        digest: &[u8],
        staff: &str,
        browser: &Browser,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (at, dead) = (now.as_millisecond(), (now - ABSOLUTE_LIFETIME).as_millisecond());
        writing!(&mut *self, db => {
            sqlx::query("DELETE FROM session WHERE created_at < $1").bind(dead).execute(db).await?;
        });
        writing!(&mut *self, db => {
            sqlx::query("INSERT INTO session (digest, staff, created_at, seen_at, proved_at, browser) VALUES ($1, $2, $3, $3, $3, $4)")
                .bind(digest.to_vec()).bind(staff).bind(at).bind(browser.as_str()).execute(db).await?;
        });
        writing!(self, db => {
            sqlx::query(
                "DELETE FROM session WHERE staff = $1 AND digest NOT IN \
                 (SELECT digest FROM session WHERE staff = $1 ORDER BY created_at DESC, digest LIMIT $2)",
            )
            .bind(staff).bind(MOST_SESSIONS).execute(db).await?;
        });
        self.was_seen(staff, now).await
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn touch_session(&mut self, digest: &[u8], now: Timestamp) -> Result<(), Error> {
        let at = now.as_millisecond();
        writing!(&mut *self, db => {
            sqlx::query("UPDATE session SET seen_at = $1 WHERE digest = $2").bind(at).bind(digest.to_vec()).execute(db).await?;
        });
        writing!(self, db => {
            sqlx::query("UPDATE staff SET seen_at = $1 WHERE id = (SELECT staff FROM session WHERE digest = $2)")
                .bind(at).bind(digest.to_vec()).execute(db).await?;
        });
        Ok(())
    }

    /// A password or code was given again: the session goes on under another secret. False when it has ended meanwhile.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn renew_session(&mut self, before: &[u8], after: &[u8], now: Timestamp) -> Result<bool, Error> {
        let at = now.as_millisecond();
        writing!(self, db => {
            let renewed = sqlx::query("UPDATE session SET digest = $1, proved_at = $2, seen_at = $2 WHERE digest = $3")
                .bind(after.to_vec()).bind(at).bind(before.to_vec()).execute(db).await?;
            Ok(renewed.rows_affected() == 1)
        })
    }

    /// Ends one session.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn end_session(&mut self, digest: &[u8]) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("DELETE FROM session WHERE digest = $1").bind(digest.to_vec()).execute(db).await?;
        });
        Ok(())
    }

    /// Ends every session of an account.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn end_sessions_of(&mut self, staff: &str) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("DELETE FROM session WHERE staff = $1").bind(staff).execute(db).await?;
        });
        Ok(())
    }

    async fn was_seen(&mut self, staff: &str, now: Timestamp) -> Result<(), Error> {
        let at = now.as_millisecond();
        writing!(self, db => {
            sqlx::query("UPDATE staff SET seen_at = $1 WHERE id = $2").bind(at).bind(staff).execute(db).await?;
        });
        Ok(())
    }
}

fn open_session(row: &impl Columns) -> Result<OpenSession, Error> {
    Ok(OpenSession {
        digest: row.bytes("digest")?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
        browser: row.maybe_text("browser")?.map(Browser::kept),
    })
}

fn session(row: &impl Columns) -> Result<StoredSession, Error> {
    Ok(StoredSession {
        staff: row.text("staff")?,
        name: row.text("name")?,
        role: Role::parse(&row.text("role")?).ok_or(Error::Damaged("role"))?,
        has_second_factor: row.maybe_time("confirmed_at")?.is_some(),
        disabled: row.maybe_time("disabled_at")?.is_some(),
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
        proved_at: row.time("proved_at")?,
    })
}
