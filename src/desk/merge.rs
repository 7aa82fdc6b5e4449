//! Dealing with two inquiries as one. The duplicate is closed and points to the one that is kept, which shows its words;
//! both stay as they were written. They can be separated again.

use std::collections::HashMap;
use std::iter;

use jiff::Timestamp;

use super::Change;
use crate::inquiry::{Inquiry, Reference, Status, Urgent};
use crate::staff::Actor;
use crate::store::{EntryKind, Error, Store, Tx};

/// Why two inquiries cannot be merged as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is the same one.
    Same,
    /// One of them is merged into another already.
    Merged,
    /// What is suspected to be spam is kept for a few weeks only.
    Spam,
    /// The one to be kept is done with, and the duplicate still waits: it would be forgotten.
    Waits,
}

/// What stands in the way; None when they can be merged.
pub fn obstacle(kept: &Inquiry, duplicate: &Inquiry) -> Option<Obstacle> {
    let is_merged = kept.merged_into.is_some() || duplicate.merged_into.is_some();
    match () {
        () if kept.seq == duplicate.seq => Some(Obstacle::Same),
        () if is_merged => Some(Obstacle::Merged),
        () if kept.status == Status::Spam => Some(Obstacle::Spam),
        () if duplicate.waits() && !kept.waits() => Some(Obstacle::Waits),
        () => None,
    }
}

/// The red flag and the promise that the kept one has afterwards: the stricter of both. The promise of an inquiry that was
/// answered is kept, and binds nobody any more.
pub fn stricter(kept: &Inquiry, duplicate: &Inquiry) -> (Urgent, Timestamp) {
    let urgents = [kept.answers.urgent, duplicate.answers.urgent];
    let urgent = [Urgent::Yes, Urgent::Unsure].into_iter().find(|urgent| urgents.contains(urgent));
    // A promise lies after the receipt; one that was broken before is broken at once.
    let promised = duplicate.answer_by.max(kept.received_at);
    let promise = if duplicate.waits() { kept.answer_by.min(promised) } else { kept.answer_by };
    (urgent.unwrap_or(Urgent::No), promise)
}

/// Merges a duplicate into the inquiry that is kept; each with the version that was shown.
///
/// # Errors
/// When it is not stored.
pub async fn merge(
    store: &Store,
    actor: &Actor,
    (kept, kept_shown): (&Inquiry, i64),
    (duplicate, duplicate_shown): (&Inquiry, i64),
    now: Timestamp,
) -> Result<Change, Error> {
    if obstacle(kept, duplicate).is_some() {
        return Ok(Change::NotPossible);
    }
    let mut tx = store.begin().await?;
    let mut both = [(kept.seq, kept_shown), (duplicate.seq, duplicate_shown)];
    // In one order, so that two who merge crosswise do not wait for each other.
    both.sort_unstable();
    for (seq, shown) in both {
        if !tx.bump_version(seq, Some(shown)).await? {
            return Ok(Change::Stale);
        }
    }
    let (urgent, answer_by) = stricter(kept, duplicate);
    tx.set_promise(kept, urgent, answer_by).await?;
    tx.pass_merged(&duplicate.reference, Some(&kept.reference)).await?;
    tx.set_merged(duplicate.seq, Some(&kept.reference)).await?;
    tx.set_status(duplicate.seq, Status::Closed).await?;
    tx.mark_opened(duplicate.seq, now).await?;
    let from = format!("{}>{}", duplicate.status.as_str(), kept.reference);
    tx.add_entry(duplicate.seq, now, Some(actor.id()), EntryKind::Merged, &from).await?;
    tx.add_entry(kept.seq, now, Some(actor.id()), EntryKind::TookIn, duplicate.reference.as_str()).await?;
    record(&mut tx, actor, "inquiry.merged", duplicate, &kept.reference, now).await?;
    tx.commit().await?;
    Ok(Change::Done)
}

/// Takes a merge back: the duplicate stands where it stood, and has what it had taken in itself. The kept one stays as strict
/// as it became.
///
/// # Errors
/// When it is not stored.
pub async fn separate(
    store: &Store,
    actor: &Actor,
    duplicate: &Inquiry,
    shown: Option<i64>,
    now: Timestamp,
) -> Result<Change, Error> {
    let Some(kept) = &duplicate.merged_into else { return Ok(Change::NotPossible) };
    let Some((before, _)) = last_merge(store, duplicate).await? else { return Err(Error::Damaged("words")) };
    let own = taken_along(store, kept, &duplicate.reference).await?;
    let mut tx = store.begin().await?;
    if !tx.bump_version(duplicate.seq, Some(shown.unwrap_or(duplicate.version))).await? {
        return Ok(Change::Stale);
    }
    tx.set_merged(duplicate.seq, None).await?;
    for seq in own {
        tx.set_merged(seq, Some(&duplicate.reference)).await?;
    }
    tx.set_status(duplicate.seq, before).await?;
    tx.add_entry(duplicate.seq, now, Some(actor.id()), EntryKind::Separated, kept.as_str()).await?;
    if let Some(kept) = store.inquiry_number(kept).await? {
        tx.bump_version(kept, None).await?;
        tx.add_entry(kept, now, Some(actor.id()), EntryKind::Separated, duplicate.reference.as_str()).await?;
    }
    record(&mut tx, actor, "inquiry.separated", duplicate, kept, now).await?;
    tx.commit().await?;
    Ok(Change::Done)
}

/// Where a duplicate stood when it was merged last, and into which one; None where the timeline does not say it.
async fn last_merge(store: &Store, duplicate: &Inquiry) -> Result<Option<(Status, Reference)>, Error> {
    let timeline = store.timeline(duplicate.seq).await?;
    let merged = timeline.iter().rfind(|entry| entry.kind == EntryKind::Merged);
    Ok(merged.and_then(|entry| {
        let (before, into) = entry.words.split_once('>')?;
        Some((Status::parse(before)?, Reference::parse(into)?))
    }))
}

/// The inquiries that came to the kept one with a duplicate: what had been merged into it, and what had been into those.
async fn taken_along(store: &Store, kept: &Reference, duplicate: &Reference) -> Result<Vec<i64>, Error> {
    let mut merged_first = HashMap::new();
    let others = store.merged_into(kept).await?;
    for other in &others {
        let merge = last_merge(store, other).await?;
        merged_first.extend(merge.map(|(_, into)| (other.reference.clone(), into)));
    }
    let came_with = |other: &Inquiry| {
        let mut way = iter::successors(Some(&other.reference), |from| merged_first.get(*from)).skip(1);
        // Nothing can be merged into what came with it; who damaged the words shall not make this endless.
        way.by_ref().take(others.len()).any(|into| into == duplicate)
    };
    Ok(others.iter().filter(|other| came_with(other)).map(|other| other.seq).collect())
}

/// Under both references, each naming the other: whoever looks at one finds it.
async fn record(
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    duplicate: &Inquiry,
    kept: &Reference,
    now: Timestamp,
) -> Result<(), Error> {
    tx.add_audit(now, actor.id(), action, duplicate.reference.as_str(), kept.as_str()).await?;
    tx.add_audit(now, actor.id(), action, kept.as_str(), duplicate.reference.as_str()).await
}
