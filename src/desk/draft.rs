//! Begun words are kept, so that leaving a page loses none: one draft for each member of staff and inquiry. It is nobody else's
//! to see, so it is neither in the timeline nor in the audit log, and changes nothing about the inquiry.

use jiff::Timestamp;

use crate::inquiry::Inquiry;
use crate::staff::Actor;
use crate::store::{BoxWords, DraftBox, Error, Shown, Store};

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
    let becomes = |text| becomes(text, is_shown);
    let boxes = [(DraftBox::Reply, becomes(begun.reply)), (DraftBox::Note, becomes(begun.note))];
    if boxes.iter().all(|(_, words)| *words == BoxWords::Stay) {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    tx.keep_draft(inquiry.seq, actor.id(), boxes, &begun.shown, now).await?;
    tx.commit().await
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
