//! What the store promises about accounts, the same on both engines.

use backwise::contact::EmailAddress;
use backwise::inquiry::InquiryForm;
use backwise::outbox::{About, AccountNews, Kind, State, Verdict};
use backwise::secret::digest;
use backwise::staff::{Browser, Role, WELCOME_LIFETIME};
use backwise::store::{BoxWords, Call, DraftBox, Shown, Store};
use jiff::{SignedDuration, Timestamp};

use crate::app::{FRIDAY_AT_TEN, new_store};
use crate::sealing::add;

fn now() -> Timestamp {
    FRIDAY_AT_TEN.parse().unwrap()
}

async fn account(store: &Store, email: &str, role: Role) -> String {
    let mut tx = store.begin().await.unwrap();
    let id = tx.add_staff(&EmailAddress::parse(email).unwrap(), "Name", role, now()).await.unwrap().unwrap();
    tx.set_password(&id, Some("hash")).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_sessions_and_links_are_kept_as_digests() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    assert!(store.has_no_staff().await.unwrap());
    let email = EmailAddress::parse("Anna@example.org").unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.has_no_staff().await.unwrap());
    let anna = tx.add_staff(&email, "Anna", Role::Admin, now()).await.unwrap().unwrap();
    assert!(
        tx.add_staff(&EmailAddress::parse("anna@EXAMPLE.org").unwrap(), "Other", Role::Staff, now())
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(tx.active_admins().await.unwrap(), 0, "without a password nobody signs in");
    tx.add_welcome(&anna, &digest("old link"), b"old seed", now()).await.unwrap();
    tx.add_welcome(&anna, &digest("link"), b"seed", now()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!store.has_no_staff().await.unwrap());
    assert!(store.welcomed(&digest("old link"), now()).await.unwrap().is_none(), "a new link ends the one before");
    assert_eq!(store.welcomed(&digest("link"), now()).await.unwrap().unwrap().id, anna);
    assert!(store.welcomed(&digest("link"), now() + WELCOME_LIFETIME).await.unwrap().is_none());
    let mut tx = store.begin().await.unwrap();
    assert!(tx.use_welcome(&digest("link"), now()).await.unwrap());
    assert!(!tx.use_welcome(&digest("link"), now()).await.unwrap());
    tx.set_password(&anna, Some("hash")).await.unwrap();
    assert_eq!(tx.active_admins().await.unwrap(), 1);
    tx.set_name(&anna, "Anna Berg").await.unwrap();
    assert!(tx.still_has_password(&anna, "hash").await.unwrap());
    assert!(!tx.still_has_password(&anna, "older hash").await.unwrap());
    for session in ["one", "two"] {
        tx.add_session(&digest(session), &anna, &Browser::of(""), now()).await.unwrap();
    }
    let later = now() + SignedDuration::from_mins(5);
    tx.touch_session(&digest("one"), later).await.unwrap();
    tx.end_session(&digest("two")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.staff_by_id(&anna).await.unwrap().unwrap().name, "Anna Berg");
    assert_eq!(store.staff_by_email(&email).await.unwrap().unwrap().password_hash.as_deref(), Some("hash"));
    assert_eq!(store.staff_by_id(&anna).await.unwrap().unwrap().seen_at, Some(later));
    let session = store.session(&digest("one")).await.unwrap().unwrap();
    assert_eq!((session.staff.as_str(), session.seen_at, session.role), (anna.as_str(), later, Role::Admin));
    assert!(store.session(&digest("two")).await.unwrap().is_none());
    let open = store.sessions_of(&anna).await.unwrap();
    assert_eq!((open.len(), open[0].seen_at), (1, later));
    assert!(open[0].is_alive(later) && !open[0].is_alive(later + SignedDuration::from_mins(30)));
    let mut tx = store.begin().await.unwrap();
    tx.add_session(&digest("three"), &anna, &Browser::of(""), later).await.unwrap();
    tx.end_sessions_of(&anna).await.unwrap();
    tx.add_session(&digest("four"), &anna, &Browser::of(""), later).await.unwrap();
    tx.disable_staff(&anna, later).await.unwrap();
    assert_eq!(tx.active_admins().await.unwrap(), 0);
    assert!(!tx.still_has_password(&anna, "hash").await.unwrap(), "a disabled account signs nobody in");
    tx.commit().await.unwrap();
    for session in ["one", "three", "four"] {
        assert!(store.session(&digest(session)).await.unwrap().is_none(), "{session}");
    }
    assert_eq!(store.staff().await.unwrap()[0].disabled_at, Some(later));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_under_another_secret_when_its_owner_proved_themselves_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let anna = account(&store, "anna@example.org", Role::Staff).await;
    let later = now() + SignedDuration::from_mins(20);
    let mut tx = store.begin().await.unwrap();
    tx.add_session(&digest("one"), &anna, &Browser::of(""), now()).await.unwrap();
    assert!(tx.renew_session(&digest("one"), &digest("two"), later).await.unwrap());
    assert!(!tx.renew_session(&digest("one"), &digest("three"), later).await.unwrap(), "the first secret is no more");
    tx.commit().await.unwrap();
    assert!(store.session(&digest("one")).await.unwrap().is_none());
    let session = store.session(&digest("two")).await.unwrap().unwrap();
    assert_eq!((session.created_at, session.proved_at), (now(), later), "it does not live longer by that");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_counts_when_confirmed_and_each_step_and_each_recovery_code_works_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let (anna, ben) =
        (account(&store, "anna@example.org", Role::Staff).await, account(&store, "ben@example.org", Role::Staff).await);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.begin_factor(&anna, "DRAFT").await.unwrap());
    tx.commit().await.unwrap();
    let draft = store.second_factor(&anna).await.unwrap().unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.begin_factor(&anna, "SECRET").await.unwrap(), "what was not confirmed may be begun anew");
    tx.commit().await.unwrap();
    assert!(!store.staff_by_id(&anna).await.unwrap().unwrap().has_second_factor, "it does not count yet");
    let shown = store.second_factor(&anna).await.unwrap().unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.remove_factor(&anna).await.unwrap(), "what does not count cannot be removed");
    assert!(!tx.confirm_factor(&anna, &draft, now()).await.unwrap(), "another secret than the one that was shown");
    assert!(tx.confirm_factor(&anna, &shown, now()).await.unwrap());
    assert!(!tx.confirm_factor(&anna, &shown, now()).await.unwrap());
    assert!(!tx.begin_factor(&anna, "OTHER").await.unwrap(), "what counts is not overwritten");
    assert!(tx.use_step(&anna, 7).await.unwrap());
    assert!(!tx.use_step(&anna, 7).await.unwrap() && !tx.use_step(&anna, 6).await.unwrap());
    assert!(tx.use_step(&anna, 8).await.unwrap());
    tx.set_recovery_codes(&anna, &[digest("a"), digest("b")]).await.unwrap();
    tx.set_recovery_codes(&anna, &[digest("c"), digest("d")]).await.unwrap();
    assert!(!tx.use_recovery_code(&anna, &digest("a")).await.unwrap(), "new ones end the old ones");
    assert!(!tx.use_recovery_code(&ben, &digest("c")).await.unwrap(), "they are one person's");
    assert!(tx.use_recovery_code(&anna, &digest("c")).await.unwrap());
    assert!(!tx.use_recovery_code(&anna, &digest("c")).await.unwrap());
    tx.commit().await.unwrap();
    let factor = store.second_factor(&anna).await.unwrap().unwrap();
    assert_eq!((factor.secret.as_str(), factor.confirmed_at), ("SECRET", Some(now())));
    assert!(store.staff_by_id(&anna).await.unwrap().unwrap().has_second_factor);
    assert_eq!(store.recovery_codes_left(&anna).await.unwrap(), 1);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.remove_factor(&anna).await.unwrap());
    tx.commit().await.unwrap();
    assert!(store.second_factor(&anna).await.unwrap().is_none());
    assert_eq!(store.recovery_codes_left(&anna).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_changes_with_its_sessions_and_a_disabled_account_can_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let anna = account(&store, "anna@example.org", Role::Staff).await;
    let mut tx = store.begin().await.unwrap();
    tx.lock_staff().await.unwrap();
    tx.add_session(&digest("one"), &anna, &Browser::of(""), now()).await.unwrap();
    tx.set_role(&anna, Role::Admin).await.unwrap();
    assert_eq!(tx.active_admins().await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(store.session(&digest("one")).await.unwrap().is_none(), "it was begun with the role before");
    let mut tx = store.begin().await.unwrap();
    tx.disable_staff(&anna, now()).await.unwrap();
    tx.enable_staff(&anna).await.unwrap();
    assert_eq!(tx.active_admins().await.unwrap(), 1, "with the password it had");
    tx.commit().await.unwrap();
    let member = store.staff_by_id(&anna).await.unwrap().unwrap();
    assert_eq!((member.role, member.disabled_at, member.seen_at), (Role::Admin, None, Some(now())));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_to_the_owner_of_an_account_is_delivered_like_any_other_message() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let anna = account(&store, "anna@example.org", Role::Staff).await;
    let kind = Kind::Account(AccountNews::NewBrowser);
    let mut tx = store.begin().await.unwrap();
    tx.add_account_message(&anna, kind, now()).await.unwrap();
    assert_eq!(tx.account_messages_since(&anna, kind, now() - SignedDuration::from_mins(1)).await.unwrap(), 1);
    assert_eq!(tx.account_messages_since(&anna, kind, now()).await.unwrap(), 0);
    assert_eq!(tx.account_messages_since(&anna, Kind::Invitation, Timestamp::UNIX_EPOCH).await.unwrap(), 0);
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.claim_due(now(), 9).await.unwrap();
    assert_eq!((claimed.len(), &claimed[0].about, claimed[0].kind), (1, &About::Account(anna.clone()), kind));
    assert_eq!(tx.settle(&claimed[0], &Verdict::Sent("250 ok".to_owned()), now()).await.unwrap(), State::Sent);
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_welcome_link_can_be_made_again_from_its_seed_until_it_is_used_or_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let anna = account(&store, "anna@example.org", Role::Staff).await;
    assert!(store.welcome_seed(&anna).await.unwrap().is_none());
    let mut tx = store.begin().await.unwrap();
    tx.add_welcome(&anna, &digest("one"), b"seed one", now()).await.unwrap();
    tx.add_account_message(&anna, Kind::Invitation, now()).await.unwrap();
    tx.add_welcome(&anna, &digest("two"), b"seed two", now()).await.unwrap();
    tx.commit().await.unwrap();
    let seed = store.welcome_seed(&anna).await.unwrap();
    assert_eq!(seed, Some((b"seed two".to_vec(), now() + WELCOME_LIFETIME)));
    assert!(store.outbox(None, 9).await.unwrap().is_empty(), "the mail with the first link is owed no longer");
    let mut tx = store.begin().await.unwrap();
    assert!(tx.use_welcome(&digest("two"), now()).await.unwrap());
    tx.commit().await.unwrap();
    assert!(store.welcome_seed(&anna).await.unwrap().is_none());
}

async fn drafted(store: &Store, inquiry: i64, staff: &str, words: [BoxWords<'_>; 2], at: Timestamp) {
    let boxes = [(DraftBox::Reply, words[0]), (DraftBox::Note, words[1])];
    let shown = Shown { version: Some(7), seen: 9, template: "doctor-first".to_owned(), ..Shown::default() };
    let mut tx = store.begin().await.unwrap();
    tx.keep_draft(inquiry, staff, boxes, &shown, at).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_one_persons_about_one_inquiry_and_changes_box_by_box() {
    use BoxWords::{Are, Gone, Stay};
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let (anna, ben) =
        (account(&store, "anna@example.org", Role::Staff).await, account(&store, "ben@example.org", Role::Staff).await);
    let (one, two) = (add(&store, "words", "one").await, add(&store, "words", "two").await);
    let boxes = async |inquiry, staff: &str| {
        let draft = store.draft(inquiry, staff).await.unwrap()?;
        assert_eq!(store.draft_kept_at(inquiry, staff).await.unwrap(), Some(draft.kept_at));
        Some((draft.reply, draft.note))
    };
    let is = |reply: &str, note: &str| Some((reply.to_owned(), note.to_owned()));
    let later = now() + SignedDuration::from_secs(1);
    drafted(&store, one, &anna, [Are("a reply"), Stay], now()).await;
    drafted(&store, one, &anna, [Stay, Are("a note")], later).await;
    assert_eq!(boxes(one, &anna).await, is("a reply", "a note"));
    let draft = store.draft(one, &anna).await.unwrap().unwrap();
    assert_eq!((draft.kept_at, draft.shown.version, draft.shown.template.as_str()), (later, Some(7), "doctor-first"));
    assert_eq!((boxes(one, &ben).await, boxes(two, &anna).await), (None, None));
    assert_eq!(store.draft_kept_at(one, &ben).await.unwrap(), None);
    drafted(&store, one, &anna, [Gone, Are("another note")], later).await;
    assert_eq!(boxes(one, &anna).await, is("", "another note"));
    drafted(&store, one, &ben, [Are("his"), Are("own")], now()).await;
    drafted(&store, two, &ben, [Are("too"), Stay], later).await;
    drafted(&store, 999, &ben, [Are("about nothing"), Stay], later).await;
    assert_eq!(boxes(999, &ben).await, None);
    let begun = async |staff: &str, limit| -> Vec<i64> {
        store.begun_by(staff, limit).await.unwrap().iter().map(|begun| begun.row.inquiry.seq).collect()
    };
    assert_eq!(
        (begun(&ben, 9).await, begun(&ben, 1).await, begun(&anna, 9).await),
        (vec![two, one], vec![two], vec![one])
    );

    let mut tx = store.begin().await.unwrap();
    tx.end_draft(one, &anna, DraftBox::Note).await.unwrap();
    tx.end_draft(one, &ben, DraftBox::Note).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((boxes(one, &anna).await, boxes(one, &ben).await), (None, is("his", "")), "an empty one is none");
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.forget_drafts_before(now()).await.unwrap(), 0);
    assert_eq!(tx.forget_drafts_before(later).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!((boxes(one, &ben).await, boxes(two, &ben).await), (None, is("too", "")));
    drafted(&store, one, &ben, [Are("again"), Stay], now()).await;
    let mut tx = store.begin().await.unwrap();
    tx.discard_draft(one, &anna).await.unwrap();
    tx.discard_draft(two, &ben).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((boxes(one, &ben).await, boxes(two, &ben).await), (is("again", ""), None));
    let mut tx = store.begin().await.unwrap();
    tx.forget_drafts_of(&anna).await.unwrap();
    tx.forget_drafts_of(&ben).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(boxes(one, &ben).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_a_call_is_one_persons_and_has_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let (anna, ben) =
        (account(&store, "anna@example.org", Role::Staff).await, account(&store, "ben@example.org", Role::Staff).await);
    let call = |name: &str, email: &str| Call {
        form: InquiryForm { name: name.to_owned(), email: email.to_owned(), ..InquiryForm::default() },
        channel: "phone".to_owned(),
        read: "BW-7K3M-9QXT".to_owned(),
    };
    let later = now() + SignedDuration::from_secs(1);
    let keeps = async |staff: &str, name: &str, call: &Call, at| {
        let mut tx = store.begin().await.unwrap();
        tx.keep_call_draft(staff, name, call, at).await.unwrap();
        tx.commit().await.unwrap();
    };
    keeps(&anna, "a", &call("first", ""), now()).await;
    keeps(&anna, "a", &call("Petra", "petra@example.org"), now()).await;
    keeps(&anna, "b", &call("Paul", "Petra@EXAMPLE.org "), later).await;
    keeps(&ben, "a", &call("Ben's", "petra@example.orgs"), now()).await;
    let there = store.call_draft(&anna, "a").await.unwrap().unwrap();
    assert_eq!((there.call, there.kept_at), (Some(call("Petra", "petra@example.org")), now()));
    assert!(store.call_draft(&ben, "b").await.unwrap().is_none());
    let names = async |staff: &str, limit| -> Vec<String> {
        store.call_drafts(staff, limit).await.unwrap().into_iter().map(|draft| draft.name).collect()
    };
    assert_eq!(
        (names(&anna, 9).await, names(&anna, 1).await),
        (vec!["b".to_owned(), "a".to_owned()], vec!["b".to_owned()])
    );
    let mut tx = store.begin().await.unwrap();
    tx.discard_call_draft(&ben, "b").await.unwrap();
    assert_eq!(tx.forget_calls_of(&EmailAddress::parse("petra@example.org").unwrap()).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!((names(&anna, 9).await.len(), names(&ben, 9).await.len()), (0, 1));
    for (name, at) in [("a", now()), ("b", later)] {
        keeps(&anna, name, &call("Petra", ""), at).await;
    }
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.forget_drafts_before(later).await.unwrap(), 2);
    tx.discard_call_draft(&anna, "b").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((names(&anna, 9).await.len(), names(&ben, 9).await.len()), (0, 0));
    for (staff, name) in [(&anna, "c"), (&anna, "d"), (&ben, "c"), (&ben, "d")] {
        keeps(staff, name, &call("Petra", ""), now()).await;
    }
    let mut tx = store.begin().await.unwrap();
    tx.forget_drafts_of(&anna).await.unwrap();
    assert_eq!(tx.forget_all_calls().await.unwrap(), 2);
    tx.commit().await.unwrap();
}
