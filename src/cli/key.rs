//! The sealing keys from a shell: `backwise key rotate`, `backwise key list`.

use clap::{Args, Subcommand};

use super::{Failure, clock, open_store, say};
use crate::config::Config;
use crate::desk;
use crate::secret::KeySource;
use crate::store::{Resealing, Store};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a new key, seal everything anew with it and drop the key before; the server may run meanwhile
    Rotate,
    /// List the keys in use
    List(ListArgs),
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, command: Command) -> Result<(), Failure> {
    let store = open_store(config, 3).await?;
    let done = match command {
        Command::Rotate => rotate(config, &store).await,
        Command::List(args) => list(&store, args.json).await,
    };
    store.close().await;
    done
}

async fn rotate(config: &Config, store: &Store) -> Result<(), Failure> {
    if let KeySource::Given(_) = config.privacy.keys {
        return Err(Failure::usage(
            "privacy.keys: add a new key at its end and start every process again; `serve` then seals everything anew and says when the key before can go",
        ));
    }
    // One that was interrupted is finished, not begun again.
    let unfinished = store.sealing_state().await?.keys.len() > 1;
    let mut progress = if unfinished { desk::reseal(store).await? } else { Resealing::default() };
    if progress.sealed == 0 {
        let key = store.rotate_key(clock().now()).await?;
        say(format!("new key {key}"))?;
        progress = desk::reseal(store).await?;
    } else {
        say("a rotation that was interrupted is finished")?;
    }
    say(format!("{} rows sealed anew", progress.sealed))?;
    let dropped = store.retire_keys().await?;
    let mut tx = store.begin().await?;
    tx.add_audit(clock().now(), "operator", "key.rotated", &store.sealing_state().await?.current.to_string(), "")
        .await?;
    tx.commit().await?;
    for key in dropped {
        say(format!("key {key} opens nothing any more and is dropped"))?;
    }
    say(format!(
        "keep a new copy of {} now, apart from the backups; backups made until now need the copy from before",
        config.privacy.keys
    ))?;
    match progress.broken {
        0 => Ok(()),
        broken => Err(Failure::Operation(format!(
            "{broken} rows do not open, see the log; they stay as they are, and so does their key"
        ))),
    }
}

async fn list(store: &Store, json: bool) -> Result<(), Failure> {
    let state = store.sealing_state().await?;
    for (key, since) in &state.keys {
        let state = if *key == state.current { "seals" } else { "opens only" };
        match json {
            true => say(serde_json::json!({ "key": key.to_string(), "since": since.to_string(), "state": state }))?,
            false => say(format!("{key}\t{since}\t{state}"))?,
        }
    }
    Ok(())
}
