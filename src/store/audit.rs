//! Who did what, when. Entries name references and ids, never people's words.

use jiff::Timestamp;

use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};

/// One line of the audit log.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// A staff id, or `writer`, `operator`.
    pub actor: String,
    /// What was done, such as `inquiry.received`.
    pub action: String,
    /// A reference or id.
    pub subject: String,
    /// What else is worth knowing; never personal.
    pub detail: String,
}

impl Store {
    /// The newest entries, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit(&self, limit: i64) -> Result<Vec<AuditEntry>, Error> {
        reading!(self, db => {
            sqlx::query("SELECT at, actor, action, subject, detail FROM audit ORDER BY seq DESC LIMIT $1")
                .bind(limit).fetch_all(db).await?.iter().map(entry).collect()
        })
    }
}

impl Tx {
    /// Adds an entry.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_audit(
        &mut self,
        at: Timestamp,
        actor: &str,
        action: &str,
        subject: &str,
        detail: &str,
    ) -> Result<(), Error> {
        let at = at.as_millisecond();
        writing!(self, db => {
            sqlx::query("INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)")
                .bind(at).bind(actor).bind(action).bind(subject).bind(detail).execute(db).await?;
        });
        Ok(())
    }
}

fn entry(row: &impl Columns) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        at: row.time("at")?,
        actor: row.text("actor")?,
        action: row.text("action")?,
        subject: row.text("subject")?,
        detail: row.text("detail")?,
    })
}
