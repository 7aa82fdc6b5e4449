//! What the store promises, the same on both engines. Every public method is exercised here; a test counts them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use backwise::config::Config;
use backwise::contact::{EmailAddress, PhoneNumber};
use backwise::desk::{self, Policy};
use backwise::inquiry::{Choices, InquiryForm, NewInquiry, Reference, Status};
use backwise::outbox::{Kind, State, Verdict};
use backwise::secret::{SecretKey, digest};
use backwise::staff::Role;
use backwise::store::{
    Due, EntryKind, Erased, InboxFilter, Inserted, Keyset, KnownMessages, OutboxCounts, PageOrder, Receiving,
    Resealing, Sort, Store, Tx, Which, asked, erased_from, known_messages, words,
};
use jiff::{SignedDuration, Timestamp};

use crate::app::{FRIDAY_AT_TEN, new_store};

pub fn inquiry(message: &str, token: &str) -> NewInquiry {
    let form = InquiryForm {
        urgent: "no".into(),
        name: "A. Tester".into(),
        email: "A.Tester@example.org".into(),
        message: message.into(),
        consent: "yes".into(),
        token: token.into(),
        ..InquiryForm::default()
    };
    form.parse(Choices { techniques: &[], conditions: &[] }).unwrap()
}

pub fn policy() -> Policy {
    let config = Config::from_parts("", []).unwrap();
    Policy {
        staff: config.mail.staff,
        acknowledge: true,
        escalate_to: Vec::new(),
        mails_leave: true,
        opening: config.clinic.hours,
        reply_within_hours: 8,
        consent_version: "test".into(),
    }
}

fn now() -> Timestamp {
    FRIDAY_AT_TEN.parse().unwrap()
}

/// Stores an inquiry that was received at a moment.
pub async fn added(tx: &mut Tx, message: &str, at: Timestamp) -> i64 {
    let reference = Reference::random().unwrap();
    let receiving = Receiving {
        reference: &reference,
        receipt_digest: &digest(message),
        received_at: at,
        answer_by: at,
        status: Status::New,
        consent_version: "test",
        signals: &[],
    };
    match tx.add_inquiry(&inquiry(message, message), &receiving).await.unwrap() {
        Inserted::New(seq) => seq,
        other => panic!("{other:?}"),
    }
}

pub async fn add(store: &Store, new: &NewInquiry, key: &str) -> Inserted {
    add_under(store, &Reference::random().unwrap(), new, key).await
}

async fn add_under(store: &Store, reference: &Reference, new: &NewInquiry, key: &str) -> Inserted {
    let receiving = Receiving {
        reference,
        receipt_digest: &digest(key),
        received_at: now(),
        answer_by: now(),
        status: Status::New,
        consent_version: "test",
        signals: &["no-origin"],
    };
    let mut tx = store.begin().await.unwrap();
    let inserted = tx.add_inquiry(new, &receiving).await.unwrap();
    tx.commit().await.unwrap();
    inserted
}

