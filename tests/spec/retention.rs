//! Nothing is kept for ever, and nothing goes before its time: retention, and a clock that cannot be trusted.

use std::collections::BTreeMap;

use backwise::desk::{self, Purge, PurgeRule};
use backwise::inquiry::{Reference, Status};
use backwise::outbox::Verdict;
use backwise::store::{Expected, Inserted, Receiving, Store};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, Connection, Row};

use crate::app::{FRIDAY_AT_TEN, new_store, open_sqlite};
use crate::commands::Shell;
use crate::sealing::written;

const RULE: PurgeRule = PurgeRule { retention_days: 730, confirmed: false, dry_run: false };

fn received() -> Timestamp {
    FRIDAY_AT_TEN.parse().unwrap()
}

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

/// How an inquiry of these tests stands.
#[derive(Clone, Copy)]
struct Standing {
    status: Status,
    opened: bool,
    mail_left: bool,
}

const DONE: Standing = Standing { status: Status::Closed, opened: true, mail_left: true };

async fn add(store: &Store, name: &str, standing: Standing) -> Reference {
    let reference = Reference::random().unwrap();
    let receiving = Receiving {
        reference: &reference,
        receipt_digest: b"digest",
        received_at: received(),
        answer_by: received(),
        status: standing.status,
        consent_version: "test",
        signals: &[],
    };
    let mut tx = store.begin().await.unwrap();
    let Inserted::New(seq) = tx.add_inquiry(&written("words", name), &receiving).await.unwrap() else { panic!("new") };
    if standing.opened {
        tx.mark_opened(seq, received()).await.unwrap();
    }
    tx.add_message(seq, backwise::outbox::Kind::Acknowledgement, None, None, received()).await.unwrap();
    if standing.mail_left {
        let claimed = tx.claim_due(received(), 1).await.unwrap();
        tx.settle(&claimed[0], &Verdict::Sent("250 ok".to_owned()), received()).await.unwrap();
    }
    tx.commit().await.unwrap();
    reference
}

/// A server that noted the time an hour before.
async fn noted(store: &Store, now: Timestamp) {
    let mut tx = store.begin().await.unwrap();
    tx.note_time(now - SignedDuration::from_hours(1)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_inquiry_goes_the_day_after_its_time_and_not_the_day_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let mut there = BTreeMap::new();
    for (name, standing) in [
        ("closed", DONE),
        ("open", Standing { status: Status::Open, ..DONE }),
        ("unopened", Standing { opened: false, ..DONE }),
        ("spam", Standing { status: Status::Spam, opened: false, mail_left: true }),
        ("unsent", Standing { mail_left: false, ..DONE }),
    ] {
        there.insert(name, add(&store, name, standing).await);
    }
    for (day, rule, expected) in [
        (29, RULE, None),
        (30, RULE, None),
        (31, RULE, Some("spam")),
        (729, RULE, None),
        (730, RULE, None),
        (731, PurgeRule { retention_days: 0, ..RULE }, None),
        (731, PurgeRule { dry_run: true, ..RULE }, Some("closed")),
        (731, RULE, Some("closed")),
        (9_999, RULE, None),
    ] {
        let now = received() + days(day);
        noted(&store, now).await;
        let expected: Vec<Reference> = expected.map(|name| there[name].clone()).into_iter().collect();
        assert_eq!(desk::purge(&store, rule, now).await.unwrap(), Purge::Erased(expected), "day {day}");
    }
    for name in ["open", "unopened", "unsent"] {
        assert!(store.inquiry(&there[name]).await.unwrap().is_some(), "{name} stays");
    }
    assert!(store.inquiry(&there["closed"]).await.unwrap().is_none());
    let entry = store.audit(9).await.unwrap().remove(0);
    assert_eq!((entry.actor.as_str(), entry.action.as_str()), ("retention", "inquiry.erased"));
    assert_eq!(entry.subject, there["closed"].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumped_erases_nothing_until_somebody_confirms() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let reference = add(&store, "one", DONE).await;
    desk::keep_time(&store, received()).await.unwrap();
    let later = received() + days(800);
    for _ in 0..3 {
        desk::keep_time(&store, later).await.unwrap();
        assert_eq!(desk::purge(&store, RULE, later).await.unwrap(), Purge::ClockJumped(days(800)));
    }
    assert!(matches!(desk::purge(&store, RULE, received() - days(3)).await.unwrap(), Purge::ClockJumped(_)));
    let confirmed = PurgeRule { confirmed: true, ..RULE };
    assert_eq!(desk::purge(&store, confirmed, later).await.unwrap(), Purge::Erased(vec![reference]));
    assert_eq!(desk::purge(&store, RULE, later).await.unwrap(), Purge::Erased(Vec::new()), "the clock is right now");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_fifth_goes_only_when_somebody_confirms() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    for number in 0..60 {
        let standing = if number < 55 { DONE } else { Standing { status: Status::Open, ..DONE } };
        add(&store, &format!("{number}"), standing).await;
    }
    let now = received() + days(731);
    noted(&store, now).await;
    assert_eq!(desk::purge(&store, RULE, now).await.unwrap(), Purge::TooMany { due: 55, all: 60 });
    assert_eq!(store.counts().await.unwrap().closed, 55);
    let Purge::Erased(gone) = desk::purge(&store, PurgeRule { confirmed: true, ..RULE }, now).await.unwrap() else {
        panic!("it was confirmed")
    };
    assert_eq!((gone.len(), store.counts().await.unwrap().closed), (55, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn purge_works_from_a_shell() {
    let shell = Shell::new().await;
    assert_eq!(shell.says(&["purge", "--dry-run"]), "0 would be erased\n");
    assert_eq!(shell.says(&["purge"]), "0 erased\n");
}

/// Whoever deletes a row asks every table that may refer to it. Without an index that reads the whole table, with the
/// writer in hand.
#[tokio::test]
async fn erasing_reads_no_table_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backwise.db");
    open_sqlite(&file, Expected::Anything, folder.path()).await.unwrap().close().await;
    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let references = "SELECT m.name AS child, f.\"from\" AS own FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f \
                      WHERE m.type = 'table' AND f.\"table\" IN ('inquiry', 'entry')";
    let found = sqlx::query(references).fetch_all(&mut db).await.unwrap();
    assert!(found.len() >= 4, "{}", found.len());
    for row in found {
        let (child, own): (String, String) = (row.get("child"), row.get("own"));
        let plan = format!("EXPLAIN QUERY PLAN SELECT 1 FROM {child} WHERE {own} = 1");
        let steps = sqlx::query(AssertSqlSafe(plan)).fetch_all(&mut db).await.unwrap();
        let plan: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
        assert!(plan.iter().all(|step| step.starts_with("SEARCH")), "{child}.{own}: {plan:?}");
    }
}
