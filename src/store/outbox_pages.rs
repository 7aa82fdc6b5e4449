//! What can be seen of the outbox: its pages, the messages of one inquiry, and how many there are.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::outbox::{COLUMNS, message};
use super::row::Columns;
use super::sealing::of_inquiry;
use super::{Error, Store, push_list, reading};
use crate::outbox::{OwedMessage, State};

/// What the outbox holds that somebody should know about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Waiting for an attempt.
    pub queued: i64,
    /// Waiting after at least one attempt that did not succeed.
    pub delayed: i64,
    /// Given up.
    pub failed: i64,
    /// Sent.
    pub sent: i64,
}

/// Which way a page of the outbox continues: from the newest, or beside a message, by when it was queued and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum MailPlace {
    Newest,
    OlderThan(Timestamp, String),
    NewerThan(Timestamp, String),
}

impl MailPlace {
    fn is_upwards(&self) -> bool {
        matches!(self, Self::NewerThan(..))
    }
}
impl Store {
    /// Messages, newest first; one state or all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outbox(&self, state: Option<State>, limit: i64) -> Result<Vec<OwedMessage>, Error> {
        self.outbox_page(state, &MailPlace::Newest, limit).await
    }

    /// At most `limit` messages, newest first, from a place on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outbox_page(
        &self,
        state: Option<State>,
        place: &MailPlace,
        limit: i64,
    ) -> Result<Vec<OwedMessage>, Error> {
        let mut messages: Vec<OwedMessage> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM outbox o LEFT JOIN inquiry i ON i.seq = o.inquiry WHERE 1 = 1");
            if let Some(state) = state {
                query.push(" AND o.state = ").push_bind(state.as_str());
            }
            let (sign, order) = if place.is_upwards() { (">", "") } else { ("<", " DESC") };
            if let MailPlace::OlderThan(at, id) | MailPlace::NewerThan(at, id) = place {
                query.push(" AND (o.created_at, o.id) ").push(sign).push(" (").push_bind(at.as_millisecond());
                query.push(", ").push_bind(id.clone()).push(")");
            }
            query.push(" ORDER BY o.created_at").push(order).push(", o.id").push(order).push(" LIMIT ").push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| message(row, self.sealing())).collect::<Result<_, _>>()?
        });
        if place.is_upwards() {
            messages.reverse();
        }
        Ok(messages)
    }

    /// Who wrote the inquiries with these numbers; without those that are there no more or whose name does not open.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn writers(&self, inquiries: &[i64]) -> Result<HashMap<i64, String>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT seq, reference, name FROM inquiry WHERE seq IN ");
            push_list!(query, inquiries.iter().copied());
            let mut writers = HashMap::new();
            for row in query.build().fetch_all(db).await? {
                let reference = row.text("reference")?;
                if let Ok(name) = self.sealing().text(&row, of_inquiry("name", &reference)) {
                    writers.insert(row.number("seq")?, name);
                }
            }
            Ok(writers)
        })
    }

    /// The message with this id; None when there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn message(&self, id: &str) -> Result<Option<OwedMessage>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM outbox o LEFT JOIN inquiry i ON i.seq = o.inquiry WHERE o.id = ").push_bind(id);
            query.build().fetch_optional(db).await?.map(|row| message(&row, self.sealing())).transpose()
        })
    }

    /// The messages of one inquiry, in the order they were queued.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn messages_of(&self, inquiry: i64) -> Result<Vec<OwedMessage>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM outbox o LEFT JOIN inquiry i ON i.seq = o.inquiry WHERE o.inquiry = ");
            query.push_bind(inquiry).push(" ORDER BY o.created_at, o.id");
            query.build().fetch_all(db).await?.iter().map(|row| message(row, self.sealing())).collect()
        })
    }

    /// The messages of several inquiries, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn messages_about(&self, inquiries: &[i64], limit: i64) -> Result<Vec<OwedMessage>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM outbox o LEFT JOIN inquiry i ON i.seq = o.inquiry WHERE o.inquiry IN ");
            push_list!(query, inquiries.iter().copied());
            query.push(" ORDER BY o.created_at DESC, o.id DESC LIMIT ").push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| message(row, self.sealing())).collect()
        })
    }

    /// How many messages wait, are late, were given up, were sent.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outbox_counts(&self) -> Result<OutboxCounts, Error> {
        reading!(self, db => {
            let row = sqlx::query(
                "SELECT (SELECT CAST(coalesce(sum(holds), 0) AS BIGINT) FROM outbox_count WHERE state = 'queued') AS queued, \
                 (SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts > 0 AND last_answer IS NOT NULL) AS delayed_, \
                 (SELECT CAST(coalesce(sum(holds), 0) AS BIGINT) FROM outbox_count WHERE state = 'failed') AS failed, \
                 (SELECT CAST(coalesce(sum(holds), 0) AS BIGINT) FROM outbox_count WHERE state = 'sent') AS sent",
            ).fetch_one(db).await?;
            Ok(OutboxCounts {
                queued: row.number("queued")?,
                delayed: row.number("delayed_")?,
                failed: row.number("failed")?,
                sent: row.number("sent")?,
            })
        })
    }
}
