//! How things stand, in numbers: for whoever watches the program from outside. Numbers only; they name nobody.

use jiff::Timestamp;

use super::row::Columns;
use super::{Counts, Error, OutboxCounts, Store, reading};

/// How things stand now.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Inquiries by status.
    pub inquiries: Counts,
    /// Nobody has answered or closed them by the promised time.
    pub overdue: i64,
    /// Messages by state.
    pub outbox: OutboxCounts,
    /// When the message that waits for longest was queued.
    pub oldest_queued: Option<Timestamp>,
}

impl Store {
    /// Counts everything. The cost grows with the number of inquiries.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn figures(&self, now: Timestamp) -> Result<Figures, Error> {
        let at = now.as_millisecond();
        let overdue = reading!(self, db => {
            sqlx::query(
                "SELECT count(*) AS overdue FROM inquiry \
                 WHERE status IN ('new', 'open') AND answered_at IS NULL AND answer_by < $1",
            ).bind(at).fetch_one(db).await?.number("overdue")?
        });
        let oldest_queued = reading!(self, db => {
            sqlx::query("SELECT min(created_at) AS oldest FROM outbox WHERE state = 'queued'")
                .fetch_one(db).await?.maybe_time("oldest")?
        });
        Ok(Figures { inquiries: self.counts().await?, overdue, outbox: self.outbox_counts().await?, oldest_queued })
    }
}
