//! Who did what, when. Entries name references and ids, never people's words, and stay for good: the database refuses to
//! change one, and the chain (`chain.rs`) shows when somebody did all the same.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::chain::AuditHead;
use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};
use crate::telemetry::AUDIT_LINES;

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

/// Which entries are wanted; what is None is not asked.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// A staff id, or `writer`, `operator`.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// A reference or id.
    pub subject: Option<String>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// Which way a page of the log continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditPlace {
    /// From the newest.
    Newest,
    /// Entries older than this number.
    OlderThan(i64),
    /// Entries newer than this number, those next to it.
    NewerThan(i64),
}

const COLUMNS: &str = "SELECT seq, at, actor, action, subject, detail FROM audit";

impl Store {
    /// The newest entries, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit(&self, limit: i64) -> Result<Vec<AuditEntry>, Error> {
        self.audit_page(&AuditFilter::default(), AuditPlace::Newest, limit).await
    }

    /// At most `limit` entries, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        place: AuditPlace,
        limit: i64,
    ) -> Result<Vec<AuditEntry>, Error> {
        let mut entries: Vec<AuditEntry> = reading!(self, db => {
            let mut query = QueryBuilder::new(COLUMNS);
            query.push(" WHERE 1 = 1");
            for (column, wanted) in [("actor", &filter.actor), ("action", &filter.action), ("subject", &filter.subject)] {
                if let Some(wanted) = wanted {
                    query.push(" AND ").push(column).push(" = ").push_bind(wanted.clone());
                }
            }
            for (sign, bound) in [(" AND at >= ", filter.from), (" AND at < ", filter.until)] {
                if let Some(bound) = bound {
                    query.push(sign).push_bind(bound.as_millisecond());
                }
            }
            let order = match place {
                AuditPlace::Newest => " ORDER BY seq DESC LIMIT ",
                AuditPlace::OlderThan(seq) => { query.push(" AND seq < ").push_bind(seq); " ORDER BY seq DESC LIMIT " }
                AuditPlace::NewerThan(seq) => { query.push(" AND seq > ").push_bind(seq); " ORDER BY seq LIMIT " }
            };
            query.push(order).push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(entry).collect::<Result<_, _>>()?
        });
        if matches!(place, AuditPlace::NewerThan(_)) {
            entries.reverse();
        }
        Ok(entries)
    }

    /// Everything about one reference in order, with the exports of many since it was first named.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit_about(&self, reference: &str) -> Result<Vec<AuditEntry>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new(COLUMNS);
            query.push(" WHERE subject = ").push_bind(reference);
            query.push(" OR (action = 'inquiries.exported' AND seq > (SELECT min(seq) FROM audit WHERE subject = ").push_bind(reference);
            query.push(")) ORDER BY seq");
            query.build().fetch_all(db).await?.iter().map(entry).collect()
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
        let added = Audited { action: entry.action, head };
        match self {
            Self::Sqlite(tx) => tx.audited(added),
            Self::Postgres(tx) => tx.audited(added),
        }
        Ok(())
    }
}

/// An entry that a transaction adds.
#[derive(Debug)]
pub(super) struct Audited {
    action: String,
    head: AuditHead,
}

impl Audited {
    /// Says where the log stands now, once it does: whoever keeps the line elsewhere can prove the log with it, and that of
    /// every entry before. It says neither who nor about whom.
    pub(super) fn log(&self) {
        tracing::info!(target: AUDIT_LINES, event = "audit.entry", action = self.action, head = %self.head);
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
