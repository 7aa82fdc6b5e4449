//! What `serve` does by itself beside serving, and `backwise purge`, which does it now.

use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::{Failure, clock, open_store, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::{self, Purge, PurgeRule};
use crate::store::{Error, Store};

/// A change of keys is noticed within this time.
const KEYS_EVERY: Duration = Duration::from_secs(20);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

#[derive(Args)]
pub(super) struct PurgeArgs {
    /// Say what would go, and erase nothing
    #[arg(long)]
    dry_run: bool,
    /// Erase even though the clock jumped or more than a fifth of all inquiries would go
    #[arg(long, conflicts_with = "dry_run")]
    confirm: bool,
}

pub(super) async fn purge(config: &Config, args: PurgeArgs) -> Result<(), Failure> {
    let store = open_store(config, 2).await?;
    let rule =
        PurgeRule { retention_days: config.privacy.retention_days, confirmed: args.confirm, dry_run: args.dry_run };
    let purged = desk::purge(&store, rule, clock().now()).await;
    store.close().await;
    match purged? {
        Purge::Erased(gone) => {
            let verb = if args.dry_run { "would be erased" } else { "erased" };
            gone.iter().try_for_each(|reference| say(format!("{reference} {verb}")))?;
            say(format!("{} {verb}", gone.len()))
        }
        refused => Err(Failure::Operation(told(&refused))),
    }
}

fn told(refused: &Purge) -> String {
    match refused {
        Purge::Erased(gone) => format!("{} erased", gone.len()),
        Purge::ClockJumped(gap) => format!(
            "nothing was erased: the clock stands {} hours from when a server last noted it; if it is right, run: backwise purge --confirm",
            gap.as_hours()
        ),
        Purge::TooMany { due, all } => format!(
            "nothing was erased: {due} of {all} inquiries are more than a fifth; look with backwise purge --dry-run, then run: backwise purge --confirm"
        ),
    }
}

/// Keeps until it is told to stop.
pub(super) async fn keep(store: Store, retention_days: u32, clock: Clock, mut stopped: watch::Receiver<bool>) {
    let (mut noted, mut purged) = (Timestamp::MIN, Timestamp::MIN);
    loop {
        let now = clock.now();
        told_once("a change of keys could not be finished", desk::finish_rotation(&store).await);
        if is_past(now, noted, HOUR) {
            told_once("the time could not be noted", desk::keep_time(&store, now).await);
            noted = now;
        }
        if is_past(now, purged, DAY) {
            let rule = PurgeRule { retention_days, confirmed: false, dry_run: false };
            match desk::purge(&store, rule, now).await {
                Ok(Purge::Erased(gone)) => tracing::info!(inquiries = gone.len(), "erased what was kept long enough"),
                Ok(refused) => tracing::warn!("{}", told(&refused)),
                Err(cause) => tracing::warn!(%cause, "what was kept long enough could not be erased"),
            }
            purged = now;
        }
        if tokio::time::timeout(KEYS_EVERY, stopped.wait_for(|stop| *stop)).await.is_ok() {
            return;
        }
    }
}

/// Also when the clock was set back.
fn is_past(now: Timestamp, last: Timestamp, pause: SignedDuration) -> bool {
    now < last || now.duration_since(last) >= pause
}

fn told_once(what: &str, done: Result<(), Error>) {
    if let Err(cause) = done {
        tracing::warn!(%cause, "{what}");
    }
}
