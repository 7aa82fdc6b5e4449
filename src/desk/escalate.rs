//! Telling people outside the inbox: that nobody opened an inquiry in time, and that there is new suspected spam.
//! Both go through the outbox and name nobody.

use jiff::{SignedDuration, Timestamp};

use super::Policy;
use super::keeping::spam_kept_since;
use crate::outbox::Kind;
use crate::store::{EntryKind, Error, Store};

/// Told of in one round; the next follows in a minute.
const AT_ONCE: i64 = 50;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Owes a mail to each chosen address for every inquiry that nobody opened by its promised time: once an inquiry.
/// Gives how many inquiries.
///
/// # Errors
/// When it is not stored; the next round tries again.
pub async fn escalate(store: &Store, policy: &Policy, now: Timestamp) -> Result<usize, Error> {
    if policy.escalate_to.is_empty() {
        return Ok(0);
    }
    let mut told = 0;
    for (inquiry, reference) in store.unopened_past_promise(now, AT_ONCE).await? {
        let mut tx = store.begin().await?;
        if !tx.mark_escalated(inquiry, now).await? {
            continue;
        }
        for address in &policy.escalate_to {
            tx.add_message(inquiry, Kind::Escalation, Some(address), None, now).await?;
        }
        tx.add_entry(inquiry, now, None, EntryKind::Escalated, "").await?;
        tx.add_audit(now, "system", "inquiry.escalated", reference.as_str(), "").await?;
        tx.commit().await?;
        tracing::warn!(inquiry = %reference, "nobody opened an inquiry in time");
        told += 1;
    }
    Ok(told)
}

/// Owes staff a digest when suspected spam came since the last one, at most once in 24 hours. True when one is owed. What was
/// kept long enough is left out: the retention rule takes it, at the same start perhaps, and the mail would tell of more than
/// the desk shows.
///
/// # Errors
/// When it is not stored; the next round tries again.
pub async fn digest_spam(store: &Store, policy: &Policy, now: Timestamp) -> Result<bool, Error> {
    let last = store.last_digest().await?;
    if now.duration_since(last) < A_DAY {
        return Ok(false);
    }
    let (many, Some(newest)) = store.spam_between(last.max(spam_kept_since(now)), now).await? else { return Ok(false) };
    let mut tx = store.begin().await?;
    if !tx.begin_digest(last, now).await? {
        return Ok(false);
    }
    for address in &policy.staff {
        let id = tx.add_message(newest, Kind::Digest, Some(address), None, now).await?;
        tx.set_many(&id, many).await?;
    }
    tx.add_audit(now, "system", "spam.digest", "", &many.to_string()).await?;
    tx.commit().await?;
    Ok(true)
}
