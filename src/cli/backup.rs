//! `backwise backup`, `backwise restore`: a copy of a live database, and a copy made the database again.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::known::KnownDatabases;
use super::{Failure, clock, open_store, say};
use crate::config::{Config, Database};
use crate::desk::Copies;
use crate::store::{Expected, Holdings, ServerLock, Store, erased_from, known_messages, sync_folder_of};

#[derive(Args)]
pub(super) struct BackupArgs {
    /// Where the copy goes; a file that is there is not overwritten
    file: PathBuf,
}

#[derive(Args)]
pub(super) struct RestoreArgs {
    /// The copy
    file: PathBuf,
    /// Do all but the last step, and report
    #[arg(long)]
    drill: bool,
    /// Put the database that is there aside
    #[arg(long)]
    force: bool,
}

pub(super) async fn backup(config: &Config, args: BackupArgs) -> Result<(), Failure> {
    let Database::Sqlite(_) = &config.database else {
        return Err(Failure::usage(format!(
            "backup: the database is PostgreSQL, whose own pg_dump makes consistent copies of it; {}",
            keys_to_keep(config)
        )));
    };
    let store = open_store(config, 2).await?;
    let copied = store.copy_to(&args.file).await;
    store.close().await;
    let copied = copied?;
    Copies::of(&config.data_dir)
        .remember(&args.file)
        .map_err(|cause| Failure::Operation(format!("the list of backups: {cause}")))?;
    say(format!("{}: {}; reopened and whole", args.file.display(), told(&copied)))?;
    say(keys_to_keep(config))
}

/// A backup carries no key, and is worth nothing without one.
fn keys_to_keep(config: &Config) -> String {
    format!(
        "the copy carries no key: keep a copy of {} and of {} elsewhere, apart from the backups; without the first nobody can read them",
        config.privacy.keys,
        config.data_dir.join("secret.key").display()
    )
}

fn told(holdings: &Holdings) -> String {
    let Holdings { inquiries, entries, messages, accounts } = holdings;
    format!("{inquiries} inquiries, {entries} lines of their timelines, {messages} mails, {accounts} accounts")
}

pub(super) async fn restore(config: &Config, args: RestoreArgs) -> Result<(), Failure> {
    let Database::Sqlite(database) = &config.database else {
        return Err(Failure::usage(
            "restore: the database is PostgreSQL: stop every server and use its own pg_restore; then end all sessions (DELETE FROM session), leave out the drafts of calls (DELETE FROM call_draft), erase \
             again what was erased since the dump (`backwise erase --reference`), and see that no queued mail has left already",
        ));
    };
    let lock = if args.drill { None } else { Some(ServerLock::take(database)?) };
    let is_there = fs::metadata(database).is_ok_and(|file| file.len() > 0);
    if is_there && !args.drill && !args.force {
        return Err(Failure::Operation(format!(
            "{} holds a database; with --force it is put aside, beside its place, and the copy takes its place",
            database.display()
        )));
    }
    let staging = PathBuf::from(format!("{}.restore", database.display()));
    let staged = stage(config, database, &args.file, &staging).await;
    let done = match staged {
        Ok(()) if args.drill => say("a drill: nothing was replaced"),
        Ok(()) => swap(config, database, &staging),
        Err(failure) => Err(failure),
    };
    let _gone = fs::remove_dir_all(&staging);
    drop(lock);
    done
}

/// Copies, checks, and makes up for what happened since the copy was made, in a folder of its own.
async fn stage(config: &Config, database: &Path, copy: &Path, staging: &Path) -> Result<(), Failure> {
    let file_fault = |cause: std::io::Error| Failure::Operation(format!("{}: {cause}", copy.display()));
    if !fs::metadata(copy).is_ok_and(|file| file.is_file() && file.len() > 0) {
        return Err(Failure::Operation(format!("{} is no copy of a database", copy.display())));
    }
    let _left_over = fs::remove_dir_all(staging);
    fs::create_dir_all(staging).map_err(file_fault)?;
    let staged = staging.join("backwise.db");
    fs::copy(copy, &staged).map_err(file_fault)?;
    let store = Store::open_sqlite(&staged, Expected::Whole, &config.privacy.keys, config.patience.database)
        .await
        .map_err(|cause| Failure::Operation(format!("{} cannot be restored: {cause}", copy.display())))?;
    let made_up = make_up(database, &store).await;
    let holdings = store.holdings().await;
    let broken = store.broken_inquiries().await;
    store.close().await;
    made_up?;
    say(format!("{}: {}; whole", copy.display(), told(&holdings?)))?;
    match broken? {
        0 => say("every sealed value opens"),
        broken => {
            say(format!("{broken} inquiries hold a value that does not open, see the log; they are kept as they are"))
        }
    }
}

async fn make_up(database: &Path, store: &Store) -> Result<(), Failure> {
    let now = clock().now();
    let known = known_messages(database).await;
    let mut again = 0;
    let mut tx = store.begin().await?;
    for reference in erased_from(database)? {
        if let Some(inquiry) = store.inquiry_number(&reference).await? {
            tx.erase(inquiry).await?;
            again += 1;
        }
    }
    let (left, held) = tx.settle_copied(known.as_ref(), now).await?;
    tx.end_all_sessions().await?;
    let calls = tx.forget_all_calls().await?;
    tx.add_audit(now, "operator", "database.restored", "", &format!("{again} erased again, {held} mails held back"))
        .await?;
    tx.commit().await?;
    store.forget_deleted().await?;
    say(format!("{again} later erasures applied again; all sessions ended"))?;
    if calls > 0 {
        say(format!("{calls} drafts of calls are left out, since they may have been stored or erased after the copy"))?;
    }
    say(format!(
        "{left} mails had left since; {held} mails may have left and are held back at the desk (`backwise mail retry --all` sends them)"
    ))
}

/// The old database stands aside before the copy takes its place: a crash in between leaves both.
fn swap(config: &Config, database: &Path, staging: &Path) -> Result<(), Failure> {
    let fault = |cause: std::io::Error| Failure::Operation(format!("{}: {cause}", database.display()));
    if fs::metadata(staging.join("backwise.db-wal")).is_ok_and(|log| log.len() > 0) {
        return Err(Failure::Operation(
            "the copy's log could not be folded in; nothing was replaced, try again".to_owned(),
        ));
    }
    let aside = format!("{}.replaced-{}", database.display(), clock().now().as_second());
    for end in ["", "-wal", "-shm"] {
        let old = PathBuf::from(format!("{}{end}", database.display()));
        if old.exists() {
            fs::rename(&old, format!("{aside}{end}")).map_err(fault)?;
        }
    }
    KnownDatabases::read(config, database).remember()?;
    fs::rename(staging.join("backwise.db"), database).and_then(|()| sync_folder_of(database)).map_err(fault)?;
    if Path::new(&aside).exists() {
        say(format!("the database that was there is now {aside}; delete it when you do not need it any more"))?;
    }
    say(format!(
        "{} is restored; `backwise audit verify --accept` takes its shorter audit log as it is",
        database.display()
    ))
}
