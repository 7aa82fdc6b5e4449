//! Promises: who is told, when somebody answers, and that no mail is lost, whatever the mail server does.

use jiff::SignedDuration;

use crate::app::App;
use crate::mail_server::Mood;
use crate::people::{Patient, Staff, somebody_asks};

const STAFF: &str = "desk@clinic.example";
const WRITER: &str = "quirina.mailcanary@example.org";

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_told_and_the_writer_gets_an_acknowledgement_that_repeats_nothing() {
    let app = App::with(&[("BACKWISE_MAIL__STAFF", "one@clinic.example, two@clinic.example")]).await;
    let form = Patient::opens_the_form(&app).await.answers("technique", "hot-stone").answers("health", "sunburn");
    let receipt = form.gets_a_receipt().await;
    app.deliver().await;
    let mails = app.mail_server.arrived();
    assert_eq!(mails.len(), 3, "one mail a staff address, and the acknowledgement");
    let notice = &app.mail_server.arrived_for("two@clinic.example")[0];
    assert_eq!(notice.header("Reply-To"), WRITER);
    assert_eq!(notice.header("Auto-Submitted"), "auto-generated");
    let subject = notice.header("Subject");
    assert!(subject.starts_with("New inquiry BW-") && subject.len() == "New inquiry BW-7K3M-9QXT".len(), "{subject}");
    let text = notice.text();
    let cautions = text.find("Do not have hot stones on sunburned skin. (They say this applies to them.)").unwrap();
    assert!(cautions < text.find("Quirina Namecanary").unwrap(), "cautions stand above the person");
    assert!(notice.raw.contains("text/html"));
    let acknowledgement = &app.mail_server.arrived_for(WRITER)[0];
    let text = acknowledgement.text();
    assert!(
        text.contains("Monday 23 November 2026, 10:00") && text.contains(&format!("{}{receipt}", app.url)),
        "{text}"
    );
    for typed in ["Quirina", "Canary", "mailcanary", "hot stone", "sunburn"] {
        assert!(!text.contains(typed), "the acknowledgement repeats {typed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_survives_a_mail_server_that_is_down_all_weekend() {
    let app = App::start().await;
    app.mail_server.goes_down();
    somebody_asks(&app, "I wrote on Friday").await;
    app.deliver().await;
    app.delivers_for(hours(62)).await;
    assert!(app.mail_server.arrived().is_empty());
    assert_eq!(app.store.outbox_counts().await.unwrap().delayed, 2);
    app.mail_server.comes_back();
    app.delivers_for(SignedDuration::from_mins(75)).await;
    assert_eq!(app.mail_server.arrived_for(STAFF).len(), 1);
    assert_eq!(app.mail_server.arrived_for(WRITER).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_answers_are_retried_with_growing_pauses() {
    for mood in [Mood::Busy, Mood::Greylisting] {
        let app = App::start().await;
        app.mail_server.is(mood.clone());
        somebody_asks(&app, "wait for me").await;
        app.deliver().await;
        let attempts =
            async || app.store.outbox(None, 9).await.unwrap().iter().map(|owed| owed.attempts).max().unwrap();
        assert_eq!(attempts().await, 1);
        // 1, 5, 15, 30, 60 minutes.
        for (minutes, expected) in [(0, 1), (1, 2), (4, 2), (1, 3), (14, 3), (1, 4), (29, 4), (1, 5), (59, 5), (1, 6)] {
            app.clock.advance(SignedDuration::from_mins(minutes));
            app.deliver().await;
            assert_eq!(attempts().await, expected, "{mood:?} after {minutes} more minutes");
        }
        app.mail_server.comes_back();
        app.delivers_for(SignedDuration::from_mins(75)).await;
        assert_eq!(app.mail_server.arrived().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_mail_fails_at_once_holds_nobody_up_and_is_retried_by_hand() {
    let app = App::start().await;
    app.mail_server.is(Mood::Refusing("quirina".to_owned()));
    let receipt = somebody_asks(&app, "my address is wrong").await;
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for(STAFF).len(), 1);
    let counts = app.store.outbox_counts().await.unwrap();
    assert_eq!((counts.failed, counts.queued), (1, 0));
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inbox = staff.opens("/admin/inquiries").await.words();
    assert!(inbox.contains("1 mail was given up and needs attention") && inbox.contains("mail failed"), "{inbox}");
    let failed = staff.opens("/admin/mail?state=failed").await;
    assert!(failed.words().contains("(550): no such user"), "{}", failed.words());
    let retry = crate::http::between(&failed.text(), "action=\"/admin/mail/", "\"").unwrap();
    app.mail_server.comes_back();
    assert_eq!(staff.posts(&format!("/admin/mail/{retry}"), &[]).await.status, 303);
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for(WRITER).len(), 1);
    assert_eq!(staff.posts(&format!("/admin/mail/{retry}"), &[]).await.status, 409, "it was sent");
    assert_eq!(app.get(&receipt).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_after_a_lost_answer_is_the_same_mail_to_the_byte() {
    let app = App::start().await;
    app.mail_server.is(Mood::LosesItsAnswer);
    somebody_asks(&app, "did you get it?").await;
    app.deliver().await;
    app.mail_server.comes_back();
    app.delivers_for(SignedDuration::from_mins(2)).await;
    let mails = app.mail_server.arrived_for(STAFF);
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].raw, mails[1].raw);
    assert!(mails[0].header("Message-ID").starts_with('<'));
}

#[tokio::test(flavor = "multi_thread")]
async fn trying_ends_after_a_week_and_nothing_leaves_the_outbox() {
    let app = App::start().await;
    app.mail_server.goes_down();
    somebody_asks(&app, "hello").await;
    for _ in 0..(7 * 24 * 4 + 8) {
        app.clock.advance(SignedDuration::from_mins(15));
        app.deliver().await;
    }
    let counts = app.store.outbox_counts().await.unwrap();
    assert_eq!((counts.queued, counts.failed, counts.sent), (0, 2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_carries_as_much_as_the_clinic_allows() {
    for (detail, has_name, has_words) in [("full", true, true), ("contact", true, false), ("link", false, false)] {
        let app = App::with(&[("BACKWISE_MAIL__DETAIL", detail), ("BACKWISE_MAIL__ACKNOWLEDGE", "false")]).await;
        let form = Patient::opens_the_form(&app).await.answers("health", "pregnancy").answers("technique", "swedish");
        form.answers("urgent", "unsure").answers("urgent_seen", "yes").gets_a_receipt().await;
        app.deliver().await;
        let mails = app.mail_server.arrived();
        assert_eq!(mails.len(), 1, "no acknowledgement was wanted");
        let text = mails[0].text();
        if detail == "link" {
            let reference = mails[0].header("Subject").replace("New inquiry ", "");
            insta::assert_snapshot!(text.replace(&reference, "BW-7K3M-9QXT").replace(&app.url, "https://clinic.example"), @r"
            URGENT
            The person is not sure whether they have a red flag. Please look first.

            New inquiry BW-7K3M-9QXT
            Answer by Monday 23 November 2026, 10:00

            Open it in the desk:
            https://clinic.example/admin/inquiries/BW-7K3M-9QXT

            Example Back Clinic (an example clinic)
            Sent automatically to the staff of the desk.
            ");
        }
        assert!(
            text.starts_with("URGENT") && text.contains(&format!("{}/admin/inquiries/BW-", app.url)),
            "{detail} {text}"
        );
        assert_eq!(text.contains("Quirina Namecanary"), has_name, "{detail}");
        assert_eq!(mails[0].header("Reply-To") == WRITER, has_name, "{detail}");
        assert_eq!(text.contains("Rückenschmerzen-Canary"), has_words, "{detail}");
        assert_eq!(text.contains("They say this applies to them"), has_words, "{detail}");
        assert_eq!(
            mails[0].raw.contains("egnan"),
            detail != "link",
            "the caution of the technique asked for: {detail}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unusual_but_valid_addresses_are_reached() {
    let app = App::start().await;
    for (typed, reached) in [
        ("\"a b\"@example.org", "\"a b\"@example.org"),
        ("o'neill+back@sub.example.co.uk", "o'neill+back@sub.example.co.uk"),
        ("anna@müller.example", "anna@xn--mller-kva.example"),
        ("anna@[127.0.0.1]", "anna@[127.0.0.1]"),
    ] {
        let form = Patient::opens_the_form(&app).await.answers("email", typed).answers("message", typed);
        form.gets_a_receipt().await;
        app.deliver().await;
        assert_eq!(
            app.mail_server.arrived_for(reached).len(),
            1,
            "{typed}: {:?}",
            app.store.outbox(None, 2).await.unwrap()
        );
    }
    // A mail server without SMTPUTF8 cannot be told of this one: the notice still arrives, and the desk sees why.
    Patient::opens_the_form(&app).await.answers("email", "müller@example.org").gets_a_receipt().await;
    app.deliver().await;
    let notices = app.mail_server.arrived_for(STAFF);
    assert_eq!(notices.len(), 5);
    assert!(notices[4].text().contains("müller@example.org") && notices[4].header("Reply-To").is_empty());
    let failed = app.store.outbox(Some(backwise::outbox::State::Failed), 9).await.unwrap();
    assert!(failed.len() == 1 && failed[0].last_answer.as_deref().unwrap().contains("SMTPUTF8"), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_suspected_spam_mails_nobody() {
    let app = App::start().await;
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?status=spam").await.remove(0);
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "closed")]).await.status, 303);
    app.deliver().await;
    assert!(app.mail_server.arrived().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_mailbox_is_flooded_with_acknowledgements() {
    let app = App::start().await;
    for message in ["one", "two", "three", "four"] {
        let form = Patient::opens_the_form(&app).await.answers("message", message);
        form.answers("email", "Quirina.Mailcanary@example.org").gets_a_receipt().await;
    }
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("Quirina.Mailcanary@example.org").len(), 3);
    assert_eq!(app.mail_server.arrived_for(STAFF).len(), 4);
    app.clock.advance(hours(24));
    somebody_asks(&app, "five").await;
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for(WRITER).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn inquiries_at_the_same_moment_do_not_flood_a_mailbox_either() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100")]).await;
    let form = Patient::opens_the_form(&app).await;
    let forms: Vec<_> = (0..12).map(|number| form.clone().answers("message", &format!("message {number}"))).collect();
    let answers = futures_util::future::join_all(forms.iter().map(Patient::sends)).await;
    assert!(answers.iter().all(|answer| answer.status == 303));
    app.delivers_for(SignedDuration::from_mins(2)).await;
    assert_eq!(app.mail_server.arrived_for(WRITER).len(), 3);
    assert_eq!(app.mail_server.arrived_for(STAFF).len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_not_given_up_because_the_server_stood_still_or_the_clock_jumped() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    // Nine days without the program, and then the first try fails.
    app.clock.advance(hours(9 * 24));
    app.mail_server.goes_down();
    app.deliver().await;
    assert_eq!(app.store.outbox_counts().await.unwrap().failed, 0);
    app.mail_server.comes_back();
    app.delivers_for(SignedDuration::from_mins(2)).await;
    assert_eq!(app.mail_server.arrived().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_inquiry_is_not_called_answered_and_an_answer_by_phone_counts() {
    let app = App::start().await;
    let closed = somebody_asks(&app, "one").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    staff.posts(&format!("{path}/status"), &[("status", "closed")]).await;
    let words = app.get(&closed).await.words();
    assert!(words.contains("Your message is closed") && !words.contains("We have answered"), "{words}");
    let phoned = somebody_asks(&app, "two").await;
    let path = staff.inbox("").await.remove(0);
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    let words = app.get(&phoned).await.words();
    assert!(
        words.contains("We have answered your message") && words.contains("Answered Friday 20 November 2026, 10:00"),
        "{words}"
    );
    assert!(!words.contains("We sent our answer"), "nothing was sent: {words}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_tells_how_far_we_are_and_reading_it_changes_nothing() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "when?").await;
    for _ in 0..3 {
        let page = app.get(&receipt).await;
        assert_eq!(
            (page.status, page.header("cache-control"), page.header("x-robots-tag")),
            (200, Some("no-store"), Some("noindex, nofollow"))
        );
    }
    assert_eq!(app.store.audit(9).await.unwrap().len(), 1);
    app.clock.advance(hours(24 * 4));
    assert!(app.get(&receipt).await.words().contains("We are late, and we are sorry"));
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    staff.opens(&path).await;
    assert!(app.get(&receipt).await.words().contains("Opened Tuesday 24 November 2026, 10:00"));
    staff.posts(&format!("{path}/reply"), &[("message", "Come tomorrow.")]).await;
    let answered = app.get(&receipt).await.words();
    assert!(answered.contains("We have answered your message") && !answered.contains("Come tomorrow"), "{answered}");
    assert_eq!(app.get("/receipt/0123456789abcdef").await.status, 404);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_for_a_warning_sign_first_says_whom_to_call() {
    let app = App::start().await;
    let calm = app.get(&somebody_asks(&app, "when?").await).await.words();
    let order = |words: &str| (words.find("If it cannot wait").unwrap(), words.find("What happens next").unwrap());
    let (call, next) = order(&calm);
    assert!(next < call && calm.contains("You do not need to do anything."), "{calm}");
    let worried = Patient::opens_the_form(&app).await.answers("urgent", "unsure").answers("urgent_seen", "yes");
    let urgent = worried.gets_a_receipt().await;
    let urgent = app.get(&urgent).await.words();
    let (call, next) = order(&urgent);
    assert!(call < next && urgent.contains("Please do not wait for our answer."), "{urgent}");
    assert!(!urgent.contains("You do not need to do anything."), "{urgent}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_whose_server_hangs_holds_nobody_else_up() {
    let mut app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100")]).await;
    app.mail_may_wait = true;
    app.mail_server.is(Mood::HangingFor("tarpit".to_owned()));
    let _stop = app.courier_runs();
    for number in 0..3 {
        let form = Patient::opens_the_form(&app).await.answers("email", &format!("{number}@tarpit.example"));
        form.gets_a_receipt().await;
    }
    for number in 0..12 {
        let form = Patient::opens_the_form(&app).await.answers("message", &format!("message {number}"));
        form.gets_a_receipt().await;
    }
    // An answer that never comes is given up after 45 seconds; nobody else waits for that.
    let begun = std::time::Instant::now();
    while app.mail_server.arrived_for(STAFF).len() < 15 && begun.elapsed() < std::time::Duration::from_secs(30) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(app.mail_server.arrived_for(STAFF).len(), 15);
}
