//! What we do with inquiries: receive them, open them, change them, answer them, hand them out.
//! Nothing here sends: a message is owed in the same transaction, and the courier takes it from there.

pub mod accounts;
mod erase;
mod export;
mod receive;
mod reply;
mod triage;

use jiff::Timestamp;

pub use erase::{Eraser, correct_phone, erase};
pub use export::{ExportError, ExportFormat, export};
pub use receive::{Policy, receive};
pub use reply::{Replied, reply};
pub use triage::{Change, add_note, change_status, open, retry_message};

use crate::store::{Error, Tx};

/// Counts the change and, when a page said which version it showed, refuses a stale one.
async fn still_current(tx: &mut Tx, inquiry: i64, shown: Option<i64>) -> Result<bool, Error> {
    tx.bump_version(inquiry, shown).await
}

/// One line of the audit log about an inquiry.
async fn note_in_audit(
    tx: &mut Tx,
    at: Timestamp,
    actor: &str,
    action: &str,
    reference: &str,
    detail: &str,
) -> Result<(), Error> {
    tx.add_audit(at, actor, action, reference, detail).await
}
