//! Filling an empty database with made-up inquiries of the past, to measure how the program behaves at size. It writes what
//! the rest of the store would have written, in the largest portions that the engines take.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::chosen::Chosen;
use super::entry::EntryKind;
use super::inquiry_row::{Receiving, rank};
use super::inquiry_words::words_of_inquiry;
use super::outbox::last_answer;
use super::sealing::{email_digest, of_inquiry, seal};
use super::{Error, Store, Tx, words, writing};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{BestTime, NewInquiry, Reference, Status};
use crate::outbox::{Kind, State};
use crate::secret::Place;

/// Rows of one statement: 27 parameters each, and SQLite takes 32,766.
const ROWS: usize = 500;

/// An inquiry of the past with what became of it.
pub struct Past<'a> {
    /// Its number; nothing may have it yet.
    pub seq: i64,
    /// What was sent.
    pub new: &'a NewInquiry,
    /// How it was received; the status is the present one.
    pub receiving: Receiving<'a>,
    /// Whose it is.
    pub assignee: Option<&'a str>,
    /// When somebody opened it.
    pub opened_at: Option<Timestamp>,
    /// When somebody answered it.
    pub answered_at: Option<Timestamp>,
    /// Which one is kept in its place; stored before it or with it.
    pub merged_into: Option<&'a Reference>,
    /// What a mail server answered to its acknowledgement, when that did not arrive.
    pub refusal: Option<&'a str>,
    /// Its timeline, in order.
    pub entries: &'a [PastEntry<'a>],
}

/// A line of a timeline.
pub struct PastEntry<'a> {
    /// Its number; nothing may have it yet.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub staff: Option<&'a str>,
    /// What.
    pub kind: EntryKind,
    /// With which words.
    pub words: &'a str,
}

/// Under which words which inquiry is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    token: i64,
    inquiry: i64,
}

/// A mail of the past.
struct PastMessage<'a> {
    id: String,
    inquiry: i64,
    kind: Kind,
    entry: Option<i64>,
    at: Timestamp,
    refusal: Option<&'a str>,
}

/// The mails about an inquiry that was no spam.
fn messages_of<'a>(one: &Past<'a>) -> Vec<PastMessage<'a>> {
    let message = |kind, entry, at, refusal| {
        let id = uuid::Uuid::now_v7().to_string();
        PastMessage { id, inquiry: one.seq, kind, entry, at, refusal }
    };
    let received = one.receiving.received_at;
    let mut messages = vec![message(Kind::Notice, None, received, None)];
    if one.new.answers().contact.email().is_some() {
        messages.push(message(Kind::Acknowledgement, None, received, one.refusal));
        let replies = one.entries.iter().filter(|entry| entry.kind == EntryKind::Reply);
        messages.extend(replies.map(|entry| message(Kind::Reply, Some(entry.seq), entry.at, None)));
    }
    messages
}

impl Store {
    /// Before filling: the index that would be built out of order is put aside until [`Store::end_filling`].
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn begin_filling(&self) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        writing!(&mut tx, db => {
            sqlx::query("DROP INDEX IF EXISTS inquiry_token_by_inquiry").execute(db).await?;
        });
        tx.commit().await
    }

    /// After filling: the index is built, and the engine learns how much there is.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn end_filling(&self) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        if let Tx::Postgres(tx) = &mut tx {
            // It takes longer than anything that a person waits for.
            sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut **tx).await?;
            for table in ["inquiry", "entry"] {
                let mut query = QueryBuilder::new("SELECT setval(pg_get_serial_sequence('");
                query.push(table).push("', 'seq'), (SELECT coalesce(max(seq), 1) FROM ").push(table).push("))");
                query.build().execute(&mut **tx).await?;
            }
        }
        writing!(&mut tx, db => {
            sqlx::query("CREATE INDEX inquiry_token_by_inquiry ON inquiry_token (inquiry)").execute(&mut *db).await?;
            sqlx::query("ANALYZE").execute(&mut *db).await?;
        });
        tx.commit().await
    }
}

