//! The courier: claims due messages, renders each from the stored inquiry, sends, and writes down what came of it.
//! It schedules the next attempt before it tries, and holds no transaction while the network is slow.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::{Letterhead, Post, render};
use crate::clock::Clock;
use crate::outbox::{OwedMessage, State, Verdict};
use crate::store::{Error, Store};

/// Messages in hand at once: one slow recipient holds up nobody else.
const IN_HAND: usize = 8;
/// Other processes (`mail retry`, a second server) queue messages too, so we look even when nobody wakes us.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// With all hands full, something may stay due.
const SHORTEST_SLEEP: Duration = Duration::from_millis(200);
/// After the database failed, a short rest.
const AFTER_TROUBLE: Duration = Duration::from_secs(5);

/// Everything a courier carries.
#[derive(Clone)]
pub struct Courier {
    /// Where messages are owed.
    pub store: Store,
    /// The way out.
    pub post: Post,
    /// What mails look like.
    pub letterhead: Arc<Letterhead>,
    /// Now.
    pub clock: Clock,
    /// Rung when a message was queued.
    pub bell: Arc<Notify>,
}

impl Courier {
    /// Delivers until `stop` turns true; the messages in hand are finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut hands = JoinSet::new();
        while !*stop.borrow() {
            let pause = match take_in_hand(&self, &mut hands).await {
                Ok(_) => self.until_next().await,
                Err(error) => rest_after(&error),
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.bell.notified() => {}
                changed = stop.changed() => {
                    if changed.is_err() {
                        break;
                    }
                }
                Some(done) = hands.join_next() => {
                    if let Ok(Err(error)) = done {
                        tokio::time::sleep(rest_after(&error)).await;
                    }
                }
            }
        }
        while hands.join_next().await.is_some() {}
    }

    async fn until_next(&self) -> Duration {
        let due = self.store.next_due().await.ok().flatten();
        let wait = due
            .map_or(LONGEST_SLEEP, |due| Duration::try_from(due.duration_since(self.clock.now())).unwrap_or_default());
        wait.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
    }
}

fn rest_after(error: &Error) -> Duration {
    tracing::error!(%error, "the outbox cannot be read or written; trying again soon");
    AFTER_TROUBLE
}

/// Tries everything that is due now and waits for the outcome. Gives how many were tried.
///
/// # Errors
/// When the outbox cannot be read or written; what was claimed is due again later.
pub async fn deliver_due(courier: &Courier) -> Result<usize, Error> {
    let mut hands = JoinSet::new();
    let taken = take_in_hand(courier, &mut hands).await?;
    let mut outcome = Ok(taken);
    while let Some(done) = hands.join_next().await {
        if let Ok(Err(error)) = done {
            outcome = Err(error);
        }
    }
    outcome
}

/// Claims as many due messages as there are free hands and begins to try them. One slow recipient keeps one hand busy.
async fn take_in_hand(courier: &Courier, hands: &mut JoinSet<Result<(), Error>>) -> Result<usize, Error> {
    let free = IN_HAND.saturating_sub(hands.len());
    if free == 0 {
        return Ok(0);
    }
    let mut tx = courier.store.begin().await?;
    let claimed = tx.claim_due(courier.clock.now(), i64::try_from(free).unwrap_or(1)).await?;
    tx.commit().await?;
    let taken = claimed.len();
    for message in claimed {
        hands.spawn(attempt(courier.clone(), message));
    }
    Ok(taken)
}

async fn attempt(courier: Courier, message: OwedMessage) -> Result<(), Error> {
    let verdict = match render(&courier.store, &courier.letterhead, &message).await {
        Err(error @ Error::Damaged(_)) => Verdict::GiveUp(error.to_string()),
        Err(error) => Verdict::TryAgain(error.to_string()),
        Ok(Ok(mail)) => courier.post.send(&message.id, &mail).await,
        Ok(Err(why)) => Verdict::GiveUp(why),
    };
    let mut tx = courier.store.begin().await?;
    let state = tx.settle(&message, &verdict, courier.clock.now()).await?;
    tx.commit().await?;
    match (state, &verdict) {
        (State::Sent, _) => {
            tracing::info!(mail = %message.id, inquiry = message.about.reference(), kind = message.kind.as_str(), "sent")
        }
        // The server's words may quote an address: they are for the desk, not for the log.
        (State::Queued, _) => {
            tracing::warn!(mail = %message.id, inquiry = message.about.reference(), attempt = message.attempts, "not sent yet")
        }
        (State::Failed, _) => {
            tracing::error!(mail = %message.id, inquiry = message.about.reference(), "given up; it needs attention")
        }
    }
    Ok(())
}
