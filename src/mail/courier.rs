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
const IN_HAND: i64 = 8;
/// Other processes (`mail retry`, a second server) queue messages too, so we look even when nobody wakes us.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
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
        while !*stop.borrow() {
            let pause = match deliver_due(&self).await {
                Ok(0) => self.until_next().await,
                Ok(_) => Duration::ZERO,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read; trying again soon");
                    AFTER_TROUBLE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.bell.notified() => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn until_next(&self) -> Duration {
        let due = self.store.next_due().await.ok().flatten();
        let wait = due
            .map_or(LONGEST_SLEEP, |due| Duration::try_from(due.duration_since(self.clock.now())).unwrap_or_default());
        wait.clamp(Duration::from_millis(200), LONGEST_SLEEP)
    }
}

/// One round: claims what is due, tries it all side by side, settles each. Gives how many were tried.
///
/// # Errors
/// When the outbox cannot be read or written; what was claimed is due again later.
pub async fn deliver_due(courier: &Courier) -> Result<usize, Error> {
    let mut tx = courier.store.begin().await?;
    let claimed = tx.claim_due(courier.clock.now(), IN_HAND).await?;
    tx.commit().await?;
    let count = claimed.len();
    let mut hands = JoinSet::new();
    for message in claimed {
        hands.spawn(attempt(courier.clone(), message));
    }
    let mut outcome = Ok(count);
    while let Some(done) = hands.join_next().await {
        if let Ok(Err(error)) = done {
            outcome = Err(error);
        }
    }
    outcome
}

async fn attempt(courier: Courier, message: OwedMessage) -> Result<(), Error> {
    let verdict = match render(&courier.store, &courier.letterhead, &message).await? {
        Ok(mail) => courier.post.send(&message.id, &mail).await.0,
        Err(why) => Verdict::GiveUp(why),
    };
    let mut tx = courier.store.begin().await?;
    let state = tx.settle(&message, &verdict, courier.clock.now()).await?;
    tx.commit().await?;
    match (state, &verdict) {
        (State::Sent, _) => {
            tracing::info!(mail = %message.id, inquiry = %message.reference, kind = message.kind.as_str(), "sent")
        }
        // The server's words may quote an address: they are for the desk, not for the log.
        (State::Queued, _) => {
            tracing::warn!(mail = %message.id, inquiry = %message.reference, attempt = message.attempts, "not sent yet")
        }
        (State::Failed, _) => {
            tracing::error!(mail = %message.id, inquiry = %message.reference, "given up; it needs attention")
        }
    }
    Ok(())
}
