//! What the desk tells by itself: inquiries that nobody opened in time, and new suspected spam.

use jiff::Timestamp;

use super::row::Columns;
use super::{Error, Store, Tx, reading, writing};
use crate::inquiry::Reference;

impl Store {
    /// At most `limit` inquiries that nobody has opened though their promised time is over, and of which nobody was told.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unopened_past_promise(&self, now: Timestamp, limit: i64) -> Result<Vec<(i64, Reference)>, Error> {
        let now = now.as_millisecond();
        reading!(self, db => {
            sqlx::query(
                "SELECT seq, reference FROM inquiry WHERE opened_at IS NULL AND escalated_at IS NULL AND answer_by < $1 \
                 AND answered_at IS NULL AND status IN ('new', 'open') ORDER BY answer_by LIMIT $2",
            )
            .bind(now).bind(limit).fetch_all(db).await?.iter()
            .map(|row| Ok((row.number("seq")?, Reference::parse(&row.text("reference")?).ok_or(Error::Damaged("reference"))?)))
            .collect()
        })
    }

    /// Up to when staff were told of suspected spam.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_digest(&self) -> Result<Timestamp, Error> {
        reading!(self, db => sqlx::query("SELECT at FROM spam_digest WHERE id = 1").fetch_one(db).await?.time("at"))
    }

    /// How much suspected spam came from one moment to before another, and the newest of it: of two digests, none tells of
    /// the same twice, and nothing falls between them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn spam_between(&self, since: Timestamp, until: Timestamp) -> Result<(i64, Option<i64>), Error> {
        let (since, until) = (since.as_millisecond(), until.as_millisecond());
        reading!(self, db => {
            let row = sqlx::query("SELECT count(*) AS many, max(seq) AS newest FROM inquiry WHERE received_at >= $1 AND received_at < $2 AND status = 'spam'")
                .bind(since).bind(until).fetch_one(db).await?;
            Ok((row.number("many")?, row.maybe_number("newest")?))
        })
    }
}

impl Tx {
    /// Notes that somebody is told that nobody opened an inquiry in time. False when it was opened or told meanwhile.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn mark_escalated(&mut self, inquiry: i64, now: Timestamp) -> Result<bool, Error> {
        let now = now.as_millisecond();
        writing!(self, db => {
            let done = sqlx::query("UPDATE inquiry SET escalated_at = $1 WHERE seq = $2 AND opened_at IS NULL AND escalated_at IS NULL")
                .bind(now).bind(inquiry).execute(db).await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Takes the digest in hand that follows the one of `last`. False when another process did.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn begin_digest(&mut self, last: Timestamp, now: Timestamp) -> Result<bool, Error> {
        let (last, now) = (last.as_millisecond(), now.as_millisecond());
        writing!(self, db => {
            let done = sqlx::query("UPDATE spam_digest SET at = $1 WHERE id = 1 AND at = $2").bind(now).bind(last).execute(db).await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Says how many inquiries a digest tells of.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_many(&mut self, message: &str, many: i64) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("UPDATE outbox SET many = $1 WHERE id = $2").bind(many).bind(message).execute(db).await?;
        });
        Ok(())
    }
}
