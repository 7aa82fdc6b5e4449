//! kill -9 while a database of the first schema is brought up to date, sealed and chained: nothing that was kept is lost,
//! nothing is there twice, and the next start finishes it without hands.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::process::{Server, command, request};

const INQUIRIES: usize = 300;
const KILLS: u32 = 6;

/// A data folder as the first schema left it: in plain, without a chain, with the program's key beside it.
async fn an_old_desk(data: &Path) {
    fs::create_dir_all(data).unwrap();
    fs::write(data.join("secret.key"), [7; 32]).unwrap();
    let file = SqliteConnectOptions::new().filename(data.join("backwise.db")).create_if_missing(true);
    let pool = SqlitePool::connect_with(file).await.unwrap();
    let sql = include_str!("../../migrations/sqlite/0001_inquiries_and_desk.sql").into_sql_str();
    let first = Migration::new(1, "inquiries and desk".into(), MigrationType::Simple, sql, false);
    Migrator::with_migrations(vec![first]).run(&pool).await.unwrap();
    let filled = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {INQUIRIES}) \
         INSERT INTO inquiry (reference, submission, receipt_digest, received_at, answer_by, rank, status, urgent, name, email, \
         email_folded, phone, contact_by, voicemail, technique, best_time, health, message, consent_version, signals) \
         SELECT 'BW-' || substr('23456789', i / 64 % 8 + 1, 1) || '222-2' || substr('23456789', i / 8 % 8 + 1, 1) || \
         substr('23456789', i % 8 + 1, 1) || '2', randomblob(32), randomblob(32), 1700000000000 + i, 1700000000000 + i, i, 'new', 'no', \
         'Name ' || i, 'a' || i || '@example.org', 'a' || i || '@example.org', NULL, 'email', FALSE, NULL, 'noon', '', 'message' || i, \
         'before', '' FROM n; \
         INSERT INTO entry (inquiry, at, kind, words) SELECT seq, received_at, 'note', 'note' || seq FROM inquiry; \
         INSERT INTO outbox (id, inquiry, kind, state, created_at, attempts, next_attempt_at, give_up_at, last_answer) \
         SELECT 'm' || seq, seq, 'acknowledgement', 'sent', 1, 1, 1, 1, '250 ok' FROM inquiry; \
         INSERT INTO audit (at, actor, action, subject, detail) SELECT received_at, 'writer', 'inquiry.received', reference, 'new' FROM inquiry"
    );
    sqlx::raw_sql(AssertSqlSafe(filled)).execute(&pool).await.unwrap();
    pool.close().await;
}

fn copied(old: &Path, to: &Path) {
    fs::create_dir_all(to.join("data")).unwrap();
    for entry in fs::read_dir(old).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join("data").join(entry.file_name())).unwrap();
    }
}

fn is_killed_after(folder: &Path, time: Duration) {
    let mut child = command(folder).arg("serve").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(time);
    let _ended_before = child.kill();
    child.wait().unwrap();
}

fn says(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bringing_an_old_database_up_to_date_survives_being_killed_at_any_moment() {
    let old = tempfile::tempdir().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(an_old_desk(old.path()));
    let whole = tempfile::tempdir().unwrap();
    copied(old.path(), whole.path());
    let begun = Instant::now();
    drop(Server::start(whole.path()));
    let takes = begun.elapsed();

    let mut were_half_done = 0;
    for round in 0..KILLS {
        let folder = tempfile::tempdir().unwrap();
        copied(old.path(), folder.path());
        is_killed_after(folder.path(), takes * round / KILLS);
        were_half_done += u32::from(holds_plain_words(folder.path()));
        is_killed_after(folder.path(), takes / 3);
        let server = Server::start(folder.path());
        let (ready, _, _) = request(&server.address, "GET /readyz", "").unwrap();
        assert_eq!(ready, 200, "round {round}");
        drop(server);
        let rows = says(folder.path(), &["export", "--format", "jsonl"]);
        let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let messages: BTreeSet<&str> = rows.iter().map(|row| row["message"].as_str().unwrap()).collect();
        assert_eq!((rows.len(), messages.len()), (INQUIRIES, INQUIRIES), "round {round}");
        let number = |row: &serde_json::Value, column: &str, before: &str| {
            row[column].as_str().unwrap().strip_prefix(before).unwrap().to_owned()
        };
        assert!(
            rows.iter().all(|row| number(row, "name", "Name ") == number(row, "message", "message")),
            "words stay together"
        );
        let proof = says(folder.path(), &["audit", "verify"]);
        assert!(proof.starts_with("unbroken: 30"), "round {round}: {proof}");
        let checked = says(folder.path(), &["check"]);
        assert!(checked.contains("the words of all"), "{checked}");
        assert!(!holds_plain_words(folder.path()), "round {round}");
    }
    assert!(were_half_done >= 2, "the kills came before the end: {were_half_done}");
}

/// Whether a word that somebody wrote can still be read in the files of the database.
fn holds_plain_words(folder: &Path) -> bool {
    let files = fs::read_dir(folder.join("data")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|bytes| bytes.windows(10).any(|window| window == b"message299"))
}
