//! Notes that only staff see. Who wrote one in the wrong place can remove it for a while; its words are theirs again.

use jiff::Timestamp;

use super::undo::UNDONE_WITHIN;
use super::{Change, is_repeat, leave_no_trace};
use crate::inquiry::{Inquiry, Note};
use crate::staff::Actor;
use crate::store::{BoxWords, DraftBox, Entry, EntryKind, Error, Shown, Store, words};

/// Adds a note that only staff see.
///
/// # Errors
/// When it is not stored.
pub async fn add_note(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    shown: Option<i64>,
    note: &Note,
    now: Timestamp,
) -> Result<Change, Error> {
    let mut tx = store.begin().await?;
    if !tx.bump_version(inquiry.seq, shown).await? {
        drop(tx);
        let is_done = is_repeat(store, actor, inquiry, EntryKind::Note, note.as_str()).await?;
        return Ok(if is_done { Change::Repeated } else { Change::Stale });
    }
    tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::Note, note.as_str()).await?;
    tx.add_words(inquiry.seq, &words::words_and_beginnings(note.as_str())).await?;
    tx.end_draft(inquiry.seq, actor.id(), DraftBox::Note).await?;
    tx.add_audit(now, actor.id(), "inquiry.note", inquiry.reference.as_str(), "").await?;
    tx.commit().await?;
    Ok(Change::Done)
}

/// Whether this person may remove a note: their own, while it is fresh. Later somebody may have relied on it.
pub fn can_be_removed_by(note: &Entry, actor: &Actor, now: Timestamp) -> bool {
    let is_theirs = note.kind == EntryKind::Note && note.staff.as_deref() == Some(actor.id());
    is_theirs && now.duration_since(note.at) < UNDONE_WITHIN
}

/// Takes a note out of the timeline and of the search. Its words go into the writer's draft, below what stands there, as of the page
/// that showed it: they may belong to another inquiry. That a note was there stays in the timeline and in the audit log.
///
/// # Errors
/// When it is not stored; the note stays then.
pub async fn remove_note(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    version: Option<i64>,
    note: i64,
    shown: &Shown,
    now: Timestamp,
) -> Result<Change, Error> {
    let timeline = store.timeline(inquiry.seq).await?;
    let is_theirs = timeline.iter().any(|entry| entry.seq == note && can_be_removed_by(entry, actor, now));
    let is_removed = |entry: &Entry| entry.kind == EntryKind::NoteRemoved && entry.staff.as_deref() == Some(actor.id());
    if timeline.iter().all(|entry| entry.seq != note)
        && timeline.iter().any(|entry| entry.seq > note && is_removed(entry))
    {
        return Ok(Change::Repeated);
    }
    let begun = store.draft(inquiry.seq, actor.id()).await?.map(|draft| draft.note).unwrap_or_default();
    let mut tx = store.begin().await?;
    if !tx.bump_version(inquiry.seq, version).await? {
        return Ok(Change::Stale);
    }
    let taken = if is_theirs { tx.remove_note(inquiry.seq, actor.id(), note).await? } else { None };
    let Some(taken) = taken else { return Ok(Change::NotPossible) };
    let words = if begun.trim().is_empty() { taken } else { format!("{}\n\n{taken}", begun.trim_end()) };
    let boxes = [(DraftBox::Reply, BoxWords::Stay), (DraftBox::Note, BoxWords::Are(&words))];
    tx.keep_draft(inquiry.seq, actor.id(), boxes, shown, now).await?;
    tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::NoteRemoved, "").await?;
    tx.add_audit(now, actor.id(), "inquiry.note_removed", inquiry.reference.as_str(), "").await?;
    tx.commit().await?;
    leave_no_trace(store).await;
    Ok(Change::Done)
}
