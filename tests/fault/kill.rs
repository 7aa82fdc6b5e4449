//! kill -9 anywhere: every acknowledged inquiry is there, once, with its messages; an orderly end loses nothing either,
//! and what runs for long does not grow.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Server, ask, command, request, token};

/// How often the server is killed, and how many people write meanwhile.
const KILLS: u32 = 20;
const WRITERS: u32 = 6;

fn stored(folder: &Path) -> Vec<serde_json::Value> {
    let output = command(folder).args(["export", "--format", "jsonl"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn terminate(pid: &str) {
    assert!(Command::new("kill").args(["-TERM", pid]).status().unwrap().success());
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(90), "{what} took too long");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn every_acknowledged_inquiry_survives_twenty_kills_once() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = Arc::new(Mutex::new(BTreeMap::<String, String>::new()));
    let mut total_before = 0;
    for round in 0..KILLS {
        let server = Server::start(folder.path());
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (address, stop, acknowledged) = (server.address.clone(), stop.clone(), acknowledged.clone());
                thread::spawn(move || {
                    let Some(token) = token(&address) else { return };
                    for number in 0.. {
                        if stop.load(Ordering::SeqCst) {
                            return;
                        }
                        let message = format!("round{round}writer{writer}number{number}");
                        match ask(&address, &token, &message) {
                            Some(receipt) => drop(acknowledged.lock().unwrap().insert(message, receipt)),
                            None => return,
                        }
                    }
                })
            })
            .collect();
        // Killed in the middle of the work, a little later each time.
        let target = total_before + 5 + round as usize * 2;
        wait_until("writing", || acknowledged.lock().unwrap().len() >= target);
        server.dies();
        stop.store(true, Ordering::SeqCst);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        total_before = acknowledged.lock().unwrap().len();
    }

    let begun = Instant::now();
    let server = Server::start(folder.path());
    println!("ready again without hands after {:?}", begun.elapsed());
    let acknowledged = acknowledged.lock().unwrap();
    let rows = stored(folder.path());
    let mut by_message: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *by_message.entry(row["message"].as_str().unwrap()).or_default() += 1);
    assert!(acknowledged.len() > KILLS as usize * 5);
    for (message, receipt) in acknowledged.iter() {
        assert_eq!(by_message.get(message.as_str()), Some(&1), "{message} was acknowledged");
        let (status, _, _) = request(&server.address, &format!("GET {receipt}"), "").unwrap();
        assert_eq!(status, 200, "{message}");
    }
    assert!(by_message.values().all(|count| *count == 1), "nothing is stored twice");

    // Messages: each inquiry's notice leaves; one that was in hand at a kill is repeated under the same name.
    let list = || {
        let output = command(folder.path()).args(["mail", "list", "--json"]).output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let owed = list();
    let noticed: BTreeSet<&str> =
        owed.iter().filter(|mail| mail["kind"] == "notice").map(|mail| mail["inquiry"].as_str().unwrap()).collect();
    assert_eq!(noticed.len(), rows.len(), "every stored inquiry owes one notice");
    wait_until("delivery", || {
        list().iter().all(|mail| mail["state"] == "sent" || mail["attempts"].as_i64().unwrap() > 0)
    });
    let waiting = list().iter().filter(|mail| mail["state"] != "sent").count();
    // What was claimed when the kill came waits its minute; all others have left.
    assert!(waiting <= (KILLS * 8) as usize, "{waiting} of {} wait", owed.len());
    let files: Vec<_> = fs::read_dir(folder.path().join("data/mail"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let whole = files.iter().filter(|name| name.ends_with(".eml")).count();
    assert!(whole + waiting >= owed.len(), "{whole} files, {waiting} waiting, {} owed", owed.len());
    println!("{} acknowledged, {} stored, {} kills", acknowledged.len(), rows.len(), KILLS);
    server.dies();
}

#[test]
fn sigterm_under_load_finishes_what_is_in_hand_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let address = server.address.clone();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let address = address.clone();
            thread::spawn(move || {
                let token = token(&address)?;
                let mut sent = Vec::new();
                for number in 0.. {
                    let message = format!("writer{writer}number{number}");
                    match ask(&address, &token, &message) {
                        Some(_) => sent.push(message),
                        None => break,
                    }
                }
                Some(sent)
            })
        })
        .collect();
    thread::sleep(Duration::from_millis(400));
    let pid = server.child.id().to_string();
    terminate(&pid);
    let status = server.child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    let acknowledged: Vec<String> = writers.into_iter().filter_map(|writer| writer.join().unwrap()).flatten().collect();
    let rows = stored(folder.path());
    assert!(!acknowledged.is_empty());
    for message in acknowledged {
        assert_eq!(rows.iter().filter(|row| row["message"] == message.as_str()).count(), 1, "{message}");
    }
}

