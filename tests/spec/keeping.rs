//! Keeping and letting go: a corrected number, a withdrawn message, an erased person.

use std::fs;

use crate::app::App;
use crate::http::send;
use crate::people::{Patient, Staff, somebody_asks};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_corrects_their_phone_number_and_staff_see_it() {
    let app = App::start().await;
    let receipt = Patient::opens_the_form(&app).await.answers("phone", "01632 960 555").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    let notes = format!("{inquiry}/notes");
    assert_eq!(staff.posts(&notes, &[("note", "wants a quiet room")]).await.status, 303);
    let phone = format!("{receipt}/phone");
    let wrong = send(app.address, "POST", &phone, &[FORM, HERE], b"phone=12-Phonecanary").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.title().starts_with("Error:") && wrong.value_of("phone") == "12-Phonecanary", "{}", wrong.title());
    let call = "Is your email address wrong, or something else? Call us and give your reference.";
    assert!(wrong.words().contains(call), "what nobody but the clinic can put right: {}", wrong.words());
    let foreign =
        send(app.address, "POST", &phone, &[FORM, ("sec-fetch-site", "cross-site")], b"phone=01632960777").await;
    assert_eq!(foreign.status, 403);
    let right = send(app.address, "POST", &phone, &[FORM, HERE], b"phone=01632+960+777").await;
    assert_eq!((right.status, right.location()), (303, receipt.as_str()));
    let page = app.get(&receipt).await;
    assert!(page.words().contains("Your phone number was corrected on Friday 20 November 2026, 10:00"));
    assert!(!page.text().contains("960 777"), "the receipt shows nothing that was typed");
    let desk = staff.opens(&inquiry).await.words();
    assert!(
        desk.contains("01632 960 777")
            && !desk.contains("960 555")
            && desk.contains("The writer corrected their phone number"),
        "{desk}"
    );
    assert_eq!(
        (staff.inbox("?q=777").await.len(), staff.inbox("?q=555").await.len(), staff.inbox("?q=quiet").await.len()),
        (1, 0, 1)
    );
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_message_is_gone_with_everything_about_it() {
    let mut app = App::start().await;
    app.mail_may_wait = true;
    app.mail_server.goes_down();
    let kept = somebody_asks(&app, "another person's words").await;
    let receipt = somebody_asks(&app, "Withdrawcanary words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=withdrawcanary").await.remove(0);
    staff.posts(&format!("{path}/notes"), &[("note", "Notecanary")]).await;
    staff.posts(&format!("{path}/reply"), &[("message", "Replycanary")]).await;
    for method in ["GET", "HEAD"] {
        assert_eq!(
            send(app.address, method, &format!("{receipt}/withdraw"), &[], b"").await.status,
            405,
            "fetching erases nothing"
        );
    }
    let foreign =
        send(app.address, "POST", &format!("{receipt}/withdraw"), &[FORM, ("origin", "https://evil.example")], b"")
            .await;
    assert_eq!(foreign.status, 403);
    let answer = send(app.address, "POST", &format!("{receipt}/withdraw"), &[FORM, HERE], b"").await;
    assert_eq!(answer.status, 200);
    assert!(answer.words().contains("Your message is erased"), "{}", answer.words());
    assert_eq!(app.get(&receipt).await.status, 404);
    assert_eq!(staff.opens(&path).await.status, 404);
    assert!(staff.inbox("?q=withdrawcanary").await.is_empty() && staff.inbox("?q=notecanary").await.is_empty());
    assert_eq!(app.store.outbox(None, 99).await.unwrap().len(), 2, "the other person's mails");
    assert_eq!(app.get(&kept).await.status, 200);
    let audit = app.store.audit(9).await.unwrap();
    assert!(audit.iter().any(|entry| entry.action == "inquiry.erased" && entry.actor == "writer"), "{audit:?}");
    app.mail_server.comes_back();
    app.delivers_for(jiff::SignedDuration::from_mins(10)).await;
    assert!(
        app.mail_server
            .arrived()
            .iter()
            .all(|mail| !mail.raw.contains("canary words") && !mail.raw.contains("Replycanary"))
    );
    for file in ["backwise.db", "backwise.db-wal"] {
        let Ok(bytes) = fs::read(app.folder().join(file)) else { continue };
        for canary in ["Withdrawcanary", "withdrawcanary", "Notecanary", "Replycanary"] {
            assert!(!bytes.windows(canary.len()).any(|part| part == canary.as_bytes()), "{file} still holds {canary}");
        }
    }
}