/// The accounts of two colleagues.
async fn anna_and_bert(store: &Store) -> [String; 2] {
    let mut tx = store.begin().await.unwrap();
    let [anna, bert] = [("anna@example.org", "Anna"), ("bert@example.org", "Bert")];
    let anna = tx.add_staff(&EmailAddress::parse(anna.0).unwrap(), anna.1, Role::Staff, now()).await.unwrap().unwrap();
    let bert = tx.add_staff(&EmailAddress::parse(bert.0).unwrap(), bert.1, Role::Staff, now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    [anna, bert]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_has_just_done_is_read_back_and_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    assert_eq!(store.newest_entry().await.unwrap(), 0);
    let Inserted::New(seq) = add(&store, &inquiry("words", "one"), "key").await else { panic!("it is new") };
    let [anna, bert] = anna_and_bert(&store).await;
    let mut tx = store.begin().await.unwrap();
    let berts = tx.add_entry(seq, now(), Some(&bert), EntryKind::Note, "Knee too").await.unwrap();
    let annas = tx.add_entry(seq, now(), Some(&anna), EntryKind::Status, "new>open").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.newest_entry().await.unwrap(), annas);
    let done = store.done_by(&anna, 0, annas).await.unwrap();
    assert_eq!((done.len(), done[0].version, done[0].entry.words.as_str()), (1, 1, "new>open"));
    assert_eq!(done[0].reference, store.inquiry_by_seq(seq).await.unwrap().unwrap().reference);
    assert!(store.done_by(&anna, annas, annas).await.unwrap().is_empty(), "only what came after");
    assert!(store.done_by(&anna, 0, berts).await.unwrap().is_empty(), "only what came before");
    let mut tx = store.begin().await.unwrap();
    for (staff, entry, removed) in
        [(&anna, berts, None), (&bert, annas, None), (&bert, berts, Some("Knee too")), (&bert, berts, None)]
    {
        assert_eq!(tx.remove_note(seq, staff, entry).await.unwrap().as_deref(), removed, "{staff} {entry}");
    }
    tx.commit().await.unwrap();
    let left: Vec<_> = store.timeline(seq).await.unwrap().iter().map(|entry| entry.seq).collect();
    assert_eq!(left, [annas], "somebody’s own note alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_has_taken_down_since_is_read_back_and_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let Inserted::New(seq) = add(&store, &inquiry("words", "one"), "key").await else { panic!("it is new") };
    let [anna, bert] = anna_and_bert(&store).await;
    let mut tx = store.begin().await.unwrap();
    tx.add_entry(seq, now(), Some(&anna), EntryKind::Note, "Knee too").await.unwrap();
    tx.add_entry(seq, now(), Some(&anna), EntryKind::Received, "the form").await.unwrap();
    tx.commit().await.unwrap();
    let before = now() - SignedDuration::from_millis(1);
    let taken = store.taken_by(&anna, before).await.unwrap();
    assert_eq!((taken.len(), taken[0].entry.words.as_str()), (1, "the form"), "what was taken down, and nothing else");
    assert!(store.taken_by(&bert, before).await.unwrap().is_empty(), "only what they took down themselves");
    assert!(store.taken_by(&anna, now()).await.unwrap().is_empty(), "only after that");
}

#[tokio::test(flavor = "multi_thread")]
async fn inquiries_are_kept_found_and_changed() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    store.ready(now()).await.unwrap();
    let new = inquiry("Rückenschmerzen seit Montag", "one");
    assert!(store.receipt_of(new.submission()).await.unwrap().is_none());
    let Inserted::New(seq) = add(&store, &new, "key").await else { panic!("it is new") };
    assert_eq!(add(&store, &new, "other key").await, Inserted::Repeated);
    assert!(store.receipt_of(new.submission()).await.unwrap().is_some());
    let taken = store.inquiry_by_seq(seq).await.unwrap().unwrap().reference;
    let other = inquiry("words of another", "two");
    assert_eq!(add_under(&store, &taken, &other, "third key").await, Inserted::ReferenceTaken);

    let stored = store.inquiry_by_seq(seq).await.unwrap().unwrap();
    assert_eq!(&stored.answers, new.answers());
    assert_eq!(
        (stored.status, stored.version, stored.signals.as_slice()),
        (Status::New, 1, &["no-origin".to_owned()][..])
    );
    assert_eq!(store.inquiry(&stored.reference).await.unwrap().unwrap().seq, seq);
    assert_eq!(store.inquiry_by_receipt(&digest("key")).await.unwrap().unwrap().seq, seq);
    assert!(store.inquiry_by_receipt(&digest("other key")).await.unwrap().is_none());

    let mut tx = store.begin().await.unwrap();
    assert!(tx.bump_version(seq, Some(1)).await.unwrap());
    assert!(!tx.bump_version(seq, Some(1)).await.unwrap(), "a page that shows version 1 is stale");
    assert!(tx.bump_version(seq, None).await.unwrap());
    tx.set_status(seq, Status::Open).await.unwrap();
    assert!(tx.mark_opened(seq, now()).await.unwrap());
    assert!(!tx.mark_opened(seq, now() + SignedDuration::from_secs(1)).await.unwrap());
    tx.mark_answered(seq, now()).await.unwrap();
    tx.mark_answered(seq, now() + SignedDuration::from_secs(1)).await.unwrap();
    tx.clear_answered(seq, now() + SignedDuration::from_secs(1)).await.unwrap();
    let entry = tx.add_entry(seq, now(), None, EntryKind::Note, "Knee too").await.unwrap();
    tx.add_words(seq, &words::words_and_beginnings("Knee too")).await.unwrap();
    tx.add_audit(now(), "operator", "test", "subject", "detail").await.unwrap();
    let anna = EmailAddress::parse("anna@example.org").unwrap();
    let anna = tx.add_staff(&anna, "Anna", Role::Staff, now()).await.unwrap().unwrap();
    tx.set_assignee(seq, Some(&anna)).await.unwrap();
    tx.commit().await.unwrap();
    let changed = store.inquiry_by_seq(seq).await.unwrap().unwrap();
    assert_eq!(
        (changed.status, changed.version, changed.opened_at, changed.answered_at),
        (Status::Open, 3, Some(now()), Some(now()))
    );
    assert_eq!(changed.assignee.as_deref(), Some(anna.as_str()));
    assert_eq!(store.entry_words(entry).await.unwrap().as_deref(), Some("Knee too"));
    let timeline = store.timeline(seq).await.unwrap();
    assert_eq!((timeline.len(), timeline[0].kind, timeline[0].words.as_str()), (1, EntryKind::Note, "Knee too"));
    assert_eq!(store.audit(5).await.unwrap()[0].action, "test");

    let found = async |words: &str| {
        let filter = InboxFilter { words: asked::asked(words), ..InboxFilter::default() };
        store.inbox(&filter, Sort::UrgentFirst, PageOrder::First, 9).await.unwrap().rows.len()
    };
    for words in [
        "RUCKENSCHMERZEN",
        "rückenschmerzen montag",
        "knee",
        "test",
        "a.test@exam",
        "a.tester@example.org",
        stored.reference.as_str(),
    ] {
        assert_eq!(found(words).await, 1, "{words}");
    }
    assert_eq!(
        (found("ruckenx").await, found("rucken").await),
        (0, 1),
        "a word of a message is found by its beginning"
    );
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.new, counts.open, counts.unopened), (0, 1, 0));
    assert_eq!(store.inquiries_after(0, Timestamp::MIN, 9).await.unwrap().len(), 1);
    let email = EmailAddress::parse("a.tester@EXAMPLE.org").unwrap();
    assert_eq!(store.references_of(&email).await.unwrap(), std::slice::from_ref(&stored.reference));
    let same = store.of_same_person(&changed.answers.contact, 9).await.unwrap();
    assert_eq!(same.iter().map(|inquiry| inquiry.seq).collect::<Vec<_>>(), [seq]);
    assert!(store.inquiries_after(seq, Timestamp::MIN, 9).await.unwrap().is_empty());
    assert!(store.inquiries_after(0, now() + SignedDuration::from_millis(1), 9).await.unwrap().is_empty());

    let mut tx = store.begin().await.unwrap();
    let contact = changed.answers.contact.clone().with_phone(PhoneNumber::parse("01632 960 777").unwrap());
    tx.set_contact(&changed, &contact).await.unwrap();
    tx.commit().await.unwrap();
    let number = PhoneNumber::parse("(01632) 960-777").unwrap();
    assert_eq!(store.references_of_number(&number).await.unwrap(), (vec![stored.reference.clone()], Vec::new()));
    let another = PhoneNumber::parse("01632 960 778").unwrap();
    assert_eq!(store.references_of_number(&another).await.unwrap(), (Vec::new(), Vec::new()));
    assert_eq!(
        store.inquiry_by_seq(seq).await.unwrap().unwrap().answers.contact.phone().unwrap().as_str(),
        "01632 960 777"
    );
    assert_eq!((found("777").await, found("knee").await, found("montag").await), (1, 1, 1));
    let mut tx = store.begin().await.unwrap();
    tx.add_message(seq, Kind::Reply, None, Some(entry), now()).await.unwrap();
    assert_eq!(tx.erase(seq).await.unwrap(), Erased { entries: 1, mails: 1, merged: Vec::new() });
    tx.commit().await.unwrap();
    store.forget_deleted().await.unwrap();
    assert!(store.inquiry_by_seq(seq).await.unwrap().is_none() && store.outbox(None, 9).await.unwrap().is_empty());
    assert_eq!((found("montag").await, found("knee").await), (0, 0));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_changed_and_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    add(&store, &inquiry("words", "one"), "key").await;
    let before = store.sealing_state().await.unwrap();
    assert_eq!(before.keys.len(), 1);
    let newer = store.rotate_key(now()).await.unwrap();
    let mut progress = Resealing::default();
    while !store.reseal(&mut progress).await.unwrap() {}
    assert_eq!((progress.sealed, progress.broken), (1, 0));
    assert_eq!(store.retire_keys().await.unwrap(), [before.current]);
    let after = store.sealing_state().await.unwrap();
    assert_eq!((after.current, after.keys.as_slice()), (newer, &[(newer, now())][..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_counted_listed_and_taken_and_copies_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let Inserted::New(seq) = add(&store, &inquiry("words", "one"), "key").await else { panic!("it is new") };
    let reference = store.inquiry_by_seq(seq).await.unwrap().unwrap().reference;
    let mut tx = store.begin().await.unwrap();
    tx.set_status(seq, Status::Closed).await.unwrap();
    tx.mark_opened(seq, now()).await.unwrap();
    let mail = tx.add_message(seq, Kind::Notice, None, None, now()).await.unwrap();
    let other = tx.add_message(seq, Kind::Acknowledgement, None, None, now()).await.unwrap();
    tx.commit().await.unwrap();
    let later = now() + SignedDuration::from_secs(1);
    let due = Due { closed: Some(later), spam: later };
    assert_eq!(store.count_due(&due).await.unwrap(), (0, 1), "its mail has not left");
    let mut tx = store.begin().await.unwrap();
    let known = KnownMessages::from([(mail, "sent".to_owned()), (other, "queued".to_owned())]);
    assert_eq!(tx.settle_copied(Some(&known), now()).await.unwrap(), (1, 0));
    assert_eq!(tx.settle_copied(None, now()).await.unwrap(), (0, 1));
    tx.retry_messages(Which::GivenUp, now()).await.unwrap();
    let claimed = tx.claim_due(now(), 8).await.unwrap();
    tx.settle(&claimed[0], &Verdict::Sent("250 ok".to_owned()), now()).await.unwrap();
    tx.end_all_sessions().await.unwrap();
    tx.note_time(now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.time_noted().await.unwrap(), Some(now()));
    assert_eq!(store.count_due(&due).await.unwrap(), (1, 1));
    let listed = store.due(&due).await.unwrap();
    assert_eq!(listed, [(seq, reference.clone())]);
    assert!(store.due_with(&due).await.unwrap().is_empty());
    assert!(store.due(&Due { closed: None, ..due }).await.unwrap().is_empty());
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.take_due(&due, &listed).await.unwrap(), listed);
    tx.set_status(seq, Status::Open).await.unwrap();
    assert!(tx.take_due(&due, &listed).await.unwrap().is_empty(), "it was opened again since it was listed");
    drop(tx);
    assert_eq!(store.inquiry_number(&reference).await.unwrap(), Some(seq));
    assert_eq!(store.broken_inquiries().await.unwrap(), 0);
    let holdings = store.holdings().await.unwrap();
    assert_eq!((holdings.inquiries, holdings.messages), (1, 2));
    if let Store::Sqlite { .. } = store {
        let file = folder.path().join("backwise.db");
        assert_eq!(store.copy_to(&folder.path().join("copy")).await.unwrap(), holdings);
        assert_eq!(known_messages(&file).await.unwrap().len(), 2);
        let mut tx = store.begin().await.unwrap();
        tx.erase(seq).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(erased_from(&file).unwrap(), [reference]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_not_committed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let Inserted::New(seq) = add(&store, &inquiry("words", "one"), "key").await else { panic!("it is new") };
    let mut tx = store.begin().await.unwrap();
    tx.set_status(seq, Status::Closed).await.unwrap();
    tx.add_entry(seq, now(), None, EntryKind::Note, "x").await.unwrap();
    drop(tx);
    assert_eq!(store.inquiry_by_seq(seq).await.unwrap().unwrap().status, Status::New);
    assert!(store.timeline(seq).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_pages_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    for number in 0..5 {
        add(&store, &inquiry(&format!("words {number}"), "one"), &format!("key {number}")).await;
    }
    let all = store.inbox(&InboxFilter::default(), Sort::UrgentFirst, PageOrder::First, 9).await.unwrap().rows;
    let places: Vec<Keyset> = all.iter().map(|row| row.place(Sort::UrgentFirst)).collect();
    assert_eq!(places.len(), 5);
    let page = async |order| {
        store
            .inbox(&InboxFilter::default(), Sort::UrgentFirst, order, 2)
            .await
            .unwrap()
            .rows
            .iter()
            .map(|row| row.place(Sort::UrgentFirst))
            .collect::<Vec<_>>()
    };
    assert_eq!(page(PageOrder::After(places[1])).await, places[2..4]);
    assert_eq!(page(PageOrder::Before(places[3])).await, places[1..3]);
    assert!(page(PageOrder::After(places[4])).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_claimed_before_they_are_tried_and_never_leave_by_failing() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let Inserted::New(seq) = add(&store, &inquiry("words", "one"), "key").await else { panic!("it is new") };
    let staff = EmailAddress::parse("desk@localhost").unwrap();
    let writer = EmailAddress::parse("a.tester@EXAMPLE.org").unwrap();
    assert_eq!(store.next_due().await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    tx.add_message(seq, Kind::Notice, Some(&staff), None, now()).await.unwrap();
    assert_eq!(tx.acknowledgements_since(&writer, now() - SignedDuration::from_hours(1)).await.unwrap(), 0);
    tx.add_message(seq, Kind::Acknowledgement, None, None, now()).await.unwrap();
    assert_eq!(tx.acknowledgements_since(&writer, now() - SignedDuration::from_hours(1)).await.unwrap(), 1);
    assert_eq!(tx.acknowledgements_since(&writer, now()).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(now()));

    let mut tx = store.begin().await.unwrap();
    let claimed = tx.claim_due(now(), 8).await.unwrap();
    assert_eq!(claimed.len(), 2);
    assert_eq!(
        tx.retry_messages(Which::One(&claimed[0].id), now()).await.unwrap(),
        0,
        "what is in hand is not made due"
    );
    assert!(tx.claim_due(now(), 8).await.unwrap().is_empty(), "what is in hand is not taken twice");
    assert_eq!(tx.settle(&claimed[0], &Verdict::Sent("250 ok".to_owned()), now()).await.unwrap(), State::Sent);
    assert_eq!(tx.settle(&claimed[1], &Verdict::TryAgain("451 later".into()), now()).await.unwrap(), State::Queued);
    tx.commit().await.unwrap();
    assert_eq!(store.outbox_counts().await.unwrap(), OutboxCounts { queued: 1, delayed: 1, failed: 0, sent: 1 });
    assert_eq!(store.next_due().await.unwrap(), Some(now() + SignedDuration::from_mins(1)));
    let figures = store.figures(now()).await.unwrap();
    assert_eq!((figures.outbox.sent, figures.overdue, figures.oldest_queued), (1, 0, Some(now())));
    assert_eq!(figures.inquiries, store.counts().await.unwrap());
    assert_eq!(store.figures(now() + SignedDuration::from_hours(24 * 30)).await.unwrap().overdue, 1);

    let minute_later = now() + SignedDuration::from_mins(1);
    let mut tx = store.begin().await.unwrap();
    let again = tx.claim_due(minute_later, 8).await.unwrap();
    assert_eq!((again.len(), again[0].attempts, again[0].id == claimed[1].id), (1, 2, true));
    assert_eq!(tx.settle(&again[0], &Verdict::GiveUp("550 no".into()), minute_later).await.unwrap(), State::Failed);
    assert!(tx.claim_due(now() + SignedDuration::from_hours(999), 8).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    let failed = store.outbox(Some(State::Failed), 9).await.unwrap();
    assert_eq!((failed.len(), failed[0].last_answer.as_deref()), (1, Some("550 no")));
    assert_eq!(store.messages_of(seq).await.unwrap().len(), 2);
    assert_eq!(store.messages_about(&[seq, seq + 1], 9).await.unwrap().len(), 2);
    let writers = store.writers(&[seq, seq + 1]).await.unwrap();
    let stored = store.inquiry_by_seq(seq).await.unwrap().unwrap();
    assert_eq!(writers.into_iter().collect::<Vec<_>>(), [(seq, stored.answers.name.as_str().to_owned())]);

    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.retry_messages(Which::One("unknown"), now()).await.unwrap(), 0);
    assert_eq!(tx.retry_messages(Which::GivenUp, now()).await.unwrap(), 1);
    let retried = tx.claim_due(now(), 8).await.unwrap();
    assert_eq!(retried.len(), 1);
    // A clock that was years ahead scheduled this one; now that it is right again, the message is not lost.
    assert_eq!(tx.claim_due(now() - SignedDuration::from_hours(24 * 365), 8).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_commit_holds_the_inquiry_its_messages_and_its_audit_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let key = SecretKey::passing().unwrap();
    let first = desk::receive(&store, &key, &policy(), &inquiry("words", "one"), &[], now()).await.unwrap();
    let again = desk::receive(&store, &key, &policy(), &inquiry("words", "one"), &[], now()).await.unwrap();
    assert_eq!(first, again);
    let stored = store.inquiry_by_receipt(&digest(&first)).await.unwrap().unwrap();
    let kinds: Vec<Kind> = store.messages_of(stored.seq).await.unwrap().iter().map(|owed| owed.kind).collect();
    assert_eq!(kinds, [Kind::Notice, Kind::Acknowledgement]);
    assert_eq!(store.audit(9).await.unwrap().len(), 1);
    assert_eq!(store.timeline(stored.seq).await.unwrap().len(), 1);
}

/// Tests that name a method of the store must not be fewer than its methods.
#[test]
fn every_public_method_is_exercised_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = [
        "storage.rs",
        "storage_accounts.rs",
        "audit.rs",
        "piles.rs",
        "filling.rs",
        "insights.rs",
        "escalation.rs",
        "merging.rs",
        "page_sizes.rs",
        "damage.rs",
    ];
    let here = files.map(|file| fs::read_to_string(root.join("tests/spec").join(file)).unwrap()).concat();
    let there = fs::read_to_string(root.join("tests/spec/app.rs")).unwrap();
    let mut methods = BTreeSet::new();
    for file in fs::read_dir(root.join("src/store")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.split("pub async fn ").skip(1) {
            methods.insert(line.split('(').next().unwrap().to_owned());
        }
    }
    assert!(methods.len() > 40, "{}", methods.len());
    let forgotten: Vec<_> = methods
        .iter()
        .filter(|name| !here.contains(&format!("{name}(")) && !there.contains(&format!("{name}(")))
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
