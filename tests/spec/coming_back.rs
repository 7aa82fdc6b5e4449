//! A session ends while somebody types. They sign in, and come back to the form with every word in it; nothing was stored or
//! sent meanwhile, and nothing is until they press its button.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::Answer;
use crate::people::{Staff, somebody_asks};

const ADMIN: &str = "admin@clinic.example";

/// Sends a form after the session has ended, signs in, and gives the page that follows.
async fn comes_back(app: &App, staff: &mut Staff<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    app.clock.advance(SignedDuration::from_mins(31));
    let asked = staff.posts(path, fields).await;
    assert_eq!(asked.status, 401, "{path}: {}", asked.words());
    assert!(asked.words().contains("What you typed or chose is kept"));
    let back = staff.signs_in_on(&asked, ADMIN).await;
    let back = staff.follows(back).await;
    assert_eq!(back.status, 200, "{path}: {}", back.words());
    back
}

/// Presses the one button of the page that brings somebody back.
async fn goes_on(staff: &Staff<'_>, back: &Answer, path: &str) -> Answer {
    let carried = back.carried();
    let fields: Vec<(&str, &str)> = carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert!(fields.contains(&("again", "1")), "{fields:?}");
    staff.posts(path, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_being_typed_survives_the_end_of_the_session() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    let path = format!("{inquiry}/notes");
    let back = comes_back(&app, &mut staff, &path, &[("note", "\nlong <thought>\n"), ("version", "2")]).await;
    assert_eq!(back.value_of("note"), "\nlong <thought>\n");
    assert!(back.words().contains("Your draft, kept just now. It is not added yet"), "{}", back.words());
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_comes_back_with_both_of_its_buttons() {
    let app = App::start().await;
    somebody_asks(&app, "my left <knee>").await;
    app.deliver().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let path = format!("{}/reply", staff.inbox("").await.remove(0));
    let back = comes_back(&app, &mut staff, &path, &[("message", "Dear you,\n\nhello"), ("then", "close")]).await;
    assert_eq!(back.value_of("message"), "Dear you,\n\nhello");
    let carried = back.carried();
    assert!(!carried.iter().any(|(name, _)| name == "then"), "the button says what becomes of it: {carried:?}");
    assert!(back.words().contains("Send the reply Send and close"), "{}", back.words());
    assert!(back.words().contains("What they wrote my left <knee>"), "what is answered is at hand: {}", back.words());
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_was_to_be_filled_in_comes_back_filled_in_and_is_not_offered_for_sending() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let path = format!("{}/reply", staff.inbox("").await.remove(0));
    for typed in ["", "I called you."] {
        let fields = [("message", typed), ("note", "half a note"), ("template", "doctor-first"), ("then", "begin")];
        let back = comes_back(&app, &mut staff, &path, &fields).await;
        assert!(back.words().contains("You were about to fill in a ready reply."), "{}", back.words());
        assert!(back.text().contains(&format!("action=\"{path}#reply\"")) && !back.words().contains("Send"));
        let form = staff.follows(goes_on(&staff, &back, &path).await).await;
        let message = form.value_of("message");
        assert_eq!((form.status, form.value_of("note").as_str()), (200, "half a note"));
        assert!(message.starts_with(typed) && message.contains("Dear Quirina Namecanary,"), "{message}");
    }
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_that_is_being_taken_comes_back_with_every_answer() {
    let app = App::start().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let path = "/admin/inquiries/new";
    let token = staff.opens(path).await.value_of("token");
    let typed = [
        ("token", token.as_str()),
        ("channel", "in-person"),
        ("urgent", "unsure"),
        ("name", "Petra \"Phonecanary\" <b>"),
        ("phone", "+44 1632 960 002"),
        ("best_time", "after four"),
        ("health", "pregnancy"),
        ("health", "sunburn"),
        ("message", "\nTwo\nlines & more"),
        ("consent", "yes"),
    ];
    app.clock.advance(SignedDuration::from_mins(31));
    let asked = staff.posts(path, &typed).await;
    assert!(asked.status == 401 && asked.words().contains("What you typed or chose is kept"), "{}", asked.words());
    let signed_in = staff.signs_in_on(&asked, ADMIN).await;
    assert!(signed_in.location().ends_with("#consent"), "nothing is missing: to its end, {}", signed_in.location());
    let form = staff.follows(signed_in).await;
    assert_eq!((form.status, form.title().starts_with("New inquiry")), (200, true), "{}", form.title());
    let beside = "What stands here is your draft. It is not stored yet. Store the inquiry";
    assert!(form.words().contains(beside), "who pressed the button reads that it did nothing: {}", form.words());
    for name in ["token", "name", "phone", "best_time", "message"] {
        let before = typed.iter().find(|(field, _)| *field == name).unwrap().1;
        assert_eq!(form.value_of(name), before, "{name}");
    }
    for (name, value) in
        [("channel", "in-person"), ("urgent", "unsure"), ("health", "pregnancy"), ("health", "sunburn")]
    {
        assert!(form.is_chosen(name, value), "{name} {value}");
    }
    assert!(staff.inbox("").await.is_empty(), "nothing is stored yet");
    assert_eq!(staff.posts(path, &typed).await.status, 303);
    assert_eq!(staff.inbox("").await.len(), 1);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_address_and_a_new_account_come_back_too() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    let path = format!("{inquiry}/contact");
    let typed = [("email", "right@example.org"), ("phone", "01632 960 005"), ("contact_by", "phone")];
    let back = comes_back(&app, &mut staff, &path, &typed).await;
    let form = goes_on(&staff, &back, &path).await;
    assert_eq!(form.status, 200);
    assert_eq!((form.value_of("email"), form.value_of("phone")), (typed[0].1.to_owned(), typed[1].1.to_owned()));
    assert!(!staff.opens(&inquiry).await.text().contains("right@example.org"), "nothing is corrected yet");

    let typed = [("email", "berta@clinic.example"), ("name", "Berta Staff"), ("role", "admin")];
    let back = comes_back(&app, &mut staff, "/admin/users", &typed).await;
    let form = goes_on(&staff, &back, "/admin/users").await;
    assert_eq!(
        (form.status, form.value_of("email"), form.value_of("name")),
        (200, typed[0].1.to_owned(), typed[1].1.to_owned())
    );
    assert!(form.text().contains("value=\"admin\" checked"));
    assert_eq!(app.store.staff().await.unwrap().len(), 1, "nobody is added yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_chosen_for_an_inquiry_comes_back_to_its_page_and_nothing_is_done_before() {
    let app = App::start().await;
    somebody_asks(&app, "first").await;
    somebody_asks(&app, "second").await;
    app.deliver().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let [path, other] = [&paths[0], &paths[1]];
    let [reference, other] = [path, other].map(|path| path.rsplit('/').next().unwrap());
    let me = app.store.staff().await.unwrap().remove(0).id;
    for (action, field, told) in [
        ("status", ("status", "closed"), "You were about to set the status to “Closed”.".to_owned()),
        ("assign", ("assignee", me.as_str()), "You were about to assign it to somebody.".to_owned()),
        ("erase", ("confirm", reference), "You were about to erase it for good.".to_owned()),
        ("merge", ("with", other), format!("You were about to merge {other} into it.")),
    ] {
        let path = format!("{path}/{action}");
        let back = comes_back(&app, &mut staff, &path, &[field, ("version", "2")]).await;
        for words in [&told as &str, "Quirina Namecanary", reference, "Nothing has been changed yet."] {
            assert!(back.words().contains(words), "{words} in {}", back.words());
        }
        let form = goes_on(&staff, &back, &path).await;
        assert_eq!(form.status, 200, "{action}: {}", form.words());
        match action {
            "status" | "assign" => assert!(form.text().contains(&format!("<option value=\"{}\" selected>", field.1))),
            _ => assert_eq!(form.value_of(field.0), field.1),
        }
    }
    assert_eq!(staff.inbox("?status=new").await.len(), 2, "nothing was changed");
    assert!(staff.opens(path).await.words().contains("assigned to nobody"));

    app.clock.advance(SignedDuration::from_mins(31));
    let undo = staff.posts(&format!("{path}/undo"), &[]).await;
    assert!(undo.location().ends_with(&format!("next=%2Fadmin%2Finquiries%2F{}", reference.replace('-', "%2D"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_does_not_make_somebody_fear_for_their_words() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    let path = format!("{inquiry}/notes");
    app.clock.advance(SignedDuration::from_mins(31));
    let asked = staff.posts(&path, &[("note", "a thought"), ("version", "2")]).await;
    let carried = asked.carried();
    let mut fields: Vec<(&str, &str)> = carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("email", ADMIN), ("password", "not this one")]);
    let wrong = staff.posts("/admin/login", &fields).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.words().contains("What you typed or chose is kept"), "{}", wrong.words());
    assert!(!staff.opens("/admin/login").await.words().contains("is kept"), "who typed nothing is told nothing");
    let views = || async { app.store.audit(9).await.unwrap().iter().filter(|e| e.action == "inquiry.viewed").count() };
    let before = views().await;
    let back = staff.signs_in_on(&wrong, ADMIN).await;
    assert!(back.location().ends_with("#note"), "going back to this page sends nothing once more");
    let back = staff.follows(back).await;
    assert_eq!(back.value_of("note"), "a thought");
    assert!(back.words().contains("Quirina Namecanary"), "{}", back.words());
    assert_eq!(views().await, before + 1, "who reads a name is recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_is_carried_and_no_other_form() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    app.clock.advance(SignedDuration::from_mins(31));
    let typed = [("current", "secretcanary"), ("password", "secretcanary"), ("password_again", "secretcanary")];
    let asked = staff.posts("/admin/account", &typed).await;
    assert!(asked.status == 303 && !asked.text().contains("secretcanary"));
    for action in ["/admin/account", "/admin/logout", "https://evil.example/admin/users", "/admin/mail/x/retry"] {
        let fields =
            [("email", ADMIN), ("password", crate::people::PASSWORD), ("kept_action", action), ("kept.note", "x")];
        let answer = staff.posts("/admin/login", &fields).await;
        assert_eq!(answer.status, 303, "{action}");
    }
}
