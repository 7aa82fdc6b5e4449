//! How things stand, in numbers: for whoever watches the program from outside. Numbers only; they name nobody.

use jiff::Timestamp;

use super::row::Columns;
use super::{Counts, Error, InboxFilter, OutboxCounts, Store, reading};

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
    /// Counts everything. The cost grows with the number of mails, not with that of inquiries.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn figures(&self, now: Timestamp) -> Result<Figures, Error> {
        let piles = self.piles().await?;
        let overdue = self.overdue(&piles, &InboxFilter::default(), now).await?;
        let oldest_queued = reading!(self, db => {
            sqlx::query("SELECT min(created_at) AS oldest FROM outbox WHERE state = 'queued'")
                .fetch_one(db).await?.maybe_time("oldest")?
        });
        Ok(Figures { inquiries: piles.counts(), overdue, outbox: self.outbox_counts().await?, oldest_queued })
    }
}
