//! The audit log only grows, and whoever changes it all the same is found out. The same on both engines.

use backwise::desk::{HeadFile, accept_audit, prove_audit};
use backwise::store::{AuditFilter, AuditPlace, Store};
use jiff::Timestamp;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, PgPool, SqlSafeStr, SqlitePool};

use crate::app::{App, FRIDAY_AT_TEN, new_store};
use crate::http::{Answer, between, send, unescape};
use crate::people::{Staff, somebody_asks};

fn now() -> Timestamp {
    FRIDAY_AT_TEN.parse().unwrap()
}

async fn add(store: &Store, subject: &str) {
    let mut tx = store.begin().await.unwrap();
    tx.add_audit(now(), "operator", "test", subject, "").await.unwrap();
    tx.commit().await.unwrap();
}

/// Somebody with a way into the database that is not ours.
pub enum Intruder {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Intruder {
    pub async fn of(folder: &std::path::Path, store: &Store) -> Self {
        match store {
            Store::Sqlite { .. } => {
                let file = SqliteConnectOptions::new().filename(folder.join("backwise.db"));
                Self::Sqlite(SqlitePool::connect_with(file).await.unwrap())
            }
            Store::Postgres(server) => Self::Postgres(sqlx::PgPool::clone(server)),
        }
    }

    pub async fn tries(&self, sql: &str) -> Result<(), String> {
        let done = match self {
            Self::Sqlite(pool) => sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(pool).await.map(drop),
            Self::Postgres(pool) => sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(pool).await.map(drop),
        };
        done.map_err(|cause| cause.to_string())
    }

    /// How many rows a table has.
    pub async fn rows(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }

