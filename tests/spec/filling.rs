//! A desk full of made-up inquiries, to measure at size: it is like one that people filled, and never mixes with theirs.

use std::process::Output;

use backwise::contact::EmailAddress;
use backwise::inquiry::{Choices, InquiryForm, Reference, Status};
use backwise::secret::digest;
use backwise::store::{EntryKind, InboxFilter, PageOrder, Past, PastEntry, Receiving, Sort, asked};
use jiff::Timestamp;

use crate::app::{App, FRIDAY_AT_TEN, new_store};
use crate::people::{Staff, somebody_asks};

fn fill(app: &App, number: &str) -> Output {
    app.runs(&["fill", number])
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
    assert!(counted.contains("Beside each view stands how many of it were found."), "{counted}");
    let path = staff.inbox("?q=trampoline").await.remove(0);
    let words = staff.opens(&path).await.words();
    assert!(words.contains("(made up)") && words.contains("Notice to staff: sent"), "{words}");
    let file = staff.opens("/admin/inquiries.csv?status=all").await.text();
    assert_eq!(i64::try_from(file.matches("(made up)").count()).unwrap(), 300 - counts.spam);
    let export = app.runs(&["export", "--progress"]);
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
        merged_into: None,
        refusal: Some("550 no such mailbox"),
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
    let messages = store.messages_of(5).await.unwrap();
    let answers: Vec<Option<&str>> = messages.iter().map(|message| message.last_answer.as_deref()).collect();
    assert_eq!(answers, [None, Some("550 no such mailbox")]);
    let counts = store.outbox_counts().await.unwrap();
    assert_eq!((counts.sent, counts.failed), (1, 1));
    let email = EmailAddress::parse("A.Tester@example.org").unwrap();
    assert_eq!(store.references_of(&email).await.unwrap(), [reference]);
    let filter = InboxFilter { words: asked::asked("knee"), ..InboxFilter::default() };
    assert_eq!(store.inbox(&filter, Sort::UrgentFirst, PageOrder::First, 9).await.unwrap().rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filled_desk_is_as_uneven_as_one_that_people_filled() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert!(fill(&app, "3000").status.success());
    let inquiries = app.store.inquiries_after(0, Timestamp::MIN, 3_000).await.unwrap();
    let letters =
        |least: usize| inquiries.iter().filter(|one| one.answers.message.as_str().chars().count() >= least).count();
    assert!(letters(80) > 2_500 && letters(300) < 1_000 && (10..150).contains(&letters(1_000)), "{}", letters(1_000));
    let has = |word: &str| inquiries.iter().filter(|one| one.answers.message.as_str().contains(word)).count();
    for elsewhere in ["Rücken", "plecy", "μέση", "الظهر", "पीठ", "腰"] {
        assert!((5..40).contains(&has(elsewhere)), "{elsewhere}: {}", has(elsewhere));
    }
    assert!(has("pain") > 2_600 && has("coughing") > 300);
    assert!(inquiries.iter().any(|one| one.merged_into.is_some()));
    let counts = app.store.outbox_counts().await.unwrap();
    assert!((1..20).contains(&counts.failed), "{}", counts.failed);
    let hour = |at: Timestamp| at.strftime("%H").to_string().parse::<u32>().unwrap();
    let nightly = inquiries.iter().filter(|one| hour(one.received_at) < 5).count();
    assert!(nightly < 150, "{nightly} wrote at night");
    assert!(!staff.inbox("?q=offered").await.is_empty());
    assert!(staff.inbox("?status=closed&q=offer+thank+writing").await.len() == 50, "staff answers like staff");
}
