//! kill -9 while the key changes, while a backup is written, while a copy is restored: nothing is lost and the same
//! command, run again, goes on.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use backwise::patience::Patience;
use backwise::secret::KeySource;
use backwise::store::{Expected, Store};
use jiff::Timestamp;

use crate::process::{Server, ask, command, token};

const INQUIRIES: usize = 40;
const KILLS: u64 = 8;

fn writes(folder: &Path) -> Server {
    let server = Server::start(folder);
    let token = token(&server.address).unwrap();
    for number in 0..INQUIRIES {
        ask(&server.address, &token, &format!("message{number}")).unwrap();
    }
    server
}

fn runs(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

fn says(folder: &Path, arguments: &[&str]) -> String {
    let output = runs(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Each time a little later, from before the command has opened anything until after it is done.
fn is_killed(folder: &Path, arguments: &[&str], round: u64) {
    let mut child = command(folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(Duration::from_millis(15 + round * 30));
    let _ended_before = child.kill();
    child.wait().unwrap();
}

fn all_are_readable(folder: &Path) {
    let rows = says(folder, &["export", "--format", "jsonl"]);
    let messages: BTreeSet<String> = rows
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(messages, (0..INQUIRIES).map(|number| format!("message{number}")).collect());
}

#[test]
fn a_key_change_that_is_killed_loses_nothing_and_is_finished_later() {
    let folder = tempfile::tempdir().unwrap();
    let server = writes(folder.path());
    for round in 0..KILLS {
        is_killed(folder.path(), &["key", "rotate"], round);
        all_are_readable(folder.path());
    }
    // The first call finishes what was interrupted, if anything was.
    says(folder.path(), &["key", "rotate"]);
    says(folder.path(), &["key", "rotate"]);
    assert_eq!(says(folder.path(), &["key", "list"]).lines().count(), 1);
    all_are_readable(folder.path());
    drop(server);
    all_are_readable(folder.path());
}

#[test]
fn a_backup_or_a_restore_that_is_killed_leaves_no_half_of_anything() {
    let folder = tempfile::tempdir().unwrap();
    let server = writes(folder.path());
    for round in 0..KILLS {
        let copy = format!("copy{round}.db");
        is_killed(folder.path(), &["backup", &copy], round);
        if !folder.path().join(&copy).exists() {
            says(folder.path(), &["backup", &copy]);
        }
        says(folder.path(), &["restore", &copy, "--drill"]);
    }
    server.dies();
    for round in 0..KILLS {
        is_killed(folder.path(), &["restore", "copy0.db", "--force"], round);
        if !folder.path().join("data/backwise.db").exists() {
            let refused = runs(folder.path(), &["export"]);
            assert!(!refused.status.success(), "a missing database is not begun anew");
            says(folder.path(), &["restore", "copy0.db"]);
        }
        all_are_readable(folder.path());
    }
}

#[test]
fn a_server_finishes_a_key_change_that_was_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    writes(folder.path()).dies();
    let data = folder.path().join("data");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let keys = KeySource::File(data.join("sealing.keys"));
        let store = Store::open_sqlite(&data.join("backwise.db"), Expected::Used, &keys, Patience::default().database)
            .await
            .unwrap();
        store.rotate_key(Timestamp::UNIX_EPOCH).await.unwrap();
        store.close().await;
    });
    let keys = || says(folder.path(), &["key", "list"]).lines().count();
    assert_eq!(keys(), 2);
    let server = Server::start(folder.path());
    let begun = Instant::now();
    while keys() > 1 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the server did not finish it");
        thread::sleep(Duration::from_millis(100));
    }
    let token = token(&server.address).unwrap();
    assert!(ask(&server.address, &token, "message0").is_some());
    all_are_readable(folder.path());
}
