//! Opening an inquiry, changing its status, and trying a message again. Each is in the timeline
//! or the audit log, and each demands an actor.

use jiff::{SignedDuration, Timestamp};

use super::Policy;
use super::receive::owe_messages;
use crate::inquiry::{Inquiry, Status};
use crate::outbox::{Kind, OwedMessage};
use crate::staff::Actor;
use crate::store::{EntryKind, Error, Store, Which};

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Done and durable.
    Done,
    /// They did the very same before, and it was not done again.
    Repeated,
    /// Somebody changed the inquiry since the page was shown; nothing was done.
    Stale,
    /// The workflow has no such move, or there is nothing to undo; nothing was done.
    NotPossible,
}

/// Whoever opened an inquiry may have it before them for so long: a colleague who opens it too is told.
pub const STILL_OPEN: SignedDuration = SignedDuration::from_mins(15);
/// A page that is loaded again within this time is no second view. Far shorter than [`STILL_OPEN`], so that a colleague is
/// told by the minute.
const SAME_VIEW: SignedDuration = SignedDuration::from_mins(1);

/// Records that somebody reads an inquiry, before they do: who read what can be proven.
///
/// # Errors
/// When it cannot be recorded; then it must not be shown.
pub async fn open(store: &Store, actor: &Actor, inquiry: &Inquiry, now: Timestamp) -> Result<(), Error> {
    let last = store.timeline(inquiry.seq).await?.pop();
    let is_same_view = last.is_some_and(|entry| {
        let is_theirs = entry.kind == EntryKind::Viewed && entry.staff.as_deref() == Some(actor.id());
        is_theirs && now.duration_since(entry.at).abs() < SAME_VIEW
    });
    let mut tx = store.begin().await?;
    tx.mark_opened(inquiry.seq, now).await?;
    if !is_same_view {
        tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::Viewed, "").await?;
    }
    tx.add_audit(now, actor.id(), "inquiry.viewed", inquiry.reference.as_str(), "").await?;
    tx.commit().await
}

/// Moves an inquiry to another status. Suspected spam that turns out to be none (new or
/// open) gets the messages it was owed.
///
/// # Errors
/// When it is not stored.
pub async fn change_status(
    store: &Store,
    policy: &Policy,
    actor: &Actor,
    inquiry: &Inquiry,
    shown: Option<i64>,
    status: Status,
    now: Timestamp,
) -> Result<Change, Error> {
    let mut tx = store.begin().await?;
    // Even without a version from a page, what we read must still be so: two moves at once are one too many.
    if !tx.bump_version(inquiry.seq, Some(shown.unwrap_or(inquiry.version))).await? {
        return Ok(Change::Stale);
    }
    if status == inquiry.status {
        return Ok(Change::Repeated);
    }
    if !inquiry.moves().contains(&status) {
        return Ok(Change::NotPossible);
    }
    tx.set_status(inquiry.seq, status).await?;
    if status == Status::Answered {
        // By telephone, perhaps: the promise is kept all the same.
        tx.mark_answered(inquiry.seq, now).await?;
    }
    let change = format!("{}>{}", inquiry.status.as_str(), status.as_str());
    tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::Status, &change).await?;
    // Closed suspected spam that is opened again was mailed to nobody either.
    let is_no_spam = matches!(inquiry.status, Status::Spam | Status::Closed) && status.is_to_do();
    if is_no_spam && !was_mailed(store, inquiry).await? {
        owe_messages(&mut tx, policy, inquiry.seq, inquiry.answers.contact.email(), now).await?;
    }
    tx.add_audit(now, actor.id(), "inquiry.status", inquiry.reference.as_str(), &change).await?;
    tx.commit().await?;
    Ok(Change::Done)
}

/// Whether the messages of its receipt were owed before.
async fn was_mailed(store: &Store, inquiry: &Inquiry) -> Result<bool, Error> {
    Ok(store.messages_of(inquiry.seq).await?.iter().any(is_of_receipt))
}

/// Whether a message is owed for the receipt of an inquiry. The digest of suspected spam hangs on an inquiry too, and tells
/// nobody what it says.
pub fn is_of_receipt(message: &OwedMessage) -> bool {
    matches!(message.kind, Kind::Notice | Kind::Acknowledgement)
}

/// Makes an inquiry somebody's, or nobody's. That it is theirs already is no change. A duplicate is dealt with where it was
/// merged, and is whose that one is.
///
/// # Errors
/// When it is not stored.
pub async fn assign(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    shown: Option<i64>,
    assignee: Option<&str>,
    now: Timestamp,
) -> Result<Change, Error> {
    if assignee == inquiry.assignee.as_deref() {
        return Ok(Change::Repeated);
    }
    if inquiry.merged_into.is_some() {
        return Ok(Change::NotPossible);
    }
    let mut tx = store.begin().await?;
    if !tx.bump_version(inquiry.seq, Some(shown.unwrap_or(inquiry.version))).await? {
        return Ok(Change::Stale);
    }
    tx.set_assignee(inquiry.seq, assignee).await?;
    let change = format!("{}>{}", inquiry.assignee.as_deref().unwrap_or_default(), assignee.unwrap_or_default());
    tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::Assigned, &change).await?;
    tx.add_audit(now, actor.id(), "inquiry.assigned", inquiry.reference.as_str(), &change).await?;
    tx.commit().await?;
    Ok(Change::Done)
}

/// Owes an admin a mail to their own address, to see that mail arrives.
///
/// # Errors
/// When it is not stored.
pub async fn owe_test(store: &Store, actor: &Actor, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let id = tx.add_account_message(actor.id(), Kind::Test, now).await?;
    tx.add_audit(now, actor.id(), "mail.tested", &id, "").await?;
    tx.commit().await
}

/// Makes a message that was given up, or waits for its next attempt, due at once. False when it was sent or is unknown.
///
/// # Errors
/// When it is not stored.
pub async fn retry_message(store: &Store, actor: &Actor, id: &str, now: Timestamp) -> Result<bool, Error> {
    let mut tx = store.begin().await?;
    if tx.retry_messages(Which::One(id), now).await? == 0 {
        // Nothing of ours has this name, and the log takes no words that somebody put into an address.
        return Ok(false);
    }
    tx.add_audit(now, actor.id(), "mail.retry", id, "").await?;
    tx.commit().await?;
    Ok(true)
}
