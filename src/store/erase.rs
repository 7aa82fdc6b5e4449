//! Taking an inquiry away with everything that was written about it, and putting a phone number right.

use super::row::Columns;
use super::{Error, Store, Tx, reading, search, writing};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Inquiry, Reference};

/// What went with an inquiry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Lines of its timeline: notes and replies with their words.
    pub entries: u64,
    /// Rows of the outbox, sent ones included.
    pub mails: u64,
}

impl Store {
    /// The references of every inquiry that gave this address.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn references_of(&self, email: &EmailAddress) -> Result<Vec<Reference>, Error> {
        let folded = email.folded();
        reading!(self, db => {
            sqlx::query("SELECT reference FROM inquiry WHERE email_folded = $1 ORDER BY seq").bind(folded).fetch_all(db).await?
                .iter().map(|row| Reference::parse(&row.text("reference")?).ok_or(Error::Damaged("reference"))).collect()
        })
    }

    /// Leaves nothing of what was deleted in SQLite's log: it is folded into the file, whose free pages are zeros.
    ///
    /// # Errors
    /// When the log cannot be folded in, because somebody reads from it for long.
    pub async fn forget_deleted(&self) -> Result<(), Error> {
        let Self::Sqlite { write, .. } = self else { return Ok(()) };
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(write).await?;
        if row.number("busy")? == 0 { Ok(()) } else { Err(Error::Busy) }
    }
}

impl Tx {
    /// Deletes an inquiry, the words it is found by, its timeline and its mails. The audit log keeps its reference.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn erase(&mut self, inquiry: i64) -> Result<Erased, Error> {
        writing!(self, db => {
            let mails = sqlx::query("DELETE FROM outbox WHERE inquiry = $1").bind(inquiry).execute(&mut *db).await?.rows_affected();
            let entries = sqlx::query("DELETE FROM entry WHERE inquiry = $1").bind(inquiry).execute(&mut *db).await?.rows_affected();
            sqlx::query("DELETE FROM inquiry_word WHERE inquiry = $1").bind(inquiry).execute(&mut *db).await?;
            sqlx::query("DELETE FROM inquiry WHERE seq = $1").bind(inquiry).execute(&mut *db).await?;
            Ok(Erased { entries, mails })
        })
    }

    /// Replaces a phone number, also among the words that the inquiry is found by.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_phone(&mut self, inquiry: &Inquiry, phone: &PhoneNumber) -> Result<(), Error> {
        let mut answers = inquiry.answers.clone();
        answers.contact = answers.contact.with_phone(phone.clone());
        let mut words = search::words_of_inquiry(&inquiry.reference, &answers);
        let written: Vec<String> = writing!(&mut *self, db => {
            sqlx::query("UPDATE inquiry SET phone = $1 WHERE seq = $2").bind(phone.as_str()).bind(inquiry.seq).execute(&mut *db).await?;
            sqlx::query("DELETE FROM inquiry_word WHERE inquiry = $1").bind(inquiry.seq).execute(&mut *db).await?;
            sqlx::query("SELECT words FROM entry WHERE inquiry = $1 AND kind IN ('note', 'reply')").bind(inquiry.seq)
                .fetch_all(&mut *db).await?.iter().map(|row| row.text("words")).collect::<Result<_, _>>()?
        });
        words.extend(written.iter().flat_map(|text| search::words(text)));
        self.add_words(inquiry.seq, &words).await
    }
}
