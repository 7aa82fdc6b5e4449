//! Which inquiries were kept long enough, and when the clock was last known to be right.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::merge::found;
use super::row::Columns;
use super::{Error, Store, Tx, push_list, reading, writing};
use crate::inquiry::Reference;

/// What is due: inquiries received before these moments.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// Closed ones that somebody opened and whose mails all left; None keeps them.
    pub closed: Option<Timestamp>,
    /// Suspected spam.
    pub spam: Timestamp,
}

/// What makes suspected spam due, over `inquiry i` on `pile p`.
macro_rules! push_spam {
    ($query:expr, $due:expr) => {
        $query.push("p.status = 'spam' AND i.received_at < ").push_bind($due.spam.as_millisecond())
    };
}

/// What makes a closed inquiry due, over `inquiry i`.
macro_rules! push_closed {
    ($query:expr, $closed:expr) => {{
        $query.push("i.status = 'closed' AND i.opened_at IS NOT NULL AND i.received_at < ");
        $query.push_bind($closed.as_millisecond());
        $query.push(" AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.inquiry = i.seq AND o.state <> 'sent')");
        // A duplicate goes with the one that is kept, and that one not before the duplicate's own time.
        $query.push(" AND i.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM inquiry d WHERE d.merged_into = i.reference AND (d.received_at >= ");
        $query.push_bind($closed.as_millisecond());
        $query.push(" OR EXISTS (SELECT 1 FROM outbox o WHERE o.inquiry = d.seq AND o.state <> 'sent')))");
    }};
}

/// The numbers of all that is due, read from indexes that hold little else: spam from its piles, closed ones from the
/// oldest on.
macro_rules! push_due {
    ($query:expr, $due:expr) => {
        $query.push("SELECT i.seq FROM pile p CROSS JOIN inquiry i WHERE i.pile = p.id AND ");
        push_spam!($query, $due);
        if let Some(closed) = $due.closed {
            $query.push(" UNION ALL SELECT i.seq FROM inquiry i WHERE ");
            push_closed!($query, closed);
        }
    };
}

impl Store {
    /// What is due, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn due(&self, due: &Due) -> Result<Vec<(i64, Reference)>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT f.seq, f.reference FROM inquiry f WHERE f.seq IN (");
            push_due!(query, due);
            query.push(") ORDER BY f.seq").build().fetch_all(db).await?.iter().map(found).collect()
        })
    }

    /// The references of the duplicates that go with what is due.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn due_with(&self, due: &Due) -> Result<Vec<Reference>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT m.seq, m.reference FROM inquiry m JOIN inquiry f ON f.reference = m.merged_into WHERE f.seq IN (");
            push_due!(query, due);
            let rows = query.push(") ORDER BY m.seq").build().fetch_all(db).await?;
            rows.iter().map(|row| Ok(found(row)?.1)).collect()
        })
    }

    /// How many are due, and how many there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count_due(&self, due: &Due) -> Result<(i64, i64), Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT (SELECT count(*) FROM inquiry) AS all_of_them, count(*) AS due_ones FROM (");
            push_due!(query, due);
            let row = query.push(") due").build().fetch_one(db).await?;
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
    /// Which of these are due still; nobody changes them until this transaction ends.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn take_due(&mut self, due: &Due, some: &[(i64, Reference)]) -> Result<Vec<(i64, Reference)>, Error> {
        let lock = if matches!(self, Self::Postgres(_)) { " FOR UPDATE OF i" } else { "" };
        writing!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.seq, i.reference FROM inquiry i JOIN pile p ON p.id = i.pile WHERE i.seq IN ");
            push_list!(query, some.iter().map(|(seq, _)| *seq));
            query.push(" AND ((");
            push_spam!(query, due);
            if let Some(closed) = due.closed {
                query.push(") OR (");
                push_closed!(query, closed);
            }
            query.push(")) ORDER BY i.seq").push(lock);
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
