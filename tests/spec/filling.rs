//! A desk full of made-up inquiries, to measure at size: it is like one that people filled, and never mixes with theirs.

use std::process::{Command, Output};

use backwise::contact::EmailAddress;
use backwise::inquiry::{Choices, InquiryForm, Reference, Status};
use backwise::secret::digest;
use backwise::store::{EntryKind, InboxFilter, PageOrder, Past, PastEntry, Receiving, words};
use jiff::Timestamp;

use crate::app::{App, FRIDAY_AT_TEN, new_store};
use crate::people::{Staff, somebody_asks};

fn fill(app: &App, number: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_backwise"))
        .args(["fill", number])
        .env_clear()
        .envs(app.environment.clone())
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filled_desk_is_listed_counted_searched_and_exported_like_any_other() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let filled = fill(&app, "300");
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    let counts = app.store.counts().await.unwrap();
    assert_eq!(counts.new + counts.open + counts.answered + counts.closed + counts.spam, 300);
    assert!(counts.closed > 200 && counts.spam > 0 && counts.answered > 0, "{counts:?}");
    assert_eq!(staff.inbox("?q=trampoline").await.len(), 1);
    assert_eq!(staff.inbox("?q=pain&status=closed").await.len(), 50);
    assert!(!staff.inbox("?q=offered").await.is_empty(), "notes are found");
    let counted = staff.opens("/admin/inquiries?q=pain").await.words();
    assert!(counted.contains("count what fits the search and the days"), "{counted}");
    let path = staff.inbox("?q=trampoline").await.remove(0);
    let words = staff.opens(&path).await.words();
    assert!(words.contains("(made up)") && words.contains("Notice to staff: sent"), "{words}");
    let file = staff.opens("/admin/inquiries.csv?status=all").await.text();
    assert_eq!(i64::try_from(file.matches("(made up)").count()).unwrap(), 300 - counts.spam);
    let export = Command::new(env!("CARGO_BIN_EXE_backwise"))
        .args(["export", "--progress"])
        .env_clear()
        .envs(app.environment.clone())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&export.stdout).matches("(made up)").count(), 300);
    let again = fill(&app, "1");
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("only an empty one is filled"));
    somebody_asks(&app, "a real one").await;
    assert_eq!(staff.inbox("?q=real").await.len(), 1, "what is received next has a number of its own");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_stored_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let now: Timestamp = FRIDAY_AT_TEN.parse().unwrap();
    let form = InquiryForm {
        urgent: "no".into(),
        name: "A. Tester".into(),
        email: "a.tester@example.org".into(),
        message: "words".into(),
        consent: "yes".into(),
        token: "one".into(),
        ..InquiryForm::default()
    };
    let new = form.parse(Choices { techniques: &[], conditions: &[] }).unwrap();
    let reference = Reference::random().unwrap();
    let receiving = Receiving {
        reference: &reference,
        receipt_digest: &digest("key"),
        received_at: now,
        answer_by: now,
        status: Status::Closed,
        consent_version: "test",
        signals: &[],
    };
    let entries = [PastEntry { seq: 9, at: now, staff: None, kind: EntryKind::Note, words: "knee" }];
    let past = Past {
        seq: 5,
        new: &new,
        receiving,
        assignee: None,
        opened_at: Some(now),
        answered_at: Some(now),
        entries: &entries,
    };
    store.begin_filling().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let mut found = tx.add_past(&[past]).await.unwrap();
    tx.add_found(&mut found).await.unwrap();
    tx.commit().await.unwrap();
    store.end_filling().await.unwrap();
    let stored = store.inquiry(&reference).await.unwrap().unwrap();
    assert_eq!((&stored.answers, stored.seq, stored.status), (new.answers(), 5, Status::Closed));
    assert_eq!((stored.opened_at, stored.answered_at), (Some(now), Some(now)));
    assert_eq!(store.timeline(5).await.unwrap()[0].words, "knee");
    let written = store.written_about(&[4, 5]).await.unwrap();
    assert_eq!((written.len(), written[0].0, written[0].1.words.as_str()), (1, 5, "knee"));
    assert_eq!(store.messages_of(5).await.unwrap().len(), 2);
    assert_eq!(store.outbox_counts().await.unwrap().sent, 2);
    let email = EmailAddress::parse("A.Tester@example.org").unwrap();
    assert_eq!(store.references_of(&email).await.unwrap(), [reference]);
    let filter = InboxFilter { words: words::asked("knee"), ..InboxFilter::default() };
    assert_eq!(store.inbox(&filter, PageOrder::First, 9).await.unwrap().rows.len(), 1);
}
