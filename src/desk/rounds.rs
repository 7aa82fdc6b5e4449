//! What the desk does by itself, once a minute: it tells of what waits too long and of suspected spam, and adds up insights.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::{Policy, digest_spam, escalate, insights};
use crate::clock::Clock;
use crate::store::{Error, Store};

const EVERY: Duration = Duration::from_secs(60);
/// While days wait to be added up, as after an update of a large database.
const SOON: Duration = Duration::from_millis(200);

/// What a round needs.
#[derive(Clone)]
pub struct Rounds {
    /// Where inquiries are kept.
    pub store: Store,
    /// Whom to tell, and when the clinic is open.
    pub policy: Policy,
    /// Now.
    pub clock: Clock,
    /// Wakes the courier.
    pub bell: Arc<Notify>,
}

impl Rounds {
    /// Makes rounds until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let pause = match self.once().await {
                Ok(true) => EVERY,
                Ok(false) => SOON,
                Err(cause) => {
                    tracing::error!(%cause, "what the desk does by itself did not work; trying again in a minute");
                    EVERY
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                changed = stop.changed() => {
                    if changed.is_err() {
                        break;
                    }
                }
            }
        }
    }

    /// One round. True when nothing is left to add up.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn once(&self) -> Result<bool, Error> {
        let now = self.clock.now();
        let told = escalate(&self.store, &self.policy, now).await?;
        if digest_spam(&self.store, &self.policy, now).await? || told > 0 {
            self.bell.notify_one();
        }
        insights::add_up(&self.store, &self.policy.opening).await
    }
}
