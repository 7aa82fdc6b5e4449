//! Taking an inquiry away with everything that was written about it, and putting right how to reach its writer.

use sqlx::QueryBuilder;

use super::chosen::Chosen;
use super::row::Columns;
use super::sealing::{email_digest, of_inquiry, seal};
use super::{Error, Store, Tx, push_list, reading, search, writing};
use crate::contact::EmailAddress;
use crate::inquiry::{Contact, Inquiry, Reference};

/// What went with an inquiry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Lines of its timeline: notes and replies with their words.
    pub entries: u64,
    /// Rows of the outbox, sent ones included.
    pub mails: u64,
    /// Inquiries that were merged into it; their lines and mails are counted above.
    pub merged: Vec<Reference>,
}

impl Store {
    /// The references of every inquiry that gave this address.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn references_of(&self, email: &EmailAddress) -> Result<Vec<Reference>, Error> {
        let digests = search::email_digests(&self.keys_in_use().await?, email);
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT reference FROM inquiry WHERE email_digest IN ");
            push_list!(query, digests);
            query.push(" ORDER BY seq");
            query.build().fetch_all(db).await?
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
    /// Deletes an inquiry, the words it is found by, its timeline, its mails, and what was begun about it. The audit log keeps its reference.
    /// What was merged into it stands alone again: whoever wants it gone too says so.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn erase(&mut self, inquiry: i64) -> Result<Erased, Error> {
        let reference: Option<String> = writing!(&mut *self, db => {
            let row = sqlx::query("SELECT reference FROM inquiry WHERE seq = $1").bind(inquiry).fetch_optional(db).await?;
            row.map(|row| row.text("reference")).transpose()?
        });
        if let Some(reference) = reference {
            let named = Reference::parse(&reference).ok_or(Error::Damaged("reference"))?;
            self.pass_merged(&named, None).await?;
            self.remember_erased(reference);
        }
        writing!(self, db => {
            let mails = sqlx::query("DELETE FROM outbox WHERE inquiry = $1").bind(inquiry).execute(&mut *db).await?.rows_affected();
            let entries = sqlx::query("DELETE FROM entry WHERE inquiry = $1").bind(inquiry).execute(&mut *db).await?.rows_affected();
            sqlx::query("DELETE FROM draft WHERE inquiry = $1").bind(inquiry).execute(&mut *db).await?;
            sqlx::query("DELETE FROM inquiry_token WHERE inquiry = $1").bind(inquiry).execute(&mut *db).await?;
            sqlx::query("DELETE FROM inquiry WHERE seq = $1").bind(inquiry).execute(&mut *db).await?;
            Ok(Erased { entries, mails, merged: Vec::new() })
        })
    }

    /// Replaces how to reach the writer, also among the words that the inquiry is found by.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_contact(&mut self, inquiry: &Inquiry, contact: &Contact) -> Result<(), Error> {
        let key = self.sealing_key().await?;
        let sealed = |column, text: &str| seal(&key, of_inquiry(column, inquiry.reference.as_str()), text);
        let email = contact.email().map(|email| sealed("email", email.as_str())).transpose()?;
        let phone = contact.phone().map(|phone| sealed("phone", phone.as_str())).transpose()?;
        let digest = contact.email().map(|email| email_digest(&key, email));
        let chosen = Chosen { contact_by: contact.by(), ..Chosen::of(&inquiry.answers) };
        let chosen = chosen.sealed(&key, inquiry.reference.as_str())?;
        writing!(&mut *self, db => {
            sqlx::query("UPDATE inquiry SET email = $1, email_digest = $2, phone = $3, chosen = $4 WHERE seq = $5")
                .bind(email).bind(digest).bind(phone).bind(chosen).bind(inquiry.seq).execute(db).await?;
        });
        self.index_anew(inquiry.seq).await
    }
}
