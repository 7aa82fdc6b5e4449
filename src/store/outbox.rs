//! The outbox: messages are queued in the transaction that owes them, claimed before they are tried, and settled after.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::row::Columns;
use super::sealing::{Sealing, seal};
use super::{Error, Store, Tx, reading, writing};
use crate::contact::EmailAddress;
use crate::outbox::{
    About, FEWEST_ATTEMPTS, IN_HAND, Kind, LONGEST_PAUSE, OwedMessage, State, TRY_FOR, Verdict, pause_after,
};
use crate::secret::Place;

/// Which messages are tried again.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// The one with this id, whether it waits or was given up.
    One(&'a str),
    /// All that were given up.
    GivenUp,
    /// Those that go to the person who wrote this inquiry.
    ToWriterOf(i64),
}

pub(super) const COLUMNS: &str = "o.id, o.kind, o.inquiry, o.staff, i.reference, o.recipient, o.entry, o.many, o.state, o.created_at, o.attempts, \
     o.next_attempt_at, o.give_up_at, o.settled_at, o.last_answer";

impl Store {
    /// When the next message is due; None when nothing waits.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, Error> {
        reading!(self, db => {
            sqlx::query("SELECT min(next_attempt_at) AS due FROM outbox WHERE state = 'queued'")
                .fetch_one(db).await?.maybe_time("due")
        })
    }
}

impl Tx {
    /// Queues a message, due at once.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_message(
        &mut self,
        inquiry: i64,
        kind: Kind,
        recipient: Option<&EmailAddress>,
        entry: Option<i64>,
        now: Timestamp,
    ) -> Result<String, Error> {
        let id = uuid::Uuid::now_v7().to_string();
        let (due, give_up) = (now.as_millisecond(), (now + TRY_FOR).as_millisecond());
        writing!(self, db => {
            sqlx::query(
                "INSERT INTO outbox (id, inquiry, kind, recipient, entry, state, created_at, attempts, next_attempt_at, give_up_at) \
                 VALUES ($1, $2, $3, $4, $5, 'queued', $6, 0, $6, $7)",
            )
            .bind(&id).bind(inquiry).bind(kind.as_str()).bind(recipient.map(EmailAddress::as_str)).bind(entry).bind(due).bind(give_up)
            .execute(db).await?;
        });
        Ok(id)
    }

    /// Queues a message to the owner of an account, due at once.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_account_message(&mut self, staff: &str, kind: Kind, now: Timestamp) -> Result<String, Error> {
        let id = uuid::Uuid::now_v7().to_string();
        let (due, give_up) = (now.as_millisecond(), (now + TRY_FOR).as_millisecond());
        writing!(self, db => {
            sqlx::query(
                "INSERT INTO outbox (id, staff, kind, state, created_at, attempts, next_attempt_at, give_up_at) \
                 VALUES ($1, $2, $3, 'queued', $4, 0, $4, $5)",
            )
            .bind(&id).bind(staff).bind(kind.as_str()).bind(due).bind(give_up).execute(db).await?;
        });
        Ok(id)
    }

    /// How many messages of a kind an account was owed since a moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn account_messages_since(&mut self, staff: &str, kind: Kind, since: Timestamp) -> Result<i64, Error> {
        let since = since.as_millisecond();
        writing!(self, db => {
            sqlx::query("SELECT count(*) AS messages FROM outbox WHERE staff = $1 AND kind = $2 AND created_at > $3")
                .bind(staff).bind(kind.as_str()).bind(since).fetch_one(db).await?.number("messages")
        })
    }

    /// Takes at most `limit` due messages in hand: each counts one more attempt and has its next one scheduled
    /// before this one is tried, so that a crash in between costs a pause, never a message. Urgent ones first.
    /// A message due later than any pause explains was scheduled by a clock that was wrong, and is due now.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn claim_due(&mut self, now: Timestamp, limit: i64) -> Result<Vec<OwedMessage>, Error> {
        let (at, beyond) = (now.as_millisecond(), (now + LONGEST_PAUSE).as_millisecond());
        let skip = match self {
            Self::Sqlite(_) => "",
            // Another server may be claiming: take others than it does.
            Self::Postgres(_) => " FOR UPDATE OF o SKIP LOCKED",
        };
        let sealing = self.sealing();
        let mut claimed: Vec<OwedMessage> = writing!(&mut *self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM outbox o LEFT JOIN inquiry i ON i.seq = o.inquiry WHERE o.state = 'queued' AND (o.next_attempt_at <= ");
            query.push_bind(at).push(" OR o.next_attempt_at > ").push_bind(beyond);
            query.push(") AND (o.in_hand_until IS NULL OR o.in_hand_until <= ").push_bind(at);
            // Held from a moment that lies in the future by more than an attempt: the clock was set back.
            query.push(" OR o.in_hand_until > ").push_bind(beyond).push(") ORDER BY COALESCE(i.rank, 1), o.next_attempt_at, o.id LIMIT ").push_bind(limit).push(skip);
            query.build().fetch_all(db).await?.iter().map(|row| message(row, &sealing)).collect::<Result<_, _>>()?
        });
        for message in &mut claimed {
            message.attempts += 1;
            message.next_attempt_at = now + pause_after(message.attempts, spread(&message.id));
            let (due, held) = (message.next_attempt_at.as_millisecond(), (now + IN_HAND).as_millisecond());
            writing!(&mut *self, db => {
                sqlx::query("UPDATE outbox SET attempts = $1, next_attempt_at = $2, in_hand_until = $3 WHERE id = $4")
                    .bind(message.attempts).bind(due).bind(held).bind(&message.id).execute(db).await?;
            });
        }
        Ok(claimed)
    }

    /// Writes down what came of an attempt. A week after it was queued, "try again" becomes "given up", unless it was
    /// hardly tried because the program stood still or the clock jumped. An inquiry counts as answered as long as a reply to it
    /// was not given up.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn settle(&mut self, message: &OwedMessage, verdict: &Verdict, now: Timestamp) -> Result<State, Error> {
        let (state, answer) = match verdict {
            Verdict::Sent(words) => (State::Sent, words),
            Verdict::TryAgain(why) if now < message.give_up_at || message.attempts < FEWEST_ATTEMPTS => {
                (State::Queued, why)
            }
            Verdict::TryAgain(why) | Verdict::GiveUp(why) => (State::Failed, why),
        };
        self.hold_inquiry_of(message).await?;
        // It may quote an address.
        let answer = seal(&*self.sealing_key().await?, last_answer(&message.id), answer)?;
        let settled_at = (state != State::Queued).then_some(now.as_millisecond());
        let is_settled = writing!(&mut *self, db => {
            sqlx::query("UPDATE outbox SET state = $1, last_answer = $2, settled_at = $3, in_hand_until = NULL WHERE id = $4 AND state = 'queued'")
                .bind(state.as_str()).bind(answer).bind(settled_at).bind(&message.id).execute(db).await?.rows_affected() == 1
        });
        if is_settled {
            self.follow_reply(message, verdict, state, now).await?;
        }
        Ok(state)
    }

    /// Makes messages that have not left due at once, with a new week. Gives how many.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn retry_messages(&mut self, which: Which<'_>, now: Timestamp) -> Result<u64, Error> {
        let (due, give_up) = (now.as_millisecond(), (now + TRY_FOR).as_millisecond());
        writing!(self, db => {
            let mut query = QueryBuilder::new("UPDATE outbox SET state = 'queued', attempts = 0, settled_at = NULL, next_attempt_at = ");
            query.push_bind(due).push(", give_up_at = ").push_bind(give_up).push(" WHERE state <> 'sent'");
            // What is being sent just now is not sent a second time.
            query.push(" AND (in_hand_until IS NULL OR in_hand_until <= ").push_bind(due).push(")");
            match which {
                Which::One(id) => query.push(" AND id = ").push_bind(id.to_owned()),
                Which::GivenUp => query.push(" AND state = 'failed'"),
                Which::ToWriterOf(inquiry) => query
                    .push(" AND kind IN ('acknowledgement', 'reply') AND inquiry = ")
                    .push_bind(inquiry),
            };
            Ok(query.build().execute(db).await?.rows_affected())
        })
    }
}

