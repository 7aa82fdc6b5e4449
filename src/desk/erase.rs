//! Erasing an inquiry for good, and the writer's own hand in it: correcting their phone number, withdrawing.

use jiff::Timestamp;

use crate::contact::PhoneNumber;
use crate::inquiry::{Inquiry, Reference};
use crate::staff::Actor;
use crate::store::{EntryKind, Erased, Error, Store, Tx};

/// Who erases.
#[derive(Clone, Copy, Debug)]
pub enum Eraser<'a> {
    /// The person who wrote, from their receipt.
    Writer,
    /// A member of staff, at the desk.
    Actor(&'a Actor),
    /// Somebody with a shell on the server.
    Operator,
}

/// Takes an inquiry away with its notes, timeline and mails; only its reference stays, in the audit log.
///
/// # Errors
/// When nothing was erased.
pub async fn erase(store: &Store, eraser: Eraser<'_>, inquiry: &Inquiry, now: Timestamp) -> Result<Erased, Error> {
    erase_unread(store, eraser, inquiry.seq, &inquiry.reference, now).await
}

/// The same for one whose words need not open.
///
/// # Errors
/// When nothing was erased.
pub async fn erase_unread(
    store: &Store,
    eraser: Eraser<'_>,
    inquiry: i64,
    reference: &Reference,
    now: Timestamp,
) -> Result<Erased, Error> {
    let name = match eraser {
        Eraser::Writer => "writer",
        Eraser::Actor(actor) => actor.id(),
        Eraser::Operator => "operator",
    };
    let mut tx = store.begin().await?;
    let erased = erased_by(&mut tx, name, inquiry, reference, now).await?;
    tx.commit().await?;
    if let Err(cause) = store.forget_deleted().await {
        // It is erased; its traces in the log go with the next checkpoint.
        tracing::warn!(%cause, "the database's log could not be folded in yet");
    }
    Ok(erased)
}

pub(super) async fn erased_by(
    tx: &mut Tx,
    who: &str,
    inquiry: i64,
    reference: &Reference,
    now: Timestamp,
) -> Result<Erased, Error> {
    let erased = tx.erase(inquiry).await?;
    tx.add_audit(now, who, "inquiry.erased", reference.as_str(), "").await?;
    Ok(erased)
}

/// Puts the writer's phone number right; staff see in the timeline that it changed.
///
/// # Errors
/// When it is not stored.
pub async fn correct_phone(store: &Store, inquiry: &Inquiry, phone: &PhoneNumber, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    tx.bump_version(inquiry.seq, None).await?;
    tx.set_phone(inquiry, phone).await?;
    tx.add_entry(inquiry.seq, now, None, EntryKind::Phone, "").await?;
    tx.add_audit(now, "writer", "inquiry.phone", inquiry.reference.as_str(), "").await?;
    tx.commit().await
}
