//! Inquiries and their timeline.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::chosen::Chosen;
use super::entry::{Entry, EntryKind, entry, entry_words};
use super::inquiry_row::{Inserted, Receiving, inquiry, rank};
use super::inquiry_words::words_of_inquiry;
use super::row::Columns;
use super::sealing::{email_digest, of_inquiry, seal};
use super::{Error, Store, Tx, push_list, reading, search, writing};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{BestTime, Inquiry, NewInquiry, Reference, Status};
use crate::secret::Place;

pub(super) const COLUMNS: &str = "i.seq, i.reference, i.submission, i.receipt_digest, i.received_at, i.answer_by, i.status, i.rank, i.name, i.email, \
     i.phone, i.best_time, i.health, i.message, i.chosen, i.consent_version, i.signals, \
     i.opened_at, i.answered_at, i.version, i.assignee, i.merged_into";

macro_rules! one_inquiry {
    ($db:expr, $sealing:expr, $condition:literal, $value:expr) => {{
        let mut query = QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM inquiry i WHERE ").push($condition).push_bind($value);
        query.build().fetch_optional($db).await?.map(|row| inquiry(&row, $sealing)).transpose()
    }};
}

impl Store {
    /// The inquiry with this reference.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn inquiry(&self, reference: &Reference) -> Result<Option<Inquiry>, Error> {
        let reference = reference.as_str();
        reading!(self, db => one_inquiry!(db, self.sealing(), "i.reference = ", reference))
    }

    /// The number of the inquiry with this reference, also when its words do not open.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn inquiry_number(&self, reference: &Reference) -> Result<Option<i64>, Error> {
        reading!(self, db => {
            let row = sqlx::query("SELECT seq FROM inquiry WHERE reference = $1").bind(reference.as_str()).fetch_optional(db).await?;
            row.map(|row| row.number("seq")).transpose()
        })
    }

    /// The inquiry whose receipt key has this digest.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn inquiry_by_receipt(&self, digest: &[u8]) -> Result<Option<Inquiry>, Error> {
        let digest = digest.to_vec();
        reading!(self, db => one_inquiry!(db, self.sealing(), "i.receipt_digest = ", digest))
    }

    /// The inquiry with this number, for the courier.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn inquiry_by_seq(&self, seq: i64) -> Result<Option<Inquiry>, Error> {
        reading!(self, db => one_inquiry!(db, self.sealing(), "i.seq = ", seq))
    }

    /// SHA-256 of the receipt key of the same words under the same token; None when they are not stored.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn receipt_of(&self, submission: &[u8; 32]) -> Result<Option<Vec<u8>>, Error> {
        let submission = submission.to_vec();
        reading!(self, db => {
            let query = sqlx::query("SELECT receipt_digest FROM inquiry WHERE submission = $1").bind(submission);
            query.fetch_optional(db).await?.map(|row| row.bytes("receipt_digest")).transpose()
        })
    }

    /// What happened to an inquiry, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn timeline(&self, inquiry: i64) -> Result<Vec<Entry>, Error> {
        reading!(self, db => {
            sqlx::query(
                "SELECT e.seq, e.at, e.staff, s.name AS staff_name, e.kind, e.words FROM entry e LEFT JOIN staff s ON s.id = e.staff \
                 WHERE e.inquiry = $1 ORDER BY e.seq",
            )
            .bind(inquiry).fetch_all(db).await?.iter().map(|row| entry(row, self.sealing())).collect()
        })
    }

    /// The words of one entry, for the reply that carries them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn entry_words(&self, seq: i64) -> Result<Option<String>, Error> {
        reading!(self, db => {
            let row = sqlx::query("SELECT words FROM entry WHERE seq = $1").bind(seq).fetch_optional(db).await?;
            row.map(|row| entry_words(&row, seq, self.sealing())).transpose()
        })
    }
}

const ACKNOWLEDGEMENTS: &str = "SELECT count(*) AS queued FROM outbox o JOIN inquiry i ON i.seq = o.inquiry \
     WHERE o.kind = 'acknowledgement' AND o.created_at > ";

