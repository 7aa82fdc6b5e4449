//! What the desk does by itself, from time to time: it finishes a change of keys, and erases what was kept long enough.

use jiff::{SignedDuration, Timestamp};

use super::erase::erased_by;
use crate::inquiry::Reference;
use crate::store::{Due, Error, Resealing, Store};

/// Suspected spam is looked through within this time or not at all.
const SPAM_DAYS: i64 = 30;
/// Nobody goes on with a reply that they have not touched for so long; until then it outlasts a long holiday.
const DRAFT_DAYS: i64 = 30;
/// A server notes the time every hour. Between two notes no more than this passes, or the clock jumped, or nobody ran it.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(24);
/// Fewer than these are no mass, whatever their share.
const A_FEW: i64 = 10;
/// Inquiries erased in one transaction: few, since on PostgreSQL whoever writes waits until the audit log's next entry may be
/// added, and that is when this commits.
const BATCH: usize = 5;

/// What came of looking for what was kept long enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purge {
    /// These went (or, in a dry run, would go).
    Erased(Vec<Reference>),
    /// Nothing went: the clock stands this much after the last time it was noted.
    ClockJumped(SignedDuration),
    /// Nothing went: so many of so many are more than a fifth.
    TooMany {
        /// Kept long enough.
        due: i64,
        /// There.
        all: i64,
    },
}

/// How to look.
#[derive(Clone, Copy, Debug)]
pub struct PurgeRule {
    /// Days that a closed inquiry is kept; 0 keeps all of them.
    pub retention_days: u32,
    /// Somebody has looked at the clock and at the number.
    pub confirmed: bool,
    /// Nothing is erased.
    pub dry_run: bool,
}

/// Erases closed inquiries past their time, suspected spam past its own, and drafts that nobody touched for long. Never an
/// inquiry that nobody opened, nor one whose mail never left. A clock that jumped, or more than a fifth of everything, needs
/// somebody who confirms it.
///
/// # Errors
/// When the database refuses it; what went until then is gone.
pub async fn purge(store: &Store, rule: PurgeRule, now: Timestamp) -> Result<Purge, Error> {
    let due = due(rule.retention_days, now);
    if rule.dry_run {
        let found = store.due(&due).await?.into_iter().map(|(_, reference)| reference);
        return Ok(Purge::Erased(found.chain(store.due_with(&due).await?).collect()));
    }
    if !rule.confirmed
        && let Some(gap) = gap(store, now).await?
    {
        return Ok(Purge::ClockJumped(gap));
    }
    forget_drafts(store, now).await?;
    if !rule.confirmed {
        let (number, all) = store.count_due(&due).await?;
        if number > A_FEW && number * 5 > all {
            return Ok(Purge::TooMany { due: number, all });
        }
    }
    note_time(store, now).await?;
    let (mut gone, mut merged) = (Vec::new(), Vec::new());
    // Found once, outside of the transactions: looking for the next few in each would hold up everybody who writes.
    for some in store.due(&due).await?.chunks(BATCH) {
        let mut tx = store.begin().await?;
        let found = tx.take_due(&due, some).await?;
        for (seq, reference) in &found {
            merged.extend(erased_by(&mut tx, "retention", *seq, reference, now).await?.merged);
        }
        tx.commit().await?;
        gone.extend(found.into_iter().map(|(_, reference)| reference));
    }
    gone.extend(merged);
    if !gone.is_empty() {
        store.forget_deleted().await?;
    }
    Ok(Purge::Erased(gone))
}

/// Drafts are few and their writers' own: they go without being told of.
async fn forget_drafts(store: &Store, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let forgotten = tx.forget_drafts_before(before(now, DRAFT_DAYS)).await?;
    tx.commit().await?;
    if forgotten > 0 { store.forget_deleted().await } else { Ok(()) }
}

/// Notes that the clock stands here, unless it jumped: then it is left to somebody who confirms it.
///
/// # Errors
/// When the database refuses it.
pub async fn keep_time(store: &Store, now: Timestamp) -> Result<(), Error> {
    if gap(store, now).await?.is_none() { note_time(store, now).await } else { Ok(()) }
}

async fn note_time(store: &Store, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    tx.note_time(now).await?;
    tx.commit().await
}

async fn gap(store: &Store, now: Timestamp) -> Result<Option<SignedDuration>, Error> {
    let noted = store.time_noted().await?;
    Ok(noted.map(|noted| now.duration_since(noted)).filter(|gap| gap.abs() > LONGEST_GAP))
}

fn due(retention_days: u32, now: Timestamp) -> Due {
    Due { closed: (retention_days > 0).then(|| before(now, i64::from(retention_days))), spam: spam_kept_since(now) }
}

/// Suspected spam from before this moment is due.
pub(super) fn spam_kept_since(now: Timestamp) -> Timestamp {
    before(now, SPAM_DAYS)
}

/// Suspected spam that came then is due from this moment on.
pub fn spam_kept_until(received_at: Timestamp) -> Timestamp {
    received_at + SignedDuration::from_hours(24 * SPAM_DAYS)
}

fn before(now: Timestamp, days: i64) -> Timestamp {
    now - SignedDuration::from_hours(24 * days)
}

/// Seals everything with the current key.
///
/// # Errors
/// When the database refuses it; the next call goes on.
pub async fn reseal(store: &Store) -> Result<Resealing, Error> {
    let mut progress = Resealing::default();
    while !store.reseal(&mut progress).await? {}
    Ok(progress)
}

/// Finishes a change of keys that another process began, or that was interrupted.
///
/// # Errors
/// When the database refuses it; the next call goes on.
pub async fn finish_rotation(store: &Store) -> Result<(), Error> {
    if store.sealing_state().await?.keys.len() < 2 {
        return Ok(());
    }
    let progress = reseal(store).await?;
    if progress.broken == 0 {
        for key in store.retire_keys().await? {
            tracing::info!(%key, "a sealing key opens nothing any more");
        }
    }
    Ok(())
}