    /// Takes the triggers away, as the owner of a database can.
    async fn disarms(&self) {
        let names = ["audit_only_grows", "audit_keeps", "audit_stays"];
        let on = if matches!(self, Self::Postgres(_)) { " ON audit" } else { "" };
        for name in names {
            self.tries(&format!("DROP TRIGGER {name}{on}")).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_to_change_an_entry_or_to_take_one_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    add(&store, "one").await;
    add(&store, "two").await;
    let intruder = Intruder::of(folder.path(), &store).await;
    for sql in [
        "UPDATE audit SET subject = 'other' WHERE seq = 1",
        "UPDATE audit SET hash = NULL",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 2",
        "INSERT INTO audit (at, actor, action, subject, detail) VALUES (0, 'a', 'b', 'c', '')",
        "INSERT INTO audit (seq, at, actor, action, subject, detail) VALUES (9, 0, 'a', 'b', 'c', '')",
    ] {
        let refusal = intruder.tries(sql).await.expect_err(sql);
        assert!(refusal.contains("the audit log only grows"), "{sql}: {refusal}");
    }
    let engine = match &intruder {
        Intruder::Sqlite(_) => {
            "INSERT OR REPLACE INTO audit (seq, at, actor, action, subject, detail, hash) SELECT seq, at, 'x', action, subject, detail, hash FROM audit"
        }
        Intruder::Postgres(_) => "TRUNCATE audit",
    };
    assert!(intruder.tries(engine).await.expect_err(engine).contains("only grows"));
    assert_eq!(store.audit(9).await.unwrap().len(), 2);
    assert!(store.prove_audit(&[]).await.unwrap().is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_the_log_all_the_same_is_found_out_by_the_first_broken_entry() {
    let changes: [(&str, Option<i64>); 4] = [
        ("UPDATE audit SET actor = 'somebody else' WHERE seq = 3", Some(3)),
        ("DELETE FROM audit WHERE seq = 2", Some(3)),
        ("UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 1) WHERE seq = 4", Some(4)),
        ("DELETE FROM audit WHERE seq >= 4", None),
    ];
    for (change, broken) in changes {
        let folder = tempfile::tempdir().unwrap();
        let store = new_store(folder.path()).await;
        for subject in ["1", "2", "3", "4", "5"] {
            add(&store, subject).await;
        }
        let file = HeadFile::of(folder.path());
        assert!(file.follow(&store).await.unwrap());
        let head = store.audit_head().await.unwrap();
        assert_eq!((head.seq, file.read().unwrap(), store.has_audit_head(&head).await.unwrap()), (5, Some(head), true));
        assert!(prove_audit(&store, &file, &[]).await.unwrap().is_whole(), "before: {change}");
        let intruder = Intruder::of(folder.path(), &store).await;
        intruder.disarms().await;
        intruder.tries(change).await.unwrap();
        let proof = prove_audit(&store, &file, &[]).await.unwrap();
        assert_eq!((proof.is_whole(), proof.broken), (false, broken), "{change}");
        if broken.is_none() {
            assert_eq!(proof.missing, [head], "the cut end shows against the file");
            assert!(!file.follow(&store).await.unwrap());
            assert_eq!(file.read().unwrap(), Some(head), "the file stays the proof of it");
            accept_audit(&store, &file, head.seq, now()).await.unwrap();
            let accepted = prove_audit(&store, &file, &[]).await.unwrap();
            assert!(accepted.is_whole());
            assert_eq!(store.audit(1).await.unwrap()[0].action, "audit.accepted");
            assert_eq!(
                prove_audit(&store, &file, &[head]).await.unwrap().missing,
                [head],
                "a printed head still tells"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_moment_make_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for entry in 0..10 {
                    add(&store, &format!("{writer} {entry}")).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let proof = store.prove_audit(&[]).await.unwrap();
    assert_eq!((proof.entries, proof.head.seq, proof.broken), (80, 80, None));
}

/// On PostgreSQL the same code runs; here the file is made by the first migration alone, as an older program left it.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_from_before_the_chain_keeps_its_entries_and_is_chained_when_it_is_opened() {
    if std::env::var_os("TEST_POSTGRES_URL").is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("backwise.db")).create_if_missing(true);
    let older = SqlitePool::connect_with(options).await.unwrap();
    let schema = include_str!("../../migrations/sqlite/0001_inquiries_and_desk.sql").into_sql_str();
    let first = Migration::new(1, "inquiries and desk".into(), MigrationType::Simple, schema, false);
    Migrator::with_migrations(vec![first]).run(&older).await.unwrap();
    sqlx::raw_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO audit \
         (seq, at, actor, action, subject, detail) SELECT i * 3, i, 'writer', 'inquiry.received', 'BW-' || i, 'new' FROM n",
    )
    .execute(&older)
    .await
    .unwrap();
    older.close().await;
    let store = new_store(folder.path()).await;
    add(&store, "after").await;
    let proof = store.prove_audit(&[]).await.unwrap();
    assert_eq!((proof.entries, proof.head.seq, proof.broken), (2501, 7501, None));
    let newest = store.audit(2).await.unwrap();
    assert_eq!((newest[0].subject.as_str(), newest[1].subject.as_str()), ("after", "BW-2500"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_shown_an_inquiry_is_in_the_log_whichever_way_they_took() {
    let app = App::start().await;
    somebody_asks(&app, "Auditcanary words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=auditcanary").await.remove(0);
    let reference = path.rsplit('/').next().unwrap();
    let views = async || {
        let log = app.store.audit(500).await.unwrap();
        log.iter().filter(|entry| entry.action == "inquiry.viewed" && entry.subject == reference).count()
    };
    for (action, field, words, status) in [
        ("", "", "", 200),
        ("/status", "status", "nonsense", 422),
        ("/notes", "note", "", 422),
        ("/reply", "message", "", 422),
    ] {
        let before = views().await;
        let answer = match action {
            "" => staff.opens(&path).await,
            action => staff.posts(&format!("{path}{action}"), &[(field, words)]).await,
        };
        assert_eq!(answer.status, status, "{action}");
        assert!(answer.text().contains("Auditcanary"), "{action}: the page shows the message");
        assert_eq!(views().await, before + 1, "{action}: so it counts as read");
    }
    let before = views().await;
    let stale = staff.posts(&format!("{path}/status"), &[("status", "closed"), ("version", "99")]).await;
    assert_eq!((stale.status, views().await), (409, before + 1));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_what_was_done_and_holds_nothing_that_anybody_typed() {
    let app = App::start().await;
    somebody_asks(&app, "Auditcanary words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=auditcanary").await.remove(0);
    staff.opens(&path).await;
    let form: [(&str, &[(&str, &str)]); 3] = [
        ("notes", &[("note", "Notecanary")]),
        ("status", &[("status", "open")]),
        ("reply", &[("message", "Replycanary")]),
    ];
    for (action, fields) in form {
        assert_eq!(staff.posts(&format!("{path}/{action}"), fields).await.status, 303, "{action}");
    }
    staff.opens("/admin/inquiries.csv?q=Searchcanary").await;
    staff.opens("/admin/inquiries?q=Searchcanary").await;
    assert_eq!(staff.posts("/admin/mail/Pathcanary/retry", &[]).await.status, 409);
    app.deliver().await;
    let log = app.store.audit(99).await.unwrap();
    let actions: Vec<&str> = log.iter().rev().map(|entry| entry.action.as_str()).collect();
    let after_signing_in = actions.iter().position(|action| *action == "session.begun").unwrap() + 1;
    assert_eq!(
        actions[after_signing_in..],
        [
            "inbox.searched",
            "inquiry.viewed",
            "inquiry.note",
            "inquiry.status",
            "inquiry.reply",
            "inquiries.exported",
            "inbox.searched"
        ]
    );
    assert!(!format!("{log:?}").to_lowercase().contains("canary"), "{log:?}");
    assert!(app.store.prove_audit(&[]).await.unwrap().is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_the_log_show_words_and_names_and_no_codes() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let path = admin.inbox("").await.remove(0);
    let me = app.store.staff().await.unwrap().remove(0).id;
    admin.posts(&format!("{path}/assign"), &[("assignee", &me)]).await;
    admin.posts(&format!("{path}/assign"), &[("assignee", "")]).await;
    admin.posts(&format!("{path}/reply"), &[("message", "Come."), ("then", "close")]).await;
    admin.posts(&format!("{path}/undo"), &[]).await;
    admin.posts("/admin/mail/test", &[]).await;
    app.deliver().await;
    let reference = path.rsplit('/').next().unwrap();
    let log = admin.opens("/admin/audit").await.words();
    let about_it = admin.opens(&format!("/admin/audit/{reference}")).await.words();
    for told in ["to Adele Admin", "from Adele Admin to nobody", "from Answered to Closed", "from Closed to Answered"] {
        assert!(log.contains(&format!("{reference} {told}")), "{told} in {log}");
        assert!(about_it.contains(told), "{told} in {about_it}");
    }
    assert!(log.contains("sent themselves a test mail a mail"), "{log}");
    for code in [me.as_str(), ">", "answered"] {
        assert!(!log.contains(code) && !about_it.contains(code), "{code} in {log} {about_it}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clinic_can_tell_a_person_who_has_read_their_message() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "Auditcanary words").await;
    somebody_asks(&app, "of another person").await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let path = admin.inbox("?q=auditcanary").await.remove(0);
    let reference = path.rsplit('/').next().unwrap();
    admin.opens(&path).await;
    admin.posts(&format!("{path}/notes"), &[("note", "Notecanary")]).await;
    admin.opens("/admin/inquiries.csv").await;
    assert!(admin.opens(&path).await.linked().contains(&format!("href=\"/admin/audit/{reference}\"")));
    let page = admin.opens(&format!("/admin/audit/{reference}")).await;
    let words = page.words();
    for line in [
        "The writer sent an inquiry",
        "Adele Admin read an inquiry",
        "Adele Admin wrote a note",
        "exported inquiries many at once",
    ] {
        assert!(words.to_lowercase().contains(&line.to_lowercase()), "{line} in {words}");
    }
    assert!(!words.contains("canary"), "the list says who read, not what");
    let spoken = reference.to_lowercase().replace('-', "");
    assert_eq!(admin.opens(&format!("/admin/audit/{spoken}")).await.location(), format!("/admin/audit/{reference}"));
    let file = admin.opens(&format!("/admin/audit/{reference}/readers.csv")).await;
    let disposition = format!("attachment; filename=\"who-has-read-{reference}.csv\"");
    assert_eq!(file.header("content-disposition"), Some(disposition.as_str()));
    let text = file.text();
    let mut reader = csv::Reader::from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
    let actions: Vec<String> = reader.records().map(|record| record.unwrap()[2].to_owned()).collect();
    assert_eq!(
        actions,
        [
            "inquiry.received",
            "inquiry.viewed",
            "inquiry.note",
            "inquiries.exported",
            "inquiry.viewed",
            "inquiry.access_listed"
        ]
    );
    app.deliver().await;
    send(app.address, "POST", &format!("{receipt}/withdraw"), &[("sec-fetch-site", "same-origin")], b"").await;
    admin.opens("/admin/inquiries.csv").await;
    let gone = admin.opens(&format!("/admin/audit/{reference}")).await.words();
    assert!(gone.contains("The inquiry is erased") && gone.contains("erased an inquiry"), "{gone}");
    assert_eq!(gone.matches("exported inquiries").count(), 1, "an export after the erasure did not hold it");
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_find_what_they_look_for_in_the_log_page_by_page() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    for number in 0..105 {
        let mut tx = app.store.begin().await.unwrap();
        let actor = if number % 2 == 0 { "writer" } else { "operator" };
        tx.add_audit(app.clock.now(), actor, "inquiry.received", &format!("Line{number:03}"), "").await.unwrap();
        tx.commit().await.unwrap();
    }
    let lines = |page: &Answer| page.text().matches("data-label=\"When\"").count();
    let link = |page: &Answer, kind: &str| {
        let text = page.text();
        between(&text, &format!("rel=\"{kind}\" href=\""), "\"").map(|href| unescape(&href))
    };
    let first = admin.opens("/admin/audit?what=inquiry.received").await;
    assert_eq!((lines(&first), link(&first, "prev")), (50, None));
    let is_open = |page: &Answer| page.text().contains("<details open><summary>Filters</summary>");
    assert!(is_open(&first), "what is in use is seen");
    let plain = admin.opens("/admin/audit").await;
    assert!(!is_open(&plain) && plain.text().contains("<details><summary>Filters</summary>"), "{}", plain.text());
    let second = admin.opens(&link(&first, "next").unwrap()).await;
    let third = admin.opens(&link(&second, "next").unwrap()).await;
    assert_eq!((lines(&second), lines(&third), link(&third, "next")), (50, 5, None));
    assert!(third.words().contains("Line000") && first.words().contains("Line104"));
    let back = admin.opens(&link(&third, "prev").unwrap()).await;
    assert_eq!(back.words(), second.words(), "the way back shows the same page");
    assert!(link(&admin.opens(&link(&back, "prev").unwrap()).await, "prev").is_none());
    let count = async |query: &str| lines(&admin.opens(&format!("/admin/audit?{query}")).await);
    assert_eq!(count("what=inquiry.received&who=operator&newer=0").await, 50);
    assert_eq!(count("about=Line007").await, 1);
    assert_eq!(count("about=Line007&who=writer").await, 0);
    assert_eq!((count("from=2026-11-20&until=2026-11-20").await, count("from=2026-11-21").await), (50, 0));
    assert_eq!((count("until=2026-11-19").await, count("from=nonsense&about=Line001").await), (0, 1));
    let proven = admin.opens("/admin/audit?verify=1").await;
    let entries = app.store.audit_head().await.unwrap().seq;
    assert!(proven.words().contains(&format!("The log is unbroken: {entries} entries")), "{}", proven.words());
    let intruder = Intruder::of(app.folder(), &app.store).await;
    intruder.disarms().await;
    intruder.tries("UPDATE audit SET actor = 'operator' WHERE subject = 'Line100'").await.unwrap();
    let broken = admin.opens("/admin/audit?verify=1").await.words();
    assert!(broken.contains("The log was changed. Entry 1"), "{broken}");
    let filter = AuditFilter { subject: Some("Line100".into()), ..AuditFilter::default() };
    let found = app.store.audit_page(&filter, AuditPlace::Newest, 9).await.unwrap();
    assert_eq!((found.len(), app.store.audit_about("Line100").await.unwrap().len()), (1, 1));
}