#[test]
fn a_second_server_on_the_same_file_refuses_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let first = Server::start(folder.path());
    let second = command(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let words = String::from_utf8(second.stderr).unwrap();
    assert!(words.contains("another backwise server already uses"), "{words}");
    let (status, _, _) = request(&first.address, "GET /readyz", "").unwrap();
    assert_eq!(status, 200);
    first.dies();
    Server::start(folder.path()).dies();
}

#[test]
fn a_database_that_is_gone_stops_the_start_with_the_steps_to_take() {
    let folder = tempfile::tempdir().unwrap();
    Server::start(folder.path()).dies();
    for name in ["backwise.db", "backwise.db-wal", "backwise.db-shm"] {
        let _absent = fs::remove_file(folder.path().join("data").join(name));
    }
    let output = command(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("is missing") && words.contains("restore a backup"), "{words}");
    assert!(!folder.path().join("data/backwise.db").exists(), "it never starts empty over a lost file");
    // Another database with the same folder is no lost one.
    let mut elsewhere = command(folder.path());
    elsewhere.env("BACKWISE_DATABASE__URL", "sqlite://other/new.db").stderr(Stdio::null());
    Server::start_with(elsewhere).dies();
    fs::remove_file(folder.path().join("data/databases")).unwrap();
    Server::start(folder.path()).dies();
}

#[test]
fn a_key_that_is_gone_is_not_replaced_while_receipts_depend_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let receipt = ask(&server.address, &token(&server.address).unwrap(), "words").unwrap();
    server.dies();
    let key = folder.path().join("data/secret.key");
    let bytes = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let output = command(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("secret.key is missing"));
    fs::write(&key, bytes).unwrap();
    let server = Server::start(folder.path());
    assert_eq!(request(&server.address, &format!("GET {receipt}"), "").unwrap().0, 200);
}

#[test]
fn a_server_with_accounts_and_no_admin_who_can_sign_in_says_how_to_get_one() {
    let folder = tempfile::tempdir().unwrap();
    let says_second = |folder: &Path| {
        let mut child = command(folder).arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.next().unwrap().starts_with("listening on "));
        // What it has to say it says before it looks at signals; of an orderly end it says nothing.
        terminate(&child.id().to_string());
        let second = lines.next();
        child.wait().unwrap();
        second
    };
    let first = says_second(folder.path()).unwrap();
    assert!(first.starts_with("make the first admin: "), "{first}");
    let adds = |role: &str, email: &str| {
        let mut child = command(folder.path())
            .args(["user", "add", email, "--role", role, "--password-stdin"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"a long and plain password\n").unwrap();
        assert!(child.wait().unwrap().success());
    };
    adds("staff", "s@example.org");
    let without = says_second(folder.path()).unwrap();
    assert!(without.starts_with("no admin can sign in yet: `backwise user add EMAIL --role admin`"), "{without}");
    adds("admin", "a@example.org");
    assert_eq!(says_second(folder.path()), None);
}

#[test]
fn a_reader_who_hangs_up_does_not_stop_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    // Its stdout was closed when the test had read the first line.
    for _ in 0..3 {
        let (status, _, _) = request(&server.address, "GET /", "").unwrap();
        assert_eq!(status, 200);
    }
    server.dies();
}

#[test]
fn a_log_that_nobody_reads_costs_lines_and_not_requests() {
    let folder = tempfile::tempdir().unwrap();
    let mut talkative = command(folder.path());
    talkative.env("RUST_LOG", "trace").stderr(Stdio::piped());
    let server = Server::start_with(talkative);
    let token = token(&server.address).unwrap();
    // Far more than the 64 KiB that a pipe holds.
    for number in 0..150 {
        assert!(ask(&server.address, &token, &format!("number{number}")).is_some());
    }
    server.dies();
}

/// Anonymous memory of a process, in KiB.
fn memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn sign_ins_do_not_pile_up_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let before = memory(&server);
    for number in 0..16 {
        let body = format!("email=nobody{number}%40example.org&password=wrong+wrong+wrong");
        assert_eq!(request(&server.address, "POST /admin/login", &body).unwrap().0, 401);
    }
    // Two threads keep 19 MiB each; sixteen times 19 MiB would be 304.
    let grown = (memory(&server) - before) / 1024;
    assert!(grown < 64, "{grown} MiB more");
}
