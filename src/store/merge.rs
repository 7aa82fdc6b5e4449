//! Inquiries that are dealt with as one: a duplicate names the one that is kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::chosen::Chosen;
use super::inquiries::COLUMNS;
use super::inquiry_row::{inquiry, rank};
use super::row::Columns;
use super::{Error, Store, Tx, push_list, reading, search, writing};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Inquiry, Reference, Urgent};

/// References of one question to the database; each is asked for twice.
const AT_ONCE: usize = 500;
/// Inquiries opened at once.
const PAGE: i64 = 500;

impl Store {
    /// The duplicates that were merged into an inquiry, in the order they came.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn merged_into(&self, kept: &Reference) -> Result<Vec<Inquiry>, Error> {
        let kept = kept.as_str().to_owned();
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM inquiry i WHERE i.merged_into = ").push_bind(kept).push(" ORDER BY i.seq");
            query.build().fetch_all(db).await?.iter().map(|row| inquiry(row, self.sealing())).collect()
        })
    }

    /// The references of every inquiry of the person with this address: those that gave it, and what is merged with them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn references_of_person(&self, email: &EmailAddress) -> Result<Vec<Reference>, Error> {
        self.persons(self.kept_of(email).await?).await
    }

    /// The same for who gave this number, whatever stands between its digits; and the references of inquiries that do not
    /// open, of which nobody can say whose they are. No digest of numbers is kept, so every inquiry is opened: a million
    /// take some ten seconds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn references_of_number(&self, number: &PhoneNumber) -> Result<(Vec<Reference>, Vec<String>), Error> {
        let (mut next, mut kept, mut unreadable) = (Some(0), BTreeSet::new(), Vec::new());
        while let Some(after) = next {
            let page = self.readable_after(after, Timestamp::MIN, PAGE).await?;
            next = page.next;
            for inquiry in page.inquiries {
                match inquiry {
                    Ok(inquiry) => {
                        let is_theirs = inquiry.answers.contact.phone().is_some_and(|phone| phone.is_same_as(number));
                        let reference = inquiry.merged_into.unwrap_or(inquiry.reference);
                        kept.extend(is_theirs.then(|| reference.to_string()));
                    }
                    Err(damaged) => unreadable.push(damaged.reference),
                }
            }
        }
        Ok((self.persons(kept).await?, unreadable))
    }

    async fn persons(&self, kept: BTreeSet<String>) -> Result<Vec<Reference>, Error> {
        let kept: Vec<String> = kept.into_iter().collect();
        let mut found = Vec::new();
        for some in kept.chunks(AT_ONCE) {
            found.extend(self.whole(some).await?);
        }
        found.sort_unstable_by_key(|(seq, _)| *seq);
        Ok(found.into_iter().map(|(_, reference)| reference).collect())
    }

    async fn kept_of(&self, email: &EmailAddress) -> Result<BTreeSet<String>, Error> {
        let digests = search::email_digests(&self.keys_in_use().await?, email);
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT coalesce(merged_into, reference) AS kept FROM inquiry WHERE email_digest IN ");
            push_list!(query, digests);
            query.build().fetch_all(db).await?.iter().map(|row| row.text("kept")).collect()
        })
    }

    /// The inquiries of these references with what is merged into them.
    async fn whole(&self, kept: &[String]) -> Result<Vec<(i64, Reference)>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT seq, reference FROM inquiry WHERE reference IN ");
            push_list!(query, kept.iter().cloned());
            query.push(" OR merged_into IN ");
            push_list!(query, kept.iter().cloned());
            query.build().fetch_all(db).await?.iter().map(found).collect()
        })
    }
}

impl Tx {
    /// The duplicates of an inquiry, by number and reference, as this transaction sees them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn merged_into(&mut self, kept: &Reference) -> Result<Vec<(i64, Reference)>, Error> {
        writing!(self, db => {
            sqlx::query("SELECT seq, reference FROM inquiry WHERE merged_into = $1 ORDER BY seq").bind(kept.as_str())
                .fetch_all(db).await?.iter().map(found).collect()
        })
    }

    /// Lets an inquiry name the one that is kept in its place, or none.
    ///
    /// # Errors
    /// When the database refuses it, or there is no such one.
    pub async fn set_merged(&mut self, inquiry: i64, kept: Option<&Reference>) -> Result<(), Error> {
        let kept = kept.map(Reference::as_str);
        writing!(self, db => {
            sqlx::query("UPDATE inquiry SET merged_into = $1 WHERE seq = $2").bind(kept).bind(inquiry).execute(db).await?;
        });
        Ok(())
    }

    /// What was merged into one inquiry is merged into another, or into none.
    ///
    /// # Errors
    /// When the database refuses it, or there is no such one.
    pub async fn pass_merged(&mut self, from: &Reference, to: Option<&Reference>) -> Result<(), Error> {
        let to = to.map(Reference::as_str);
        writing!(self, db => {
            sqlx::query("UPDATE inquiry SET merged_into = $1 WHERE merged_into = $2").bind(to).bind(from.as_str()).execute(db).await?;
        });
        Ok(())
    }

    /// Sets what an inquiry is sorted by: its red flag and its promise.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn set_promise(&mut self, inquiry: &Inquiry, urgent: Urgent, answer_by: Timestamp) -> Result<(), Error> {
        let key = self.sealing_key().await?;
        let chosen = Chosen { urgent, ..Chosen::of(&inquiry.answers) };
        let chosen = chosen.sealed(&key, inquiry.reference.as_str())?;
        let answer_by = answer_by.as_millisecond();
        writing!(self, db => {
            sqlx::query("UPDATE inquiry SET chosen = $1, rank = $2, answer_by = $3 WHERE seq = $4")
                .bind(chosen).bind(rank(urgent)).bind(answer_by).bind(inquiry.seq).execute(db).await?;
        });
        Ok(())
    }
}

pub(super) fn found(row: &impl Columns) -> Result<(i64, Reference), Error> {
    Ok((row.number("seq")?, Reference::parse(&row.text("reference")?).ok_or(Error::Damaged("reference"))?))
}
