//! On PostgreSQL the program serves as a role that owns nothing, set up exactly as docs/OPERATING.md says.

use std::fs;
use std::process::Command;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::app::App;
use crate::people::{Patient, Staff};

/// The blocks of SQL under "PostgreSQL", with names of this test's own for the roles and the database.
fn told_sql(suffix: &str) -> Vec<String> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATING.md")).unwrap();
    let chapter = text.split("\n## PostgreSQL").nth(1).unwrap();
    let blocks = chapter.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let renamed = blocks.map(|block| {
        block
            .replace("backwise_", &format!("backwise_{suffix}_"))
            .replace("DATABASE backwise ", &format!("DATABASE backwise_{suffix} "))
    });
    renamed.collect()
}

async fn connected(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn v13_2_2_a_role_that_owns_nothing_serves_and_cannot_touch_tables_or_the_audit_log() {
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else { return };
    let suffix = uuid::Uuid::now_v7().simple().to_string();
    let [for_superuser, for_owner] = told_sql(&suffix).try_into().unwrap();
    let mut superuser = connected(&server).await;
    for statement in for_superuser.split(";\n").filter(|statement| !statement.trim().is_empty()) {
        superuser.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
    }
    let url_of = |role: &str| {
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&format!("backwise_{suffix}"));
        url.set_username(&format!("backwise_{suffix}_{role}")).unwrap();
        url.to_string()
    };
    let (owner, serve) = (url_of("owner"), url_of("serve"));
    let keys = tempfile::tempdir().unwrap();
    let key_file = keys.path().join("sealing.keys").display().to_string();
    let key = ("BACKWISE_PRIVACY__KEY_FILE", key_file.as_str());

    let runs = |url: &str, arguments: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_backwise"));
        command.args(arguments).current_dir(folder.path()).env_clear();
        let output = command.env("BACKWISE_DATABASE__URL", url).env(key.0, key.1).output().unwrap();
        let words = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.code(), words)
    };
    let check = |url: &str| runs(url, &["check"]);
    let (code, words) = check(&serve);
    assert!(code == Some(1) && words.contains("has to be brought up to date"), "{code:?} {words}");
    assert_eq!(check(&owner).0, Some(0));
    connected(&owner).await.execute(AssertSqlSafe(for_owner)).await.unwrap();
    assert_eq!(check(&serve).0, Some(0));

    // A day at the clinic: an inquiry, opened, noted, answered, its mails sent; an account; the key changed; the inquiry erased.
    let app = App::with(&[("BACKWISE_DATABASE__URL", &serve), key]).await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    admin.invites("sam@clinic.example", "staff").await;
    admin.sets_up_codes().await;
    Patient::opens_the_form(&app).await.gets_a_receipt().await;
    let inquiry = admin.inbox("").await.remove(0);
    assert_eq!(admin.opens(&inquiry).await.status, 200);
    for (action, field, words) in
        [("notes", "note", "a note"), ("reply", "message", "a reply"), ("status", "status", "closed")]
    {
        let version = admin.opens(&inquiry).await.value_of("version");
        let done = admin.posts(&format!("{inquiry}/{action}"), &[(field, words), ("version", &version)]).await;
        assert_eq!(done.status, 303, "{action}: {}", done.words());
    }
    assert_eq!(admin.inbox("?q=Namecanary").await, std::slice::from_ref(&inquiry));
    app.deliver().await;
    app.makes_its_round().await;
    assert_eq!(app.mail_server.arrived_for("desk@clinic.example").len(), 1);
    assert_eq!(app.mail_server.arrived_for("quirina.mailcanary@example.org").len(), 2, "acknowledged, answered");

    // The sealing key is changed beside it, by the same role.
    let (code, words) = runs(&serve, &["key", "rotate"]);
    assert!(code == Some(0) && words.contains("opens nothing any more and is dropped"), "{code:?} {words}");
    assert_eq!(runs(&serve, &["key", "list"]).1.lines().count(), 1);
    assert!(admin.opens(&inquiry).await.text().contains("Namecanary"), "the server goes on under the new key");
    Patient::opens_the_form(&app).await.answers("message", "under the new key").gets_a_receipt().await;
    assert_eq!(admin.inbox("?q=Namecanary").await.len(), 2);
    app.deliver().await;

    let reference = inquiry.rsplit('/').next().unwrap().to_owned();
    let erased = admin.posts(&format!("{inquiry}/erase"), &[("confirm", &reference)]).await;
    assert_eq!(erased.status, 200, "{}", erased.words());
    assert_eq!(admin.inbox("").await.len(), 1);
    assert_eq!(admin.opens("/admin/insights").await.status, 200);
    assert!(app.store.prove_audit(&[]).await.unwrap().is_whole());

    let mut intruder = connected(&serve).await;
    let entries: i64 = sqlx::query_scalar("SELECT count(*) FROM audit").fetch_one(&mut intruder).await.unwrap();
    assert!(entries > 5);
    for harm in [
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TABLE audit",
        "CREATE TABLE mine (a INT)",
        "ALTER TABLE inquiry ADD COLUMN a INT",
        "TRUNCATE inquiry CASCADE",
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "UPDATE _sqlx_migrations SET success = false",
        "CREATE ROLE mine",
        "SELECT * FROM pg_authid",
    ] {
        let refusal = intruder.execute(AssertSqlSafe(harm)).await.expect_err(harm);
        let code = refusal.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        assert_eq!(code, "42501", "{harm}: {refusal}");
    }
}
