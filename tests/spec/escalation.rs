//! What the desk tells by itself: that nobody opened an inquiry in time, and that there is new suspected spam.

use backwise::desk::{Purge, PurgeRule, purge};
use jiff::SignedDuration;

use crate::app::App;
use crate::people::{Patient, Staff, somebody_asks};

const LEAD: &str = "lead@clinic.example";

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_clinic_chose_hears_once_of_an_inquiry_that_nobody_opened_in_time() {
    let app = App::with(&[("BACKWISE_MAIL__ESCALATE_TO", LEAD)]).await;
    somebody_asks(&app, "Unopened-Canary").await;
    app.makes_its_round().await;
    app.deliver().await;
    assert!(app.mail_server.arrived_for(LEAD).is_empty(), "there is still time");
    app.clock.advance(SignedDuration::from_hours(4 * 24));
    for _ in 0..3 {
        app.makes_its_round().await;
        app.deliver().await;
    }
    let mails = app.mail_server.arrived_for(LEAD);
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    assert_eq!(mail.link("/admin/inquiries/"), path);
    assert!(mail.header("Subject").starts_with("Nobody opened inquiry BW-"), "{}", mail.header("Subject"));
    for private in ["Canary", "Quirina", "canary"] {
        assert!(!mail.text().contains(private), "{private} in {}", mail.text());
    }
    let words = staff.opens(&path).await.words();
    assert!(words.contains("Nobody had opened it by the promised time"), "{words}");
    assert!(words.contains("Told that nobody opened it in time: sent"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_what_was_opened_or_is_spam_or_without_the_setting() {
    let app = App::with(&[("BACKWISE_MAIL__ESCALATE_TO", LEAD)]).await;
    somebody_asks(&app, "opened").await;
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    staff.opens(&path).await;
    app.clock.advance(SignedDuration::from_hours(4 * 24));
    app.makes_its_round().await;
    app.deliver().await;
    assert!(app.mail_server.arrived_for(LEAD).is_empty());

    let silent = App::start().await;
    somebody_asks(&silent, "words").await;
    silent.clock.advance(SignedDuration::from_hours(4 * 24));
    silent.makes_its_round().await;
    silent.deliver().await;
    assert_eq!(silent.mail_server.arrived_for("desk@clinic.example").len(), 1, "the notice and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_hear_of_suspected_spam_once_a_day_and_only_when_there_is_some() {
    let app = App::start().await;
    let digests = || {
        let all = app.mail_server.arrived_for("desk@clinic.example").into_iter();
        all.filter(|mail| mail.header("Subject") == "New suspected spam").collect::<Vec<_>>()
    };
    app.makes_its_round().await;
    app.deliver().await;
    assert_eq!(digests().len(), 0);
    let form = Patient::opens_the_form(&app).await.answers("blank", "x");
    form.gets_a_receipt().await;
    form.clone().answers("message", "another").gets_a_receipt().await;
    app.clock.advance(SignedDuration::from_mins(1));
    for _ in 0..2 {
        app.makes_its_round().await;
        app.deliver().await;
    }
    assert_eq!(digests().len(), 1);
    assert!(digests()[0].text().starts_with("2 inquiries look like spam"), "{}", digests()[0].text());
    form.clone().answers("message", "a third").gets_a_receipt().await;
    app.clock.advance(SignedDuration::from_hours(23));
    app.makes_its_round().await;
    app.deliver().await;
    assert_eq!(digests().len(), 1, "the day is not over");
    app.clock.advance(SignedDuration::from_hours(1));
    app.makes_its_round().await;
    app.deliver().await;
    assert!(digests()[1].text().starts_with("One inquiry looks like spam"), "{}", digests()[1].text());
    app.clock.advance(SignedDuration::from_hours(48));
    app.makes_its_round().await;
    app.deliver().await;
    assert_eq!(digests().len(), 2, "nothing new");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_leaves_out_what_the_retention_rule_takes_at_the_same_start() {
    let app = App::start().await;
    let old = Patient::opens_the_form(&app).await.answers("blank", "x");
    old.gets_a_receipt().await;
    app.clock.advance(SignedDuration::from_secs(1));
    old.clone().answers("message", "of the last second that is kept").gets_a_receipt().await;
    app.clock.advance(SignedDuration::from_hours(30 * 24));
    app.makes_its_round().await;
    app.deliver().await;
    let rule = PurgeRule { retention_days: 0, confirmed: true, dry_run: false };
    let Purge::Erased(gone) = purge(&app.store, rule, app.clock.now()).await.unwrap() else { panic!("confirmed") };
    assert_eq!(gone.len(), 1);
    let mails = app.mail_server.arrived_for("desk@clinic.example");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text().starts_with("One inquiry looks like spam"), "{}", mails[0].text());
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert_eq!(staff.inbox("?status=spam").await.len(), 1, "as many as the digest told of");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_tell_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::app::new_store(folder.path()).await;
    let now = crate::app::FRIDAY_AT_TEN.parse().unwrap();
    let mut tx = store.begin().await.unwrap();
    let seq = crate::storage::added(&mut tx, "words", now).await;
    tx.commit().await.unwrap();
    let late = now + SignedDuration::from_hours(1);
    assert_eq!(store.unopened_past_promise(now, 9).await.unwrap().len(), 0);
    assert_eq!(store.unopened_past_promise(late, 9).await.unwrap()[0].0, seq);
    let mut tx = store.begin().await.unwrap();
    assert!(tx.mark_escalated(seq, late).await.unwrap());
    assert!(!tx.mark_escalated(seq, late).await.unwrap());
    let last = store.last_digest().await.unwrap();
    assert!(tx.begin_digest(last, now).await.unwrap());
    assert!(!tx.begin_digest(last, now).await.unwrap());
    tx.set_many("no such message", 3).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.last_digest().await.unwrap(), now);
    assert_eq!(store.spam_between(last, late).await.unwrap(), (0, None));
}