impl Tx {
    /// Stores inquiries of the past with their timelines and with the mails about them: a notice, an
    /// acknowledgement and each reply, the latter when an address was given; gives the words they are found by, for [`Tx::add_found`].
    ///
    /// # Errors
    /// When the database refuses them.
    pub async fn add_past(&mut self, past: &[Past<'_>]) -> Result<Vec<Found>, Error> {
        for some in past.chunks(ROWS) {
            self.add_past_inquiries(some).await?;
        }
        let entries: Vec<(i64, &PastEntry<'_>)> =
            past.iter().flat_map(|one| one.entries.iter().map(|entry| (one.seq, entry))).collect();
        for some in entries.chunks(ROWS) {
            self.add_past_entries(some).await?;
        }
        for some in past.chunks(ROWS / 2) {
            self.add_past_messages(some).await?;
        }
        let key = self.sealing_key().await?;
        let mut found = Vec::new();
        for one in past {
            let mut words = words_of_inquiry(one.receiving.reference, one.new.answers());
            let written = one.entries.iter().filter(|entry| entry.kind.is_written());
            words.extend(written.flat_map(|entry| words::words_and_beginnings(entry.words)));
            found.extend(words.iter().map(|word| Found { token: key.token(word), inquiry: one.seq }));
        }
        Ok(found)
    }

    async fn add_past_inquiries(&mut self, past: &[Past<'_>]) -> Result<(), Error> {
        let key = self.sealing_key().await?;
        let mut sealed = Vec::new();
        for one in past {
            let (answers, row) = (one.new.answers(), one.receiving.reference.as_str());
            let (contact, chosen) = (&answers.contact, Chosen::of(answers));
            let seal = |column, text: &str| seal(&key, of_inquiry(column, row), text);
            let maybe = |column, text: Option<&str>| text.map(|text| seal(column, text)).transpose();
            sealed.push((
                seal("name", answers.name.as_str())?,
                maybe("email", contact.email().map(EmailAddress::as_str))?,
                contact.email().map(|email| email_digest(&key, email)),
                maybe("phone", contact.phone().map(PhoneNumber::as_str))?,
                maybe("best_time", answers.best_time.as_ref().map(BestTime::as_str))?,
                seal("health", &answers.health.join(","))?,
                seal("message", answers.message.as_str())?,
                chosen.sealed(&key, row)?,
                chosen.mark(&key),
            ));
        }
        let time = |at: Option<Timestamp>| at.map(|at| at.as_millisecond());
        writing!(self, db => {
            let mut query = QueryBuilder::new(
                "INSERT INTO inquiry (seq, reference, submission, receipt_digest, received_at, answer_by, rank, status, \
                 technique, consent_version, signals, assignee, opened_at, answered_at, merged_into, version, \
                 name, email, email_digest, phone, best_time, health, message, chosen) ",
            );
            query.push_values(past.iter().zip(sealed), |mut row, (one, (name, email, digest, phone, best_time, health, message, chosen, mark))| {
                let (answers, receiving) = (one.new.answers(), &one.receiving);
                row.push_bind(one.seq).push_bind(receiving.reference.as_str()).push_bind(one.new.submission().to_vec());
                row.push_bind(receiving.receipt_digest.to_vec());
                row.push_bind(receiving.received_at.as_millisecond()).push_bind(receiving.answer_by.as_millisecond());
                row.push_bind(rank(answers.urgent)).push_bind(receiving.status.as_str()).push_bind(mark);
                row.push_bind(receiving.consent_version).push_bind(receiving.signals.join(",")).push_bind(one.assignee);
                row.push_bind(time(one.opened_at)).push_bind(time(one.answered_at));
                row.push_bind(one.merged_into.map(Reference::as_str)).push_bind(1_i64);
                row.push_bind(name).push_bind(email).push_bind(digest).push_bind(phone);
                row.push_bind(best_time).push_bind(health).push_bind(message).push_bind(chosen);
            });
            query.build().execute(db).await?;
        });
        Ok(())
    }

    async fn add_past_messages(&mut self, past: &[Past<'_>]) -> Result<(), Error> {
        let key = self.sealing_key().await?;
        let mailed = past.iter().filter(|one| one.receiving.status != Status::Spam);
        let messages: Vec<PastMessage> = mailed.flat_map(messages_of).collect();
        if messages.is_empty() {
            return Ok(());
        }
        let mut sealed = Vec::new();
        for message in &messages {
            let answer = message.refusal.map(|answer| seal(&key, last_answer(&message.id), answer));
            sealed.push(answer.transpose()?);
        }
        writing!(self, db => {
            let mut query = QueryBuilder::new(
                "INSERT INTO outbox (id, inquiry, kind, recipient, entry, state, created_at, attempts, next_attempt_at, give_up_at, settled_at, last_answer) ",
            );
            query.push_values(messages.iter().zip(sealed), |mut row, (message, answer)| {
                let (kind, at) = (message.kind, message.at.as_millisecond());
                let state = if answer.is_some() { State::Failed } else { State::Sent };
                row.push_bind(&message.id).push_bind(message.inquiry).push_bind(kind.as_str());
                row.push_bind((kind == Kind::Notice).then_some("desk@clinic.example")).push_bind(message.entry);
                row.push_bind(state.as_str()).push_bind(at).push_bind(1_i64).push_bind(at).push_bind(at).push_bind(at).push_bind(answer);
            });
            query.build().execute(db).await?;
        });
        Ok(())
    }

    async fn add_past_entries(&mut self, entries: &[(i64, &PastEntry<'_>)]) -> Result<(), Error> {
        let key = self.sealing_key().await?;
        let mut sealed = Vec::new();
        for (_, entry) in entries {
            sealed.push(seal(&key, Place::new("entry", "words", &entry.seq.to_string()), entry.words)?);
        }
        writing!(self, db => {
            let mut query = QueryBuilder::new("INSERT INTO entry (seq, inquiry, at, staff, kind, words) ");
            query.push_values(entries.iter().zip(sealed), |mut row, ((inquiry, entry), words)| {
                row.push_bind(entry.seq).push_bind(*inquiry).push_bind(entry.at.as_millisecond()).push_bind(entry.staff);
                row.push_bind(entry.kind.as_str()).push_bind(words);
            });
            query.build().execute(db).await?;
        });
        Ok(())
    }

    /// Makes inquiries found by their words. In the order of the index, so that each of its pages is written once.
    ///
    /// # Errors
    /// When the database refuses them.
    pub async fn add_found(&mut self, found: &mut [Found]) -> Result<(), Error> {
        found.sort_unstable();
        for some in found.chunks(10_000) {
            if let Self::Postgres(tx) = self {
                let (tokens, inquiries): (Vec<i64>, Vec<i64>) = some.iter().map(|one| (one.token, one.inquiry)).unzip();
                sqlx::query("INSERT INTO inquiry_token (token, inquiry) SELECT * FROM unnest($1::bigint[], $2::bigint[]) ON CONFLICT DO NOTHING")
                    .bind(tokens).bind(inquiries).execute(&mut **tx).await?;
                continue;
            }
            writing!(&mut *self, db => {
                let mut query = QueryBuilder::new("INSERT INTO inquiry_token (token, inquiry) ");
                query.push_values(some, |mut row, one| { row.push_bind(one.token).push_bind(one.inquiry); });
                query.push(" ON CONFLICT DO NOTHING");
                query.build().execute(db).await?;
            });
        }
        Ok(())
    }
}
