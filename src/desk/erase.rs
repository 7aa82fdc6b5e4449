//! Erasing an inquiry for good: by its writer, by staff, from a shell.

use jiff::Timestamp;

use super::leave_no_trace;
use crate::inquiry::{Inquiry, Reference};
use crate::staff::Actor;
use crate::store::{Erased, Error, Store, Tx};

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

/// Takes an inquiry away with its notes, timeline and mails, and with what was merged into it; only the references stay, in
/// the audit log.
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
    leave_no_trace(store).await;
    Ok(erased)
}

pub(super) async fn erased_by(
    tx: &mut Tx,
    who: &str,
    inquiry: i64,
    reference: &Reference,
    now: Timestamp,
) -> Result<Erased, Error> {
    let mut all = Erased::default();
    let merged = tx.merged_into(reference).await?;
    for (seq, reference) in merged.iter().map(|(seq, reference)| (*seq, reference)).chain([(inquiry, reference)]) {
        let erased = tx.erase(seq).await?;
        tx.add_audit(now, who, "inquiry.erased", reference.as_str(), "").await?;
        (all.entries, all.mails) = (all.entries + erased.entries, all.mails + erased.mails);
    }
    all.merged.extend(merged.into_iter().map(|(_, reference)| reference));
    Ok(all)
}
