//! A disk that is full, and one that is free again; a database that another program holds.

use std::process::Command;
use std::time::Duration;

use crate::awake::Awake;
use crate::process::{Server, ask, command, request, token};

#[test]
fn a_full_disk_is_told_honestly_and_recovers_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    // No file may grow beyond 1 MiB; the signal that comes with it is ignored, so that a write fails as on a full disk.
    let program = command(folder.path()).get_program().to_owned();
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -S -f 2048; exec \"$0\""]).arg(program);
    let server = Server::start_as(shell, folder.path());
    let token = token(&server.address).unwrap();
    let mut acknowledged = Vec::new();
    let message = |number: usize| format!("number{number}").repeat(300);
    let refused = loop {
        match ask(&server.address, &token, &message(acknowledged.len())) {
            Some(receipt) => acknowledged.push(receipt),
            None => break acknowledged.len(),
        }
        assert!(acknowledged.len() < 2_000, "the disk never filled up");
    };
    let begun = Awake::now();
    let body = format!(
        "token={token}&urgent=no&name=Tester&email=tester%40example.org&message={}&consent=yes",
        message(refused)
    );
    let (status, _, page) = request(&server.address, "POST /contact", &body).unwrap();
    assert_eq!(status, 503);
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(page.contains(&message(refused)) && page.contains("We could not save your message"), "the words are kept");
    for (path, expected) in [("/", 200), ("/admin/login", 200), ("/healthz", 200), ("/readyz", 503)] {
        assert_eq!(request(&server.address, &format!("GET {path}"), "").unwrap().0, expected, "{path}");
    }
    for receipt in &acknowledged {
        assert_eq!(request(&server.address, &format!("GET {receipt}"), "").unwrap().0, 200);
    }

    let pid = server.child.id().to_string();
    assert!(Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().unwrap().success());
    assert!(ask(&server.address, &token, &message(refused)).is_some(), "it recovers by itself");
    assert_eq!(request(&server.address, "GET /readyz", "").unwrap().0, 200);
    server.dies();
}

#[test]
fn dawdling_connections_do_not_shut_others_out() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().unwrap();
    let program = command(folder.path()).get_program().to_owned();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 96; exec \"$0\""]).arg(program);
    let server = Server::start_as(shell, folder.path());
    // Each asks once, reads the answer, begins a second request and never ends it.
    let mut dawdlers = Vec::new();
    for _ in 0..120 {
        let Ok(mut stream) = std::net::TcpStream::connect(&server.address) else { break };
        stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
        let _full = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
        let mut answer = [0; 4096];
        let _full = stream.read(&mut answer);
        let _closed = stream.write_all(b"GET / HT");
        dawdlers.push(stream);
    }
    assert!(dawdlers.len() > 100);
    for path in ["/", "/contact", "/readyz"] {
        assert_eq!(
            request(&server.address, &format!("GET {path}"), "").map(|(status, _, _)| status),
            Some(200),
            "{path}"
        );
    }
    server.dies();
}

#[tokio::test]
async fn a_database_held_for_three_seconds_is_waited_for_and_one_held_for_long_is_told_honestly() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let token = token(&server.address).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("data/backwise.db"));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();

    let held = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let (address, of) = (server.address.clone(), token.clone());
    let waiting = std::thread::spawn(move || ask(&address, &of, "patient"));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!waiting.is_finished());
    held.rollback().await.unwrap();
    assert!(waiting.join().unwrap().is_some(), "it waited and succeeded");

    let held = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let begun = Awake::now();
    assert!(ask(&server.address, &token, "told").is_none());
    // The program waits 5.5 seconds for the database; a busy machine may add to that.
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    assert_eq!(request(&server.address, "GET /healthz", "").unwrap().0, 200);
    held.rollback().await.unwrap();
    assert!(ask(&server.address, &token, "told").is_some());
    server.dies();
}
