//! What we do with inquiries: receive them, open them, change them, answer them, hand them out.
//! Nothing here sends: a message is owed in the same transaction, and the courier takes it from there.

mod access;
pub mod accounts;
mod audit;
mod copies;
mod correct;
mod draft;
mod erase;
mod escalate;
mod export;
pub mod insights;
mod keeping;
mod merge;
mod note;
mod person;
mod receive;
mod reply;
mod rounds;
pub mod second_factor;
mod triage;
mod undo;

pub use access::{Access, accesses, csv_of_accesses, record_listing};
pub use audit::{HeadError, HeadFile, accept_audit, prove_audit};
pub use copies::Copies;
pub use correct::{Along, Corrected, correct_contact, correct_phone};
pub use draft::{Begun, discard_call, discard_draft, forget_calls_of, keep_call, keep_draft};
pub use erase::{Eraser, erase, erase_unread};
pub use escalate::{digest_spam, escalate};
pub use export::{ExportError, ExportFormat, Exported, csv_head, csv_line, csv_of, csv_of_unreadable, export};
pub use keeping::{Purge, PurgeRule, finish_rotation, keep_time, purge, reseal, spam_kept_until};
pub use merge::{Obstacle, merge, obstacle, separate, stricter};
pub use note::{add_note, can_be_removed_by, remove_note};
pub use person::{Everything, Kept, everything_about, everything_about_number, file_of};
pub use receive::{Channel, Policy, Taker, receive, take};
pub use reply::{Replied, Then, Words, reply};
pub use rounds::Rounds;
pub use triage::{Change, STILL_OPEN, assign, change_status, is_of_receipt, open, owe_test, retry_message};
pub use undo::{Changed, UNDONE_WITHIN, changes, undo, undoable, was_just_to_do};

use crate::inquiry::Inquiry;
use crate::staff::Actor;
use crate::store::{EntryKind, Error, Store};

/// Leaves nothing in the database's log of what was deleted. Where that is not possible yet, it is gone all the same; its sealed traces go
/// with the next checkpoint.
async fn leave_no_trace(store: &Store) {
    if let Err(cause) = store.forget_deleted().await {
        tracing::warn!(%cause, "the database's log could not be folded in yet");
    }
}

/// Whether these words of this person are the newest of their kind: a second click of the same button is no conflict.
async fn is_repeat(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    kind: EntryKind,
    words: &str,
) -> Result<bool, Error> {
    let timeline = store.timeline(inquiry.seq).await?;
    let newest = timeline.iter().rfind(|entry| entry.kind == kind);
    Ok(newest.is_some_and(|entry| entry.staff.as_deref() == Some(actor.id()) && entry.words == words))
}
