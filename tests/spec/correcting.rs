//! How to reach a person, put right where it was mistyped: by the rules of the form, and without a trace of the old address.

use jiff::SignedDuration;

use crate::app::App;
use crate::mail_server::Mood;
use crate::people::{Patient, Staff, somebody_asks};

const MISTYPED: &str = "quirina.mailcanary@example.org";

async fn waits(app: &App) -> i64 {
    app.store.outbox_counts().await.unwrap().queued
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_address_is_put_right_and_mails_that_failed_go_to_the_new_one() {
    let app = App::start().await;
    app.has_typed("rightcanary@example.org");
    app.mail_server.is(Mood::Refusing(MISTYPED.to_owned()));
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    staff.posts(&format!("{path}/reply"), &[("message", "Come on Monday.")]).await;
    app.deliver().await;
    assert_eq!(app.store.outbox_counts().await.unwrap().failed, 2, "acknowledgement and reply");
    let fields = [("email", "rightcanary@example.org"), ("phone", "01632 960 555"), ("contact_by", "email")];
    assert_eq!(staff.posts(&format!("{path}/contact"), &fields).await.status, 303);
    assert_eq!(waits(&app).await, 2);
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("rightcanary@example.org").len(), 2);
    let page = staff.opens(&path).await;
    assert!(!page.text().contains(MISTYPED), "nothing of the old address stays");
    assert!(page.words().contains("Adele Admin corrected the email address and the phone number"), "{}", page.words());
    for (words, found) in [("rightcanary", 1), ("555", 1), ("mailcanary", 0)] {
        assert_eq!(staff.inbox(&format!("?q={words}")).await.len(), found, "{words}");
    }
    let audit = app.store.audit(99).await.unwrap();
    let entry = audit.iter().find(|entry| entry.action == "inquiry.contact").unwrap();
    assert_eq!(entry.detail, "email,phone", "which, and never what");
    let other = backwise::contact::EmailAddress::parse("rightcanary@example.org").unwrap();
    assert_eq!(app.store.references_of(&other).await.unwrap().len(), 1, "who asks by the new address is found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_left_is_not_sent_again_and_a_new_number_alone_sends_nothing() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let contact = format!("{path}/contact");
    staff.posts(&contact, &[("email", "other@example.org"), ("phone", ""), ("contact_by", "email")]).await;
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("other@example.org").len(), 0);
    app.mail_server.is(Mood::Greylisting);
    staff.posts(&format!("{path}/reply"), &[("message", "Come.")]).await;
    app.deliver().await;
    app.mail_server.is(Mood::Good);
    let fields = [("email", "other@example.org"), ("phone", "01632 960 555"), ("contact_by", "phone")];
    assert_eq!(staff.posts(&contact, &fields).await.status, 303);
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("other@example.org").len(), 0, "it keeps its time of the next attempt");
    app.delivers_for(SignedDuration::from_mins(2)).await;
    assert_eq!(app.mail_server.arrived_for("other@example.org").len(), 1);
    let words = staff.opens(&path).await.words();
    assert!(words.contains("corrected the phone number and how they wish to be answered"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_the_form_hold_and_what_was_typed_stays() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    for (email, phone, by, wrong) in [
        ("no address", "", "email", "email"),
        (MISTYPED, "12", "email", "phone"),
        ("", "", "email", "email"),
        (MISTYPED, "", "phone", "phone"),
        (MISTYPED, "", "fax", "contact_by"),
    ] {
        let fields = [("email", email), ("phone", phone), ("contact_by", by)];
        let page = staff.posts(&format!("{path}/contact"), &fields).await;
        assert_eq!((page.status, page.summary()), (422, vec![wrong.to_owned()]), "{fields:?}");
        assert!(page.title().starts_with("Error:") && page.error_for(wrong).is_some());
        assert_eq!((page.value_of("email").as_str(), page.value_of("phone").as_str()), (email, phone));
    }
    assert!(staff.opens(&path).await.text().contains(MISTYPED), "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_corrects_nothing_and_loses_nothing() {
    let app = App::start().await;
    Patient::opens_the_form(&app).await.answers("phone", "01632 960 001").gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let version = staff.opens(&path).await.value_of("version");
    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    let fields = [("email", "late@example.org"), ("phone", ""), ("contact_by", "email"), ("version", &version)];
    let late = staff.posts(&format!("{path}/contact"), &fields).await;
    assert_eq!((late.status, late.value_of("email").as_str()), (409, "late@example.org"));
    let page = staff.opens(&path).await;
    assert!(page.text().contains("01632 960 001") && !page.text().contains("late@example.org"));
    let same = [("email", MISTYPED), ("phone", "01632 960 001"), ("contact_by", "email")];
    assert_eq!(staff.posts(&format!("{path}/contact"), &same).await.status, 303);
    assert!(!staff.opens(&path).await.words().contains("corrected"), "the same again is no correction");
}
