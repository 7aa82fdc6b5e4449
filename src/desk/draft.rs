//! Begun words are kept, so that leaving a page loses none: one draft for each member of staff and inquiry, and one for each call
//! that they take down. It is nobody else's to see, so it is neither in the timeline nor in the audit log, and changes nothing
//! about the inquiry.

use jiff::Timestamp;

use crate::contact::EmailAddress;
use crate::inquiry::Inquiry;
use crate::staff::Actor;
use crate::store::{BoxWords, Call, DraftBox, EntryKind, Error, Shown, Store};

/// What a form holds of a reply and a note.
pub struct Begun<'a> {
    /// What stands in the box of the reply; None where the form has none, or its words are being sent.
    pub reply: Option<&'a str>,
    /// The same of the note.
    pub note: Option<&'a str>,
    /// The page that showed the form.
    pub shown: Shown,
    /// The draft that it showed, by when that was kept. Another one was written elsewhere: empty boxes leave its words.
    pub draft: Option<Timestamp>,
}

/// Keeps what was begun. A box that was emptied on the page that showed the draft is empty in the draft too.
///
/// # Errors
/// When it is not stored.
pub async fn keep_draft(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    begun: &Begun<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let there = store.draft_kept_at(inquiry.seq, actor.id()).await?;
    let is_shown = there.is_some() && there == begun.draft;
    let texts = [begun.reply, begun.note].into_iter().flatten();
    let done = match texts.clone().all(|text| text.trim().is_empty()) && !is_shown {
        true => Vec::new(),
        false => done_since(store, actor, inquiry, begun.shown.seen).await?,
    };
    let boxes = [(DraftBox::Reply, begun.reply, EntryKind::Reply), (DraftBox::Note, begun.note, EntryKind::Note)];
    let mut boxes = boxes.map(|(one, text, kind)| {
        let is_done = text.is_some_and(|text| done.contains(&(kind, text.trim().to_owned())));
        (one, if is_done { BoxWords::Stay } else { becomes(text, is_shown) })
    });
    let mut both = None;
    if there.is_some() && done.iter().any(|(kind, _)| *kind == EntryKind::NoteRemoved) {
        both = beside_removed(store, actor, inquiry, begun.note.unwrap_or_default()).await?;
        boxes[1].1 = BoxWords::Stay;
    }
    if let Some(both) = &both {
        boxes[1].1 = BoxWords::Are(both);
    }
    if boxes.iter().all(|(_, words)| *words == BoxWords::Stay) {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    tx.keep_draft(inquiry.seq, actor.id(), boxes, &begun.shown, now).await?;
    tx.commit().await
}

/// What they sent, added or removed themselves since the page was shown: a page that a browser goes back to, or sends again, must
/// not bring it back as something that is yet to be done.
async fn done_since(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    seen: i64,
) -> Result<Vec<(EntryKind, String)>, Error> {
    let timeline = store.timeline(inquiry.seq).await?;
    let done = timeline.into_iter().filter(|entry| entry.seq > seen && entry.staff.as_deref() == Some(actor.id()));
    let done = done.map(|entry| (entry.kind, entry.words.trim().to_owned()));
    Ok(done.filter(|(kind, words)| *kind == EntryKind::NoteRemoved || !words.is_empty()).collect())
}

/// The note's box, where an older page is sent after a note was removed: the words of that one are kept in it, and stand nowhere
/// else. None where what the older page holds stands there too.
async fn beside_removed(store: &Store, actor: &Actor, inquiry: &Inquiry, typed: &str) -> Result<Option<String>, Error> {
    let kept = store.draft(inquiry.seq, actor.id()).await?.map(|draft| draft.note).unwrap_or_default();
    let typed = typed.trim();
    Ok((!kept.starts_with(typed)).then(|| format!("{typed}\n\n{kept}")))
}

fn becomes(text: Option<&str>, is_shown: bool) -> BoxWords<'_> {
    match text {
        Some(text) if !text.trim().is_empty() => BoxWords::Are(text),
        Some(_) if is_shown => BoxWords::Gone,
        _ => BoxWords::Stay,
    }
}

/// Takes somebody's own draft away, or what stands in one of its boxes.
///
/// # Errors
/// When it stays.
pub async fn discard_draft(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    only: Option<DraftBox>,
) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    match only {
        Some(one) => tx.end_draft(inquiry.seq, actor.id(), one).await?,
        None => tx.discard_draft(inquiry.seq, actor.id()).await?,
    }
    tx.commit().await
}

/// Keeps what was taken down of a call under the name of its form. A form in which nothing is left is no draft.
///
/// # Errors
/// When it is not stored.
pub async fn keep_call(store: &Store, actor: &Actor, name: &str, call: &Call, now: Timestamp) -> Result<(), Error> {
    if !call.is_begun() {
        return discard_call(store, actor, name).await;
    }
    let mut tx = store.begin().await?;
    tx.keep_call_draft(actor.id(), name, call, now).await?;
    tx.commit().await
}

/// Takes somebody's own draft of a call away; nothing where there is none.
///
/// # Errors
/// When it stays.
pub async fn discard_call(store: &Store, actor: &Actor, name: &str) -> Result<(), Error> {
    if store.call_draft(actor.id(), name).await?.is_none() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    tx.discard_call_draft(actor.id(), name).await?;
    tx.commit().await
}

/// Takes away what anybody has taken down of calls of a person, by their address, and gives how much: with the person, their
/// drafts are to go too.
///
/// # Errors
/// When it stays.
pub async fn forget_calls_of(store: &Store, email: &EmailAddress) -> Result<u64, Error> {
    let mut tx = store.begin().await?;
    let forgotten = tx.forget_calls_of(email).await?;
    tx.commit().await?;
    if forgotten > 0 {
        store.forget_deleted().await?;
    }
    Ok(forgotten)
}
