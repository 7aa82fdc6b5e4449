//! Which inquiries were kept long enough, and when the clock was last known to be right.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::merge::found;
use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};
use crate::inquiry::Reference;

/// What is due: inquiries received before these moments.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// Closed ones that somebody opened and whose mails all left; None keeps them.
    pub closed: Option<Timestamp>,
    /// Suspected spam.
    pub spam: Timestamp,
}

macro_rules! push_due {
    ($query:expr, $due:expr) => {
        $query
            .push(" FROM inquiry i WHERE (i.status = 'spam' AND i.received_at < ")
            .push_bind($due.spam.as_millisecond());
        if let Some(closed) = $due.closed {
            $query
                .push(") OR (i.status = 'closed' AND i.opened_at IS NOT NULL AND i.received_at < ")
                .push_bind(closed.as_millisecond());
            $query.push(" AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.inquiry = i.seq AND o.state <> 'sent')");
            // A duplicate goes with the one that is kept, and that one not before the duplicate's own time.
            $query
                .push(" AND i.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM inquiry d WHERE d.merged_into = i.reference AND (d.received_at >= ")
                .push_bind(closed.as_millisecond());
            $query.push(" OR EXISTS (SELECT 1 FROM outbox o WHERE o.inquiry = d.seq AND o.state <> 'sent')))");
        }
        $query.push(")");
    };
}

impl Store {
    /// The references of what is due, the oldest first; then those of the duplicates that go with it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn due(&self, due: &Due) -> Result<Vec<Reference>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.seq, i.reference");
            push_due!(query, due);
            let rows = query.push(" ORDER BY i.seq").build().fetch_all(db).await?;
            let mut query = QueryBuilder::new("SELECT m.seq, m.reference FROM inquiry m WHERE m.merged_into IN (SELECT i.reference");
            push_due!(query, due);
            let merged = query.push(") ORDER BY m.seq").build().fetch_all(db).await?;
            rows.iter().chain(&merged).map(|row| Ok(found(row)?.1)).collect()
        })
    }

    /// How many are due, and how many there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count_due(&self, due: &Due) -> Result<(i64, i64), Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT (SELECT count(*) FROM inquiry) AS all_of_them, count(*) AS due_ones");
            push_due!(query, due);
            let row = query.build().fetch_one(db).await?;
            Ok((row.number("due_ones")?, row.number("all_of_them")?))
        })
    }

    /// When a server last noted the time; None before the first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn time_noted(&self) -> Result<Option<Timestamp>, Error> {
        reading!(self, db => sqlx::query("SELECT at FROM time_noted WHERE id = 1").fetch_one(db).await?.maybe_time("at"))
    }
}

impl Tx {
    /// At most `limit` of what is due; nobody changes them until this transaction ends.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn take_due(&mut self, due: &Due, limit: i64) -> Result<Vec<(i64, Reference)>, Error> {
        let lock = if matches!(self, Self::Postgres(_)) { " FOR UPDATE OF i" } else { "" };
        writing!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.seq, i.reference");
            push_due!(query, due);
            query.push(" ORDER BY i.seq LIMIT ").push_bind(limit).push(lock);
            query.build().fetch_all(db).await?.iter().map(found).collect()
        })
    }

    /// Notes the time.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn note_time(&mut self, now: Timestamp) -> Result<(), Error> {
        let now = now.as_millisecond();
        writing!(self, db => {
            sqlx::query("UPDATE time_noted SET at = $1 WHERE id = 1").bind(now).execute(db).await?;
        });
        Ok(())
    }
}
