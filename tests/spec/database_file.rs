//! The file of an SQLite database: one that is gone, damaged, newer than the program or in use by another server is refused, and
//! the refusal says what to do.

use std::fs;

use backwise::store::{Error, Expected, ServerLock};

use crate::app::open_sqlite;
use crate::storage::{add, inquiry};

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_database_thanks_nobody_and_a_lost_one_is_not_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backwise.db");
    let store = open_sqlite(&path, Expected::Anything, folder.path()).await.unwrap();
    fs::remove_file(&path).unwrap();
    assert!(matches!(store.begin().await, Err(Error::FileGone(_))));
    fs::write(&path, "").unwrap();
    assert!(matches!(store.begin().await, Err(Error::FileGone(_))), "another file at its place is not it");
    fs::remove_file(&path).unwrap();
    assert!(matches!(open_sqlite(&path, Expected::Whole, folder.path()).await, Err(Error::Lost(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_or_damaged_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backwise.db");
    let store = open_sqlite(&path, Expected::Anything, folder.path()).await.unwrap();
    store.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99, 'later', 1, x'00', 0)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let refusal = open_sqlite(&path, Expected::Whole, folder.path()).await.unwrap_err();
    assert!(matches!(refusal, Error::Schema(_)), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_used_before_is_whole_or_the_start_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backwise.db");
    let store = open_sqlite(&path, Expected::Anything, folder.path()).await.unwrap();
    for number in 0..50 {
        add(&store, &inquiry(&format!("words {number} ").repeat(50), "one"), &format!("key {number}")).await;
    }
    store.close().await;
    let whole = fs::read(&path).unwrap();
    open_sqlite(&path, Expected::Whole, folder.path()).await.unwrap().close().await;
    let mut scratched = whole.clone();
    let middle = whole.len() / 2;
    scratched[middle..middle + 20_000].fill(0x5a);
    let broken: [(&str, Vec<u8>); 5] = [
        ("empty", Vec::new()),
        ("cut", whole[..whole.len() - 50].to_vec()),
        ("half", whole[..whole.len() / 2].to_vec()),
        ("scratched", scratched),
        ("garbage", b"this is no database, and long enough to be looked at".repeat(200)),
    ];
    for (how, bytes) in broken {
        fs::write(&path, bytes).unwrap();
        let refusal = open_sqlite(&path, Expected::Whole, folder.path()).await.map(|_| ()).expect_err(how).to_string();
        let tells = refusal.contains("put your last copy in its place") || refusal.contains("restore a backup");
        assert!(tells && refusal.contains("backwise.db"), "{how}: {refusal}");
    }
    fs::write(&path, &whole).unwrap();
    let pool = sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(&path)).await.unwrap();
    sqlx::query("DROP TABLE outbox").execute(&pool).await.unwrap();
    pool.close().await;
    assert!(matches!(open_sqlite(&path, Expected::Whole, folder.path()).await, Err(Error::Corrupt { .. })));
}

#[test]
fn a_second_server_on_one_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backwise.db");
    let first = ServerLock::take(&path).unwrap();
    assert!(ServerLock::take(&path).unwrap_err().to_string().contains("already uses"));
    drop(first);
    ServerLock::take(&path).unwrap();
}