impl Tx {
    /// The inquiry with this number, as this transaction sees it.
    pub(super) async fn stored_inquiry(&mut self, seq: i64) -> Result<Option<Inquiry>, Error> {
        let sealing = self.sealing();
        writing!(self, db => one_inquiry!(db, &sealing, "i.seq = ", seq))
    }

    /// How many acknowledgements were queued for a mailbox since a moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn acknowledgements_since(&mut self, address: &EmailAddress, since: Timestamp) -> Result<i64, Error> {
        let (digests, since) = (search::email_digests(&self.keys_in_use().await?, address), since.as_millisecond());
        let newest = self.sealing_key().await?.token(&address.folded());
        if let Self::Postgres(tx) = self {
            // Of several inquiries at once from one address, each counts those before it.
            sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(newest).execute(&mut **tx).await?;
        }
        writing!(self, db => {
            let mut query = QueryBuilder::new(ACKNOWLEDGEMENTS);
            query.push_bind(since).push(" AND i.email_digest IN ");
            push_list!(query, digests);
            query.build().fetch_one(db).await?.number("queued")
        })
    }

    /// Stores an inquiry with the words it is found by, unless the same submission, or another one under this reference, is there already.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_inquiry(&mut self, new: &NewInquiry, receiving: &Receiving<'_>) -> Result<Inserted, Error> {
        let answers = new.answers();
        let (contact, chosen) = (&answers.contact, Chosen::of(answers));
        let key = self.sealing_key().await?;
        let sealed = |column, text: &str| seal(&key, of_inquiry(column, receiving.reference.as_str()), text);
        let maybe_sealed = |column, text: Option<&str>| text.map(|text| sealed(column, text)).transpose();
        let inserted: Option<i64> = writing!(self, db => {
            let row = sqlx::query(
                "INSERT INTO inquiry (reference, submission, receipt_digest, received_at, answer_by, rank, status, technique, name, \
                 email, email_digest, phone, best_time, health, message, chosen, consent_version, signals) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
                 ON CONFLICT DO NOTHING RETURNING seq",
            )
            .bind(receiving.reference.as_str())
            .bind(new.submission().to_vec())
            .bind(receiving.receipt_digest.to_vec())
            .bind(receiving.received_at.as_millisecond())
            .bind(receiving.answer_by.as_millisecond())
            .bind(rank(answers.urgent))
            .bind(receiving.status.as_str())
            .bind(chosen.mark(&key))
            .bind(sealed("name", answers.name.as_str())?)
            .bind(maybe_sealed("email", contact.email().map(EmailAddress::as_str))?)
            .bind(contact.email().map(|email| email_digest(&key, email)))
            .bind(maybe_sealed("phone", contact.phone().map(PhoneNumber::as_str))?)
            .bind(maybe_sealed("best_time", answers.best_time.as_ref().map(BestTime::as_str))?)
            .bind(sealed("health", &answers.health.join(","))?)
            .bind(sealed("message", answers.message.as_str())?)
            .bind(chosen.sealed(&key, receiving.reference.as_str())?)
            .bind(receiving.consent_version)
            .bind(receiving.signals.join(","))
            .fetch_optional(db).await?;
            row.map(|row| row.number("seq")).transpose()?
        });
        let Some(seq) = inserted else { return self.why_not_inserted(new).await };
        self.add_words(seq, &words_of_inquiry(receiving.reference, answers)).await?;
        Ok(Inserted::New(seq))
    }

    async fn why_not_inserted(&mut self, new: &NewInquiry) -> Result<Inserted, Error> {
        writing!(self, db => {
            let query = sqlx::query("SELECT seq FROM inquiry WHERE submission = $1").bind(new.submission().to_vec());
            let is_repeat = query.fetch_optional(db).await?.is_some();
            Ok(if is_repeat { Inserted::Repeated } else { Inserted::ReferenceTaken })
        })
    }

    /// Adds to the timeline; gives the entry's number, which its words are sealed for.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_entry(
        &mut self,
        inquiry: i64,
        at: Timestamp,
        staff: Option<&str>,
        kind: EntryKind,
        words: &str,
    ) -> Result<i64, Error> {
        let key = self.sealing_key().await?;
        let at = at.as_millisecond();
        writing!(self, db => {
            let row = sqlx::query("INSERT INTO entry (inquiry, at, staff, kind, words) VALUES ($1, $2, $3, $4, $5) RETURNING seq")
                .bind(inquiry).bind(at).bind(staff).bind(kind.as_str()).bind(Vec::<u8>::new()).fetch_one(&mut *db).await?;
            let seq = row.number("seq")?;
            let words = seal(&key, Place::new("entry", "words", &seq.to_string()), words)?;
            sqlx::query("UPDATE entry SET words = $1 WHERE seq = $2").bind(words).bind(seq).execute(&mut *db).await?;
            Ok(seq)
        })
    }

    /// Takes somebody's own note out of the timeline and out of what the inquiry is found by; gives its words. None where there is
    /// no such note of theirs.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn remove_note(&mut self, inquiry: i64, staff: &str, note: i64) -> Result<Option<String>, Error> {
        let sealing = self.sealing();
        let words: Option<String> = writing!(&mut *self, db => {
            let row = sqlx::query(
                "DELETE FROM entry WHERE seq = $1 AND inquiry = $2 AND staff = $3 AND kind = 'note' RETURNING words",
            ).bind(note).bind(inquiry).bind(staff).fetch_optional(db).await?;
            row.map(|row| entry_words(&row, note, &sealing)).transpose()?
        });
        if words.is_some() {
            self.index_anew(inquiry).await?;
        }
        Ok(words)
    }

    /// Counts a change of an inquiry. With `expected`, only when nobody has changed it since that version.
    /// True when it was counted.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn bump_version(&mut self, inquiry: i64, expected: Option<i64>) -> Result<bool, Error> {
        writing!(self, db => {
            let mut query = QueryBuilder::new("UPDATE inquiry SET version = version + 1 WHERE seq = ");
            query.push_bind(inquiry);
            if let Some(expected) = expected {
                query.push(" AND version = ").push_bind(expected);
            }
            Ok(query.build().execute(db).await?.rows_affected() == 1)
        })
    }

    /// Sets the status.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_status(&mut self, inquiry: i64, status: Status) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("UPDATE inquiry SET status = $1 WHERE seq = $2").bind(status.as_str()).bind(inquiry).execute(db).await?;
        });
        Ok(())
    }

    /// Makes it somebody's, or nobody's.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_assignee(&mut self, inquiry: i64, staff: Option<&str>) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("UPDATE inquiry SET assignee = $1 WHERE seq = $2").bind(staff).bind(inquiry).execute(db).await?;
        });
        Ok(())
    }

    /// Notes the first time somebody opened it; later times change nothing. True the first time.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn mark_opened(&mut self, inquiry: i64, at: Timestamp) -> Result<bool, Error> {
        let at = at.as_millisecond();
        writing!(self, db => {
            let done = sqlx::query("UPDATE inquiry SET opened_at = $1 WHERE seq = $2 AND opened_at IS NULL").bind(at).bind(inquiry).execute(db).await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Notes the first answer; later ones change nothing.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn mark_answered(&mut self, inquiry: i64, at: Timestamp) -> Result<(), Error> {
        let at = at.as_millisecond();
        writing!(self, db => {
            sqlx::query("UPDATE inquiry SET answered_at = $1 WHERE seq = $2 AND answered_at IS NULL").bind(at).bind(inquiry).execute(db).await?;
        });
        Ok(())
    }

    /// Takes back that an inquiry was first answered at this moment; any other moment stays.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn clear_answered(&mut self, inquiry: i64, at: Timestamp) -> Result<(), Error> {
        let at = at.as_millisecond();
        writing!(self, db => {
            sqlx::query("UPDATE inquiry SET answered_at = NULL WHERE seq = $1 AND answered_at = $2").bind(inquiry).bind(at).execute(db).await?;
        });
        Ok(())
    }
}
