//! What else the person wrote whose inquiry somebody has before them: found by the address, and by the number however it is
//! written. Both are looked up, so that it costs no more with a million inquiries.

use std::collections::BTreeSet;

use super::inquiries::COLUMNS;
use super::inquiry_row::inquiry;
use super::inquiry_words::{digits, tail};
use super::row::Columns;
use super::{Error, Store, push_list, reading, search};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Contact, Inquiry};

/// The newest inquiries that are opened for a number: its last digits may be somebody else's too.
const MOST_OPENED: i64 = 40;

impl Store {
    /// At most `most` inquiries of who is reached by this address or this number, the newest first. Those that do not open
    /// are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of_same_person(&self, contact: &Contact, most: usize) -> Result<Vec<Inquiry>, Error> {
        let mut numbers = BTreeSet::new();
        if let Some(email) = contact.email() {
            numbers.extend(self.numbers_by_address(email, i64::try_from(most).unwrap_or(i64::MAX)).await?);
        }
        if let Some(phone) = contact.phone() {
            numbers.extend(self.numbers_by_phone(phone).await?);
        }
        let found = self.those_that_open(&numbers).await?;
        let is_theirs = |other: &Inquiry| {
            let theirs = &other.answers.contact;
            let email = contact.email().map(EmailAddress::folded);
            let is_number = |phone: &PhoneNumber| theirs.phone().is_some_and(|other| other.reaches_same_as(phone));
            (email.is_some() && email == theirs.email().map(EmailAddress::folded))
                || contact.phone().is_some_and(is_number)
        };
        Ok(found.into_iter().filter(is_theirs).take(most).collect())
    }

    async fn numbers_by_address(&self, email: &EmailAddress, most: i64) -> Result<Vec<i64>, Error> {
        let digests = search::email_digests(&self.keys_in_use().await?, email);
        reading!(self, db => {
            let mut query = sqlx::QueryBuilder::new("SELECT seq FROM inquiry WHERE email_digest IN ");
            push_list!(query, digests);
            query.push(" ORDER BY seq DESC LIMIT ").push_bind(most);
            query.build().fetch_all(db).await?.iter().map(|row| row.number("seq")).collect()
        })
    }

    async fn numbers_by_phone(&self, phone: &PhoneNumber) -> Result<BTreeSet<i64>, Error> {
        let mut found = BTreeSet::new();
        for key in self.keys_in_use().await? {
            for form in forms(phone) {
                let token = key.token(&form);
                let hits: Vec<i64> = reading!(self, db => {
                    let mut query = sqlx::QueryBuilder::new("SELECT i.inquiry FROM inquiry_token i");
                    query.push(" WHERE i.token = ").push_bind(token);
                    query.push(" ORDER BY i.inquiry DESC LIMIT ").push_bind(MOST_OPENED);
                    query.build().fetch_all(db).await?.iter().map(|row| row.number("inquiry")).collect::<Result<_, _>>()?
                });
                found.extend(hits);
            }
        }
        Ok(found)
    }

    async fn those_that_open(&self, numbers: &BTreeSet<i64>) -> Result<Vec<Inquiry>, Error> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        reading!(self, db => {
            let mut query = sqlx::QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM inquiry i WHERE i.seq IN ");
            push_list!(query, numbers.iter().copied());
            query.push(" ORDER BY i.seq DESC");
            let rows = query.build().fetch_all(db).await?;
            // Told in the log; one damaged inquiry must not close the page of another.
            let opened = rows.iter().map(|row| inquiry(row, self.sealing()));
            opened.filter(|opened| !matches!(opened, Err(Error::Damaged(_)))).collect()
        })
    }
}

/// Every form by which the same number is found, wherever it is dialled from: its digits, and how they end.
fn forms(number: &PhoneNumber) -> Vec<String> {
    let digits = digits(number);
    let tail = tail(&digits);
    [digits].into_iter().chain(tail).collect()
}