/// A number from the id, so that the pauses of two messages differ and those of one do not change.
fn spread(id: &str) -> u8 {
    id.bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte))
}

pub(super) fn last_answer(id: &str) -> Place<'_> {
    Place::new("outbox", "last_answer", id)
}

pub(super) fn message(row: &impl Columns, sealing: &Sealing) -> Result<OwedMessage, Error> {
    let id = row.text("id")?;
    Ok(OwedMessage {
        kind: Kind::parse(&row.text("kind")?).ok_or(Error::Damaged("kind"))?,
        about: about(row)?,
        recipient: row.maybe_text("recipient")?,
        entry: row.maybe_number("entry")?,
        many: row.maybe_number("many")?,
        state: State::parse(&row.text("state")?).ok_or(Error::Damaged("state"))?,
        created_at: row.time("created_at")?,
        attempts: row.number("attempts")?,
        next_attempt_at: row.time("next_attempt_at")?,
        give_up_at: row.time("give_up_at")?,
        settled_at: row.maybe_time("settled_at")?,
        last_answer: sealing.maybe_text(row, last_answer(&id))?,
        id,
    })
}

fn about(row: &impl Columns) -> Result<About, Error> {
    Ok(match (row.maybe_number("inquiry")?, row.maybe_text("staff")?) {
        (Some(seq), _) => About::Inquiry { seq, reference: row.text("reference")? },
        (None, Some(staff)) => About::Account(staff),
        (None, None) => return Err(Error::Damaged("inquiry")),
    })
}
