//! Answering by mail: the words go into the timeline and the outbox together, and the inquiry counts as answered.

use jiff::Timestamp;

use super::is_repeat;
use crate::inquiry::{Inquiry, Note, Status};
use crate::outbox::Kind;
use crate::staff::Actor;
use crate::store::{DraftBox, EntryKind, Error, Store, words};

/// What came of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replied {
    /// It is in the outbox, durable.
    Queued,
    /// They sent the very same before, and it was not sent again.
    Repeated,
    /// The newest reply has the very same words and is theirs; nothing was sent, since they did not say that they mean it.
    SentAlready,
    /// Somebody changed the inquiry since the page was shown; nothing was sent.
    Stale,
    /// The writer gave no address; they wish to be called.
    NoAddress,
    /// It is answered with the inquiry that is kept in its place.
    Merged,
}

/// The words of a reply.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// As the writer gets them.
    pub text: &'a Note,
    /// Whether they are to be sent though the newest reply has the same.
    pub is_meant: bool,
}

/// What becomes of the inquiry when the reply is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The writer may answer.
    Wait,
    /// Nothing more is to be done.
    Close,
}

/// Owes the writer a reply.
///
/// # Errors
/// When it is not stored; nothing is sent then.
pub async fn reply(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    shown: Option<i64>,
    words: Words<'_>,
    then: Then,
    now: Timestamp,
) -> Result<Replied, Error> {
    if inquiry.answers.contact.email().is_none() {
        return Ok(Replied::NoAddress);
    }
    if inquiry.merged_into.is_some() {
        return Ok(Replied::Merged);
    }
    let Words { text: words, is_meant } = words;
    let is_done = is_repeat(store, actor, inquiry, EntryKind::Reply, words.as_str()).await?;
    let mut tx = store.begin().await?;
    if !tx.bump_version(inquiry.seq, shown).await? {
        drop(tx);
        // The first of two presses may have been stored since.
        let is_done = is_done || is_repeat(store, actor, inquiry, EntryKind::Reply, words.as_str()).await?;
        return Ok(if is_done { Replied::Repeated } else { Replied::Stale });
    }
    if is_done && !is_meant {
        return Ok(Replied::SentAlready);
    }
    let entry = tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::Reply, words.as_str()).await?;
    tx.add_words(inquiry.seq, &words::words_and_beginnings(words.as_str())).await?;
    tx.add_message(inquiry.seq, Kind::Reply, None, Some(entry), now).await?;
    tx.set_status(inquiry.seq, Status::Answered).await?;
    tx.mark_answered(inquiry.seq, now).await?;
    tx.end_draft(inquiry.seq, actor.id(), DraftBox::Reply).await?;
    tx.add_audit(now, actor.id(), "inquiry.reply", inquiry.reference.as_str(), "").await?;
    if then == Then::Close {
        let change = "answered>closed";
        tx.set_status(inquiry.seq, Status::Closed).await?;
        tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::Status, change).await?;
        tx.add_audit(now, actor.id(), "inquiry.status", inquiry.reference.as_str(), change).await?;
    }
    tx.commit().await?;
    Ok(Replied::Queued)
}
