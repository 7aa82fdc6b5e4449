//! Undoing one's last change of a status or of whose an inquiry is, or one's merge, while nothing has changed it since. Notes
//! and views change nothing: whoever writes down what they did can still undo it.

use jiff::{SignedDuration, Timestamp};

use super::{Change, separate};
use crate::inquiry::{Inquiry, Reference, Status};
use crate::outbox::{Kind, OwedMessage, State};
use crate::staff::Actor;
use crate::store::{Entry, EntryKind, Error, Store};

/// Who sees after this time that it was wrong changes it as something new.
pub const UNDONE_WITHIN: SignedDuration = SignedDuration::from_mins(30);

/// Before the words of an entry by which a change was undone.
const UNDID: &str = "back ";

/// A change of a status, or of whose an inquiry is, as an entry of the timeline keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed<'a> {
    /// What it was.
    pub before: &'a str,
    /// What it became.
    pub after: &'a str,
    /// Whether it undid another change.
    pub is_undo: bool,
}

impl<'a> Changed<'a> {
    /// Reads the words of such an entry; None where they are of another kind.
    pub fn read(words: &'a str) -> Option<Self> {
        let back = words.strip_prefix(UNDID);
        let (before, after) = back.unwrap_or(words).split_once('>')?;
        Some(Self { before, after, is_undo: back.is_some() })
    }
}

/// The change that this person may undo: the newest of all changes, their own, and fresh. What was undone is done again as
/// something new: a second click on “Undo” must not bring back what the first one took away.
pub fn undoable<'a>(timeline: &'a [Entry], actor: &Actor, now: Timestamp) -> Option<&'a Entry> {
    let newest = timeline.iter().rfind(|entry| changes(entry.kind))?;
    let is_theirs = newest.staff.as_deref() == Some(actor.id());
    let is_undo = Changed::read(&newest.words).is_some_and(|change| change.is_undo);
    let can_be_undone = matches!(newest.kind, EntryKind::Status | EntryKind::Assigned | EntryKind::TookIn) && !is_undo;
    (is_theirs && can_be_undone && now.duration_since(newest.at) < UNDONE_WITHIN).then_some(newest)
}

/// Whether this person has just answered it, or changed its status from one that is to do: in the order of the inbox they are
/// past it.
pub fn was_just_to_do(timeline: &[Entry], actor: &Actor, now: Timestamp) -> bool {
    let fresh = timeline.iter().rev().take_while(|entry| now.duration_since(entry.at) < UNDONE_WITHIN);
    fresh.filter(|entry| entry.staff.as_deref() == Some(actor.id())).any(|entry| match entry.kind {
        EntryKind::Reply => true,
        EntryKind::Status => {
            let before = Changed::read(&entry.words).and_then(|change| Status::parse(change.before));
            before.is_some_and(Status::is_to_do)
        }
        _ => false,
    })
}

/// Whether what happened may change how an inquiry stands, whose it is or what is merged with it, so that nothing before it
/// can be undone.
pub fn changes(kind: EntryKind) -> bool {
    match kind {
        EntryKind::Status
        | EntryKind::Assigned
        | EntryKind::Merged
        | EntryKind::TookIn
        | EntryKind::Separated
        | EntryKind::Reply
        | EntryKind::Undelivered
        | EntryKind::Delivered => true,
        EntryKind::Received
        | EntryKind::Viewed
        | EntryKind::Note
        | EntryKind::NoteRemoved
        | EntryKind::Phone
        | EntryKind::Contact
        | EntryKind::Escalated => false,
    }
}

/// Undoes the newest change. Mails that it sent on their way stay there.
///
/// # Errors
/// When it is not stored.
pub async fn undo(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    shown: Option<i64>,
    now: Timestamp,
) -> Result<Change, Error> {
    let timeline = store.timeline(inquiry.seq).await?;
    if let Some(merge) = undoable(&timeline, actor, now).filter(|entry| entry.kind == EntryKind::TookIn) {
        return undo_merge(store, actor, inquiry, shown, merge, now).await;
    }
    let is_replied = store.messages_of(inquiry.seq).await?.iter().any(is_answer);
    let mut tx = store.begin().await?;
    // What we read must still be so when we write.
    if shown.is_some_and(|shown| shown != inquiry.version)
        || !tx.bump_version(inquiry.seq, Some(inquiry.version)).await?
    {
        return Ok(Change::Stale);
    }
    let Some(change) = undoable(&timeline, actor, now) else { return Ok(Change::NotPossible) };
    let Some(Changed { before, after, .. }) = Changed::read(&change.words) else { return Err(Error::Damaged("words")) };
    if !stands_as_left(inquiry, change.kind, after) {
        return Ok(Change::Stale);
    }
    if change.kind == EntryKind::Assigned {
        tx.set_assignee(inquiry.seq, Some(before).filter(|id| !id.is_empty())).await?;
    } else {
        tx.set_status(inquiry.seq, Status::parse(before).ok_or(Error::Damaged("words"))?).await?;
        if says_answered(change) && !is_replied {
            tx.clear_answered(inquiry.seq, change.at).await?;
        }
    }
    let back = format!("{after}>{before}");
    tx.add_entry(inquiry.seq, now, Some(actor.id()), change.kind, &format!("{UNDID}{back}")).await?;
    tx.add_audit(now, actor.id(), "inquiry.undone", inquiry.reference.as_str(), &back).await?;
    tx.commit().await?;
    Ok(Change::Done)
}

/// Separates the duplicate that was merged into an inquiry last.
async fn undo_merge(
    store: &Store,
    actor: &Actor,
    kept: &Inquiry,
    shown: Option<i64>,
    merge: &Entry,
    now: Timestamp,
) -> Result<Change, Error> {
    if shown.is_some_and(|shown| shown != kept.version) {
        return Ok(Change::Stale);
    }
    let duplicate = store.inquiry(&Reference::parse(&merge.words).ok_or(Error::Damaged("words"))?).await?;
    match duplicate.filter(|duplicate| duplicate.merged_into.as_ref() == Some(&kept.reference)) {
        Some(duplicate) => separate(store, actor, &duplicate, None, now).await,
        None => Ok(Change::NotPossible),
    }
}

/// Whether an inquiry still is what a change made of it: nothing else is undone along with that.
fn stands_as_left(inquiry: &Inquiry, kind: EntryKind, after: &str) -> bool {
    match kind {
        EntryKind::Assigned => inquiry.assignee.as_deref().unwrap_or_default() == after,
        _ => inquiry.status.as_str() == after,
    }
}

fn says_answered(change: &Entry) -> bool {
    change.words.ends_with(&format!(">{}", Status::Answered.as_str()))
}

/// Whether it answers the writer, or is on its way and would stay there.
fn is_answer(message: &OwedMessage) -> bool {
    message.kind == Kind::Reply && message.state != State::Failed
}
