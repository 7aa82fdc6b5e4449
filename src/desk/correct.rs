//! Putting right how to reach a person: their number by themselves, address and number by staff. The old ones are not kept.

use jiff::Timestamp;

use super::Change;
use crate::contact::PhoneNumber;
use crate::inquiry::{Contact, Inquiry};
use crate::staff::Actor;
use crate::store::{EntryKind, Error, Store, Which};

/// Puts the writer's phone number right; staff see in the timeline that it changed.
///
/// # Errors
/// When it is not stored.
pub async fn correct_phone(store: &Store, inquiry: &Inquiry, phone: &PhoneNumber, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    tx.bump_version(inquiry.seq, None).await?;
    tx.set_contact(inquiry, &inquiry.answers.contact.clone().with_phone(phone.clone())).await?;
    tx.add_entry(inquiry.seq, now, None, EntryKind::Phone, "").await?;
    tx.add_audit(now, "writer", "inquiry.phone", inquiry.reference.as_str(), "").await?;
    tx.commit().await
}

/// Puts right what staff or the writer mistyped. With another address, what the writer is still owed is due at once: a
/// mail is addressed when it leaves. What has left stays where it arrived.
///
/// # Errors
/// When it is not stored.
pub async fn correct_contact(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    shown: Option<i64>,
    contact: &Contact,
    now: Timestamp,
) -> Result<Change, Error> {
    let corrected = corrected(&inquiry.answers.contact, contact);
    if corrected.is_empty() {
        return Ok(Change::Done);
    }
    let mut tx = store.begin().await?;
    if !tx.bump_version(inquiry.seq, Some(shown.unwrap_or(inquiry.version))).await? {
        return Ok(Change::Stale);
    }
    tx.set_contact(inquiry, contact).await?;
    if corrected.contains(&"email") {
        tx.retry_messages(Which::ToWriterOf(inquiry.seq), now).await?;
    }
    let what = corrected.join(",");
    tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::Contact, &what).await?;
    tx.add_audit(now, actor.id(), "inquiry.contact", inquiry.reference.as_str(), &what).await?;
    tx.commit().await?;
    Ok(Change::Done)
}

/// What differs, as the names of the form's fields.
fn corrected(before: &Contact, after: &Contact) -> Vec<&'static str> {
    let differs = [
        ("email", before.email() != after.email()),
        ("phone", before.phone() != after.phone()),
        ("contact_by", before.by() != after.by()),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}
