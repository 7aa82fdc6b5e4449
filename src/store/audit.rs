//! Who did what, when. Entries name references and ids, never people's words, and stay for good: the database refuses to
//! change one, and the chain (`chain.rs`) shows when somebody did all the same.

use jiff::Timestamp;

use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};

/// One line of the audit log.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its number: the order in which things happened.
    pub seq: i64,
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
            sqlx::query("SELECT seq, at, actor, action, subject, detail FROM audit ORDER BY seq DESC LIMIT $1")
                .bind(limit).fetch_all(db).await?.iter().map(entry).collect()
        })
    }
}

impl Tx {
    /// Adds an entry to the chain: the last thing before the commit, for others wait behind it on PostgreSQL.
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
        let text = str::to_owned;
        let (actor, action, subject, detail) = (text(actor), text(action), text(subject), text(detail));
        let mut entry = AuditEntry { seq: 0, at, actor, action, subject, detail };
        let head = self.follow_head(&mut entry).await?;
        writing!(self, db => {
            sqlx::query("INSERT INTO audit (seq, at, actor, action, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)")
                .bind(entry.seq).bind(entry.at.as_millisecond()).bind(&entry.actor).bind(&entry.action)
                .bind(&entry.subject).bind(&entry.detail).bind(head.hash.to_vec()).execute(db).await?;
        });
        Ok(())
    }
}

pub(super) fn entry(row: &impl Columns) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        seq: row.number("seq")?,
        at: row.time("at")?,
        actor: row.text("actor")?,
        action: row.text("action")?,
        subject: row.text("subject")?,
        detail: row.text("detail")?,
    })
}
