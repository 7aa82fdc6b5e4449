//! What the store promises.

use backwise::clock::Clock;
use backwise::config::Config;
use backwise::desk::{self, Policy};
use backwise::inquiry::{Choices, InquiryForm, NewInquiry, Status};
use backwise::outbox::{Kind, Verdict};
use backwise::secret::{SecretKey, digest};
use backwise::store::{InboxFilter, PageOrder, ServerLock, Store, search};

fn inquiry(message: &str, token: &str) -> NewInquiry {
    let form = InquiryForm {
        urgent: "no".into(),
        name: "A. Tester".into(),
        email: "a.tester@example.org".into(),
        message: message.into(),
        consent: "yes".into(),
        token: token.into(),
        ..InquiryForm::default()
    };
    form.parse(Choices { techniques: &[], conditions: &[] }).unwrap()
}

fn policy(config: &Config) -> Policy {
    Policy {
        staff: config.mail.staff.clone(),
        acknowledge: true,
        opening: config.clinic.hours.clone(),
        reply_within_hours: 8,
        consent_version: "test".into(),
    }
}

#[tokio::test]
async fn an_inquiry_is_stored_once_with_its_messages_and_its_audit_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(&folder.path().join("backwise.db"), false).await.unwrap();
    let key = SecretKey::load_or_create(folder.path()).unwrap();
    let policy = policy(&Config::from_parts("", []).unwrap());
    let now = Clock::system().now();

    let first = desk::receive(&store, &key, &policy, &inquiry("Rückenschmerzen", "one"), &[], now).await.unwrap();
    let again = desk::receive(&store, &key, &policy, &inquiry("Rückenschmerzen", "one"), &[], now).await.unwrap();
    assert_eq!(first, again);
    desk::receive(&store, &key, &policy, &inquiry("edited", "one"), &[], now).await.unwrap();

    assert_eq!(store.counts().await.unwrap().new, 2);
    assert_eq!(store.audit(10).await.unwrap().len(), 2);
    let stored = store.inquiry_by_receipt(&digest(&first)).await.unwrap().unwrap();
    assert_eq!((stored.status, stored.answers.message.as_str()), (Status::New, "Rückenschmerzen"));
    let kinds: Vec<Kind> = store.messages_of(stored.seq).await.unwrap().iter().map(|owed| owed.kind).collect();
    assert_eq!(kinds, [Kind::Notice, Kind::Acknowledgement]);

    let filter = InboxFilter { words: search::words("RUCKEN").into_iter().collect(), ..InboxFilter::default() };
    let found = store.inbox(&filter, PageOrder::First, 50).await.unwrap();
    assert_eq!(found.len(), 1);
    assert!(store.inbox(&filter, PageOrder::After(found[0].place()), 50).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_message_is_claimed_before_it_is_tried_and_never_leaves_by_failing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(&folder.path().join("backwise.db"), false).await.unwrap();
    let key = SecretKey::load_or_create(folder.path()).unwrap();
    let policy = policy(&Config::from_parts("", []).unwrap());
    let now = Clock::system().now();
    desk::receive(&store, &key, &policy, &inquiry("words", "one"), &[], now).await.unwrap();

    let mut tx = store.begin().await.unwrap();
    let claimed = tx.claim_due(now, 8).await.unwrap();
    assert_eq!(claimed.len(), 2);
    assert!(tx.claim_due(now, 8).await.unwrap().is_empty(), "what is in hand is not taken twice");
    tx.settle(&claimed[0], &Verdict::Sent, now).await.unwrap();
    tx.settle(&claimed[1], &Verdict::GiveUp("550 no".into()), now).await.unwrap();
    tx.commit().await.unwrap();

    let counts = store.outbox_counts().await.unwrap();
    assert_eq!((counts.queued, counts.sent, counts.failed), (0, 1, 1));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.retry_messages(None, now).await.unwrap(), 1);
    assert_eq!(tx.claim_due(now, 8).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_deleted_database_thanks_nobody_and_a_lost_one_is_not_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backwise.db");
    let store = Store::open_sqlite(&path, false).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(store.begin().await.is_err());
    assert!(Store::open_sqlite(&path, true).await.is_err());
}

#[test]
fn a_second_server_on_one_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backwise.db");
    let _first = ServerLock::take(&path).unwrap();
    assert!(ServerLock::take(&path).unwrap_err().to_string().contains("already uses"));
}
