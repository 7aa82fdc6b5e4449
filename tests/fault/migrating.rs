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
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqlSafeStr, SqlStr};
use tempfile::TempDir;

use crate::process::{Server, command, request};

const INQUIRIES: usize = 300;

/// A desk as the first schema left it: in plain, without a chain, with the program's key beside it.
struct OldDesk {
    data: TempDir,
    /// The server and the name of the database, on PostgreSQL.
    postgres: Option<(String, String)>,
}

/// One that a test may treat badly: a folder to start the program in.
struct Copied {
    folder: TempDir,
    url: Option<String>,
}

impl OldDesk {
    async fn on_sqlite() -> Self {
        let data = folder_with_key();
        let file = SqliteConnectOptions::new().filename(data.path().join("backwise.db")).create_if_missing(true);
        let pool = SqlitePool::connect_with(file).await.unwrap();
        first(include_str!("../../migrations/sqlite/0001_inquiries_and_desk.sql").into_sql_str())
            .run(&pool)
            .await
            .unwrap();
        sqlx::raw_sql(filling("randomblob(32)")).execute(&pool).await.unwrap();
        pool.close().await;
        Self { data, postgres: None }
    }

    async fn on_postgres(server: &str) -> Self {
        let name = format!("old_{}", uuid::Uuid::now_v7().simple());
        create_database(server, &name, "").await;
        let mut database = PgConnection::connect(&url_of(server, &name)).await.unwrap();
        let sql = include_str!("../../migrations/postgres/0001_inquiries_and_desk.sql").into_sql_str();
        first(sql).run(&mut database).await.unwrap();
        sqlx::raw_sql(filling("sha256(i::text::bytea)")).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
        Self { data: folder_with_key(), postgres: Some((server.to_owned(), name)) }
    }

    async fn copied(&self) -> Copied {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("data")).unwrap();
        for entry in fs::read_dir(self.data.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join("data").join(entry.file_name())).unwrap();
        }
        let Some((server, old)) = &self.postgres else { return Copied { folder, url: None } };
        let name = format!("copy_{}", uuid::Uuid::now_v7().simple());
        create_database(server, &name, &format!("TEMPLATE {old}")).await;
        let url = url_of(server, &name);
        fs::write(folder.path().join("backwise.toml"), format!("[database]\nurl = \"{url}\"\n")).unwrap();
        Copied { folder, url: Some(url) }
    }
}

impl Copied {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether a word that somebody wrote can still be read in the files of the database, or in its rows.
    async fn holds_plain_words(&self) -> bool {
        let Some(url) = &self.url else {
            let files =
                fs::read_dir(self.path().join("data")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
            return files.into_iter().any(|bytes| bytes.windows(10).any(|window| window == b"message299"));
        };
        let mut database = PgConnection::connect(url).await.unwrap();
        // Bytes are shown in hexadecimal there.
        let rows = "SELECT count(*) FROM inquiry WHERE inquiry::text LIKE '%message299%' \
             OR inquiry::text LIKE '%' || encode('message299', 'hex') || '%'";
        sqlx::query_scalar::<_, i64>(rows).fetch_one(&mut database).await.unwrap() > 0
    }
}

fn folder_with_key() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("secret.key"), [7; 32]).unwrap();
    data
}

async fn create_database(server: &str, name: &str, how: &str) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name} {how}"))).execute(&mut connection).await.unwrap();
}

fn url_of(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.into()
}

fn first(sql: SqlStr) -> Migrator {
    Migrator::with_migrations(vec![Migration::new(1, "inquiries and desk".into(), MigrationType::Simple, sql, false)])
}

/// Inquiries, notes, mails and audit entries; `digest` makes 32 bytes out of `i`.
fn filling(digest: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {INQUIRIES}) \
         INSERT INTO inquiry (reference, submission, receipt_digest, received_at, answer_by, rank, status, urgent, name, email, \
         email_folded, phone, contact_by, voicemail, technique, best_time, health, message, consent_version, signals) \
         SELECT 'BW-' || substr('23456789', i / 64 % 8 + 1, 1) || '222-2' || substr('23456789', i / 8 % 8 + 1, 1) || \
         substr('23456789', i % 8 + 1, 1) || '2', {digest}, {digest}, 1700000000000 + i, 1700000000000 + i, i, 'new', 'no', \
         'Name ' || i, 'a' || i || '@example.org', 'a' || i || '@example.org', NULL, 'email', FALSE, NULL, 'noon', '', 'message' || i, \
         'before', '' FROM n; \
         INSERT INTO entry (inquiry, at, kind, words) SELECT seq, received_at, 'note', 'note' || seq FROM inquiry; \
         INSERT INTO outbox (id, inquiry, kind, state, created_at, attempts, next_attempt_at, give_up_at, last_answer) \
         SELECT 'm' || seq, seq, 'acknowledgement', 'sent', 1, 1, 1, 1, '250 ok' FROM inquiry; \
         INSERT INTO audit (at, actor, action, subject, detail) SELECT received_at, 'writer', 'inquiry.received', reference, 'new' FROM inquiry"
    ))
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

#[tokio::test(flavor = "multi_thread")]
async fn bringing_an_old_database_up_to_date_survives_being_killed_at_any_moment() {
    survives_being_killed(&OldDesk::on_sqlite().await, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bringing_an_old_database_up_to_date_on_postgresql_survives_being_killed_at_any_moment() {
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else { return };
    survives_being_killed(&OldDesk::on_postgres(&server).await, 3).await;
}

async fn survives_being_killed(old: &OldDesk, kills: u32) {
    let whole = old.copied().await;
    let begun = Instant::now();
    drop(Server::start(whole.path()));
    let takes = begun.elapsed();

    let (mut round, mut were_half_done) = (0, 0);
    while round < kills || were_half_done < 2 {
        let desk = old.copied().await;
        // A machine that stands still kills later than it meant to; then it kills again, and earlier.
        is_killed_after(desk.path(), takes * (round % kills) / kills / (1 << (round / kills)));
        were_half_done += u32::from(desk.holds_plain_words().await);
        is_killed_after(desk.path(), takes / 3);
        let server = Server::start(desk.path());
        let (ready, _, _) = request(&server.address, "GET /readyz", "").unwrap();
        assert_eq!(ready, 200, "round {round}");
        drop(server);
        everything_is_there_once(desk.path(), round);
        assert!(!desk.holds_plain_words().await, "round {round}");
        round += 1;
    }
}

fn everything_is_there_once(folder: &Path, round: u32) {
    let rows = says(folder, &["export", "--format", "jsonl"]);
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let messages: BTreeSet<&str> = rows.iter().map(|row| row["message"].as_str().unwrap()).collect();
    assert_eq!((rows.len(), messages.len()), (INQUIRIES, INQUIRIES), "round {round}");
    let number = |row: &serde_json::Value, column: &str, before: &str| {
        row[column].as_str().unwrap().strip_prefix(before).unwrap().to_owned()
    };
    let stay_together = |row| number(row, "name", "Name ") == number(row, "message", "message");
    assert!(rows.iter().all(stay_together), "words stay together");
    let proof = says(folder, &["audit", "verify"]);
    assert!(proof.starts_with("unbroken: 30"), "round {round}: {proof}");
    let checked = says(folder, &["check"]);
    assert!(checked.contains("the words of all"), "{checked}");
}
