//! What somebody has taken down of calls before: whoever goes back to the form for a call reads that it is stored, and is asked
//! before the same call is stored twice.

use jiff::SignedDuration;

use super::bench::Bench;
use super::routes;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{BestTime, Inquiry, InquiryForm, Reference};
use crate::store::{self, Call, Done};

/// How long the form says what was stored last: whoever goes back to it once more has the call in mind.
const LAST_TOLD: SignedDuration = SignedDuration::from_hours(1);

/// An inquiry that was taken down before: whoever goes back to the form reads that it is stored.
pub(super) struct Last {
    pub reference: Reference,
    pub name: String,
    /// The page that says what to tell the person.
    pub href: String,
    pub ago: String,
}

impl Last {
    /// The last one, or the one before another; None where that is long ago.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn of(bench: &Bench, before: Option<&Reference>) -> Result<Option<Self>, store::Error> {
        let mut taken = taken_now(bench).await?;
        if let Some(before) = before {
            let upto = taken.iter().rposition(|taken| taken.reference == *before);
            taken.truncate(upto.unwrap_or(0));
        }
        let Some(last) = taken.last() else { return Ok(None) };
        let stored = bench.store.inquiry(&last.reference).await?;
        Ok(stored.map(|stored| Self::told(bench, last, &stored)))
    }

    fn told(bench: &Bench, taken: &Done, inquiry: &Inquiry) -> Self {
        Self {
            reference: taken.reference.clone(),
            name: inquiry.answers.name.as_str().to_owned(),
            href: routes::taken(&taken.reference, None),
            ago: bench.age(taken.entry.at),
        }
    }

    /// Where its address and number are put right.
    pub(super) fn correction(&self) -> String {
        routes::correction(&routes::inquiry(self.reference.as_str()))
    }
}

/// The inquiry that was stored from a form which somebody went back to: they have put something right there, or begun another call.
pub(super) struct Stored {
    pub inquiry: Inquiry,
    pub told: Last,
}

impl Stored {
    /// None where nothing was stored from it, or long ago, or where neither name nor words are those that were.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn from(bench: &Bench, name: &str, form: &InquiryForm) -> Result<Option<Self>, store::Error> {
        let taken = taken_now(bench).await?;
        let Some(taken) = taken.iter().rfind(|taken| taken.entry.words == name) else { return Ok(None) };
        let Some(inquiry) = bench.store.inquiry(&taken.reference).await? else { return Ok(None) };
        let answers = &inquiry.answers;
        let is_like = is_same(answers.name.as_str(), &form.name) || is_same(answers.message.as_str(), &form.message);
        Ok(is_like.then(|| Self { told: Last::told(bench, taken, &inquiry), inquiry }))
    }

    /// Whether nothing is said in a form that is not stored but another name, number or address: these are put right where it is
    /// stored, and are no call that is yet to be.
    pub(super) fn holds(&self, form: &InquiryForm) -> bool {
        let answers = &self.inquiry.answers;
        let (phone, email) = (answers.contact.phone(), answers.contact.email());
        let is_same_way = |stored: Option<&str>, typed: &str| stored.is_some_and(|stored| is_same(stored, typed));
        let is_theirs = is_same(answers.name.as_str(), &form.name)
            || is_same_way(phone.map(PhoneNumber::as_str), &form.phone)
            || is_same_way(email.map(EmailAddress::as_str), &form.email);
        let is_left_or = |typed: &str, stored: Option<&str>| typed.trim().is_empty() || is_same_way(stored, typed);
        is_theirs
            && is_same(answers.message.as_str(), &form.message)
            && is_left_or(&form.urgent, Some(answers.urgent.as_str()))
            && is_left_or(&form.technique, answers.technique.as_deref())
            && is_left_or(&form.best_time, answers.best_time.as_ref().map(BestTime::as_str))
            && form.health.iter().all(|ticked| answers.health.contains(ticked))
    }
}

/// Whether all that somebody takes down was stored before from the same form.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn is_stored_from(bench: &Bench, name: &str, call: &Call) -> Result<bool, store::Error> {
    Ok(Stored::from(bench, name, &call.form).await?.is_some_and(|stored| stored.holds(&call.form)))
}

/// Whether two texts differ in nothing but the space between their words, which browsers write as they like.
fn is_same(stored: &str, typed: &str) -> bool {
    stored.split_whitespace().eq(typed.split_whitespace())
}

/// What they took down so short a time ago that it is told.
async fn taken_now(bench: &Bench) -> Result<Vec<Done>, store::Error> {
    bench.store.taken_by(bench.actor.id(), bench.now - LAST_TOLD).await
}
