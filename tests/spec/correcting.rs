//! How to reach a person, put right where it was mistyped: by the rules of the form, and without a trace of the old address.

use backwise::outbox::Verdict;
use jiff::SignedDuration;

use crate::app::App;
use crate::http::between;
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
    app.clock.advance(SignedDuration::from_secs(1));
    staff.posts(&contact, &[("email", "other@example.org"), ("phone", ""), ("contact_by", "email")]).await;
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("other@example.org").len(), 0);
    let page = staff.opens(&path).await.words();
    let left_before = "Acknowledgement to the writer: sent to the address before it was corrected";
    assert!(page.contains(left_before), "who looks whether they had an answer: {page}");
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
async fn the_address_of_a_mail_to_the_writer_stands_there_where_it_is_certain() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let mails = async || {
        let timeline = crate::http::between(&staff.opens(&path).await.text(), "<ol class=\"timeline\">", "</ol>");
        let lines = timeline.unwrap().split("<li class=\"mail\">").skip(2).map(crate::http::words).collect::<Vec<_>>();
        lines.into_iter().map(|line| line.split_once("the writer: ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    assert!(mails().await[0].starts_with("sent to quirina.mailcanary@example.org"), "{:?}", mails().await);
    let replies = async || {
        app.clock.advance(SignedDuration::from_secs(1));
        let version = staff.opens(&path).await.value_of("version");
        staff.posts(&format!("{path}/reply"), &[("message", &format!("Come at {version}."))]).await
    };
    replies().await;
    let mut tx = app.store.begin().await.unwrap();
    let in_hand = tx.claim_due(app.clock.now(), 9).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(in_hand.len(), 1);
    app.clock.advance(SignedDuration::from_secs(1));
    staff.posts(&format!("{path}/contact"), &[("email", "other@example.org"), ("contact_by", "email")]).await;
    assert!(mails().await[0].starts_with("sent to the address before it was corrected"), "{:?}", mails().await);
    assert!(mails().await[1].starts_with("waiting being sent"), "it may go to either: {:?}", mails().await);
    replies().await;
    let waits = "waiting to other@example.org for its first attempt";
    assert!(mails().await[2].starts_with(waits), "{:?}", mails().await);
    app.clock.advance(SignedDuration::from_secs(1));
    let mut tx = app.store.begin().await.unwrap();
    let taken = Verdict::Sent("250 taken".to_owned());
    tx.settle(&in_hand[0], &taken, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    app.deliver().await;
    let now = mails().await;
    assert!(now.iter().any(|mail| mail.starts_with("sent 250 taken")), "it may have gone to either: {now:?}");
    assert!(now.iter().any(|mail| mail.starts_with("sent to other@example.org")), "{now:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_corrects_an_address_hears_what_had_left_to_the_old_one() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let corrects = async |email: &str, phone: &str| {
        app.clock.advance(SignedDuration::from_mins(1));
        let seen = staff.opens(&path).await.value_of("seen");
        let fields = [("email", email), ("phone", phone), ("contact_by", "email"), ("seen", &seen)];
        let answer = staff.posts(&format!("{path}/contact"), &fields).await;
        app.deliver().await;
        staff.opens(answer.location()).await.words()
    };
    let words = corrects("second@example.org", "").await;
    let left =
        "You corrected the email address. Now: second@example.org. The acknowledgement had left to the old address.";
    assert!(words.contains(left), "{words}");
    let words = corrects("third@example.org", "").await;
    assert!(
        words.contains("You corrected the email address.") && !words.contains("had left"),
        "not to that one: {words}"
    );
    staff.posts(&format!("{path}/reply"), &[("message", "Come.")]).await;
    app.deliver().await;
    let words = corrects("third@example.org", "01632 960 005").await;
    assert!(words.contains("You corrected the phone number.") && !words.contains("had left"), "{words}");
    let words = corrects("fourth@example.org", "01632 960 005").await;
    assert!(words.contains("The reply had left to the old address."), "{words}");
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

/// Four inquiries: three of the mistyped address, one of them with a number, and one of that number alone.
async fn four_ask(app: &App) {
    app.has_typed("rightcanary@example.org");
    Patient::opens_the_form(app).await.answers("email", "").answers("phone", "01632 960 001").gets_a_receipt().await;
    Patient::opens_the_form(app).await.answers("phone", "+44 1632 960 001").gets_a_receipt().await;
    Patient::opens_the_form(app).await.answers("contact_by", "email").gets_a_receipt().await;
    Patient::opens_the_form(app).await.answers("message", "the one that is opened").gets_a_receipt().await;
}

/// The ticks beside an address that is put right: what each sends, and whether it is set.
fn ticks(page: &crate::http::Answer) -> Vec<(String, bool)> {
    let text = page.text();
    let ticks = text.split("name=\"along\"").skip(1).map(|tick| tick.split('>').next().unwrap().to_owned());
    let read = |tick: String| (between(&tick, "value=\"", "\"").unwrap(), tick.contains(" checked"));
    ticks.map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_put_right_in_the_other_inquiries_that_are_ticked_and_in_no_other() {
    let app = App::start().await;
    app.mail_server.is(Mood::Refusing(MISTYPED.to_owned()));
    four_ask(&app).await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=opened").await.remove(0);
    let offered = ticks(&staff.opens(&path).await);
    assert_eq!(offered.len(), 2, "those of the same address: {offered:?}");
    assert!(offered.iter().all(|(_, is_set)| !is_set), "nobody has looked yet");
    let (with_number, seen) = (&offered[1].0, staff.opens(&path).await.value_of("seen"));
    let fields = [("email", "rightcanary@example.org"), ("phone", ""), ("contact_by", "email")];
    let along = [("along", with_number.as_str()), ("seen", seen.as_str())];
    let done = staff.posts(&format!("{path}/contact"), &[&fields[..], &along[..]].concat()).await;
    assert_eq!(done.status, 303, "{}", done.words());
    let there = with_number.split('.').next().unwrap();
    let said = staff.opens(done.location()).await.words();
    assert!(
        said.contains(&format!(
            "You corrected the email address. Now: rightcanary@example.org. Put right there too: {there}."
        )),
        "{said}"
    );
    let not_there = offered[0].0.split('.').next().unwrap();
    assert!(
        said.contains(&format!("Not corrected along with it: {not_there} .")),
        "nothing leads there any more: {said}"
    );
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("rightcanary@example.org").len(), 2, "the mails owed to both");

    let other = staff.opens(&format!("/admin/inquiries/{there}")).await;
    assert!(other.words().contains("Adele Admin corrected the email address"), "{}", other.words());
    assert!(other.text().contains("+44 1632 960 001"), "its number stays");
    assert_eq!(staff.inbox("?q=rightcanary").await.len(), 2);
    assert_eq!(staff.inbox("?q=mailcanary").await.len(), 1, "what was not ticked stays as it was");
    let audit = app.store.audit(99).await.unwrap();
    let named = audit.iter().filter(|entry| entry.action == "inquiry.contact").map(|entry| entry.subject.as_str());
    assert_eq!(named.filter(|subject| path.ends_with(subject) || *subject == there).count(), 2, "each under its own");
    assert_eq!(ticks(&staff.opens(&path).await).len(), 1, "they still lead to each other");

    // The number of one is the number of another, however it was written; the address that only one has stays.
    let third = ticks(&other).into_iter().find(|(tick, _)| !path.ends_with(tick.split('.').next().unwrap()));
    let third = third.unwrap().0;
    let number = [("email", "rightcanary@example.org"), ("phone", "01632 960 555"), ("contact_by", "email")];
    let contact = format!("/admin/inquiries/{there}/contact");
    staff.posts(&contact, &[&number[..], &[("along", third.as_str())]].concat()).await;
    assert_eq!(staff.inbox("?q=555").await.len(), 2);
    assert_eq!(staff.inbox("?q=rightcanary").await.len(), 2, "it got no address");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_one_of_the_others_was_changed_none_is_put_right_and_it_is_named() {
    let app = App::start().await;
    four_ask(&app).await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=opened").await.remove(0);
    let offered: Vec<String> = ticks(&staff.opens(&path).await).into_iter().map(|(tick, _)| tick).collect();
    let changed = offered[0].split('.').next().unwrap();
    staff.posts(&format!("/admin/inquiries/{changed}/notes"), &[("note", "called")]).await;
    let mut fields = vec![("email", "rightcanary@example.org"), ("phone", ""), ("contact_by", "email")];
    fields.extend(offered.iter().map(|tick| ("along", tick.as_str())));
    let back = staff.posts(&format!("{path}/contact"), &[&fields[..], &[("again", "1")]].concat()).await;
    let kept: Vec<_> = offered.iter().map(|tick| (tick.clone(), true)).collect();
    assert_eq!((back.status, ticks(&back)), (200, kept), "after a sign-in they are as they were");
    let late = staff.posts(&format!("{path}/contact"), &fields).await;
    assert_eq!((late.status, late.value_of("email").as_str()), (409, "rightcanary@example.org"));
    assert!(late.words().contains(&format!("Somebody changed or erased {changed} since")), "{}", late.words());
    assert!(!late.words().contains(&format!("erased {}", offered[1].split('.').next().unwrap())), "only that one");
    assert_eq!(staff.inbox("?q=rightcanary").await.len(), 0, "here neither");
    let again = ticks(&late);
    assert_eq!(again.iter().map(|(_, is_set)| *is_set).collect::<Vec<_>>(), [false, true], "{again:?}");
    assert_ne!(again[0].0, offered[0], "who ticks it again means it as it stands now");

    let own = [("email", ""), ("phone", ""), ("contact_by", "email"), ("along", offered[1].as_str())];
    let wrong = staff.posts(&format!("{path}/contact"), &own).await;
    assert_eq!((wrong.status, ticks(&wrong)[1].1), (422, true), "a fault keeps the ticks");
    let forged = [&fields[..3], &[("along", "BW-2222-2222.1"), ("along", "x"), ("along", "BW-2222-2222")]].concat();
    assert_eq!(staff.posts(&format!("{path}/contact"), &forged).await.status, 409, "that one is not there");
    fields.truncate(3);
    fields.extend(again.iter().map(|(tick, _)| ("along", tick.as_str())));
    assert_eq!(staff.posts(&format!("{path}/contact"), &fields).await.status, 303);
    assert_eq!(staff.inbox("?q=rightcanary").await.len(), 3);
}
