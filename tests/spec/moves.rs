//! How an inquiry moves on: its status, whose it is, suspected spam that turns out to be none, and undoing one's own change.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::between;
use crate::people::{Patient, Staff, somebody_asks};

#[tokio::test(flavor = "multi_thread")]
async fn only_the_moves_of_the_workflow_are_offered_and_taken() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "closed")]).await.status, 303);
    let page = staff.opens(&path).await.text();
    assert!(page.contains("<option value=\"open\">") && !page.contains("<option value=\"spam\">"));
    let refused = staff.posts(&format!("{path}/status"), &[("status", "spam")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.words().contains("not possible from where this inquiry stands now"), "{}", refused.words());
    assert_eq!(staff.inbox("?status=closed").await.len(), 1);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn suspected_spam_that_was_closed_is_mailed_when_it_turns_out_to_be_none() {
    let app = App::start().await;
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?status=spam").await.remove(0);
    for status in ["closed", "open", "closed", "open"] {
        assert_eq!(staff.posts(&format!("{path}/status"), &[("status", status)]).await.status, 303);
    }
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("desk@clinic.example").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn suspected_spam_is_mailed_though_the_digest_of_the_day_told_of_it() {
    let app = App::start().await;
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    app.clock.advance(SignedDuration::from_mins(1));
    app.makes_its_round().await;
    app.deliver().await;
    assert_eq!(
        app.mail_server.arrived_for("desk@clinic.example").len(),
        1,
        "the digest, which hangs on the newest of them"
    );
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?status=spam").await.remove(0);
    let suspected = staff.opens(&path).await;
    assert!(
        suspected.words().contains("a browser that fills in too much. If it is none, it becomes New, and its mails leave: to staff, and to the person where they gave an address. Else it is erased by itself soon after Sunday 20 December, 10:00. Not spam: send the mails"),
        "{}",
        suspected.words()
    );
    let version = suspected.value_of("version");
    let button = [("version", version.as_str()), ("then", "release")];
    assert_eq!(staff.posts(&format!("{path}/status"), &button).await.status, 303);
    let words = staff.opens(&path).await.words();
    assert!(!words.contains("may be spam") && !words.contains("Not spam"), "somebody said that it is none: {words}");
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("desk@clinic.example").len(), 2);
    assert_eq!(app.mail_server.arrived_for("quirina.mailcanary@example.org").len(), 1, "they hear that it arrived");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_releases_suspected_spam_hears_of_its_mails_and_that_taking_it_back_calls_none_back() {
    let app = App::start().await;
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?status=spam").await.remove(0);
    let sends = async |action: &str, fields: &[(&str, &str)]| {
        let seen = staff.opens(&path).await.value_of("seen");
        let fields: Vec<_> = fields.iter().copied().chain([("seen", seen.as_str())]).collect();
        let answer = staff.posts(&format!("{path}/{action}"), &fields).await;
        staff.opens(answer.location()).await.words()
    };
    let before = staff.opens(&path).await.words();
    assert!(
        before.contains("Not spam: send the mails") && before.contains("Suspected spam is not mailed."),
        "{before}"
    );
    let released = sends("status", &[("status", "new")]).await;
    assert!(
        released
            .contains("Released: it is New now. Mails to staff and to the writer are on their way: “Undo” does not"),
        "{released}"
    );
    let back = sends("undo", &[]).await;
    assert!(back.contains("it is Suspected spam again. Its mails are on their way all the same."), "{back}");
    app.deliver().await;
    app.clock.advance(SignedDuration::from_mins(1));
    sends("status", &[("status", "new")]).await;
    let back = sends("undo", &[]).await;
    assert!(back.contains("it is Suspected spam again. Its mails had been sent already."), "{back}");
    assert!(!back.contains("send the mails") && !back.contains("Suspected spam is not mailed."), "{back}");
    let again = sends("status", &[("status", "open")]).await;
    assert!(!again.contains("Released"), "nothing is sent a second time: {again}");
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("desk@clinic.example").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_undone_while_nothing_has_changed_since() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let undo = format!("{path}/undo");
    assert_eq!(staff.posts(&undo, &[]).await.status, 409, "there is nothing to undo");
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    let page = staff.opens(&path).await;
    assert!(page.words().contains("You changed the status from New to Answered. Undo"), "{}", page.words());
    let version = page.value_of("version");
    assert_eq!(staff.posts(&undo, &[("version", &version)]).await.status, 303);
    assert_eq!(staff.inbox("?status=new").await.len(), 1);
    assert!(app.get(&receipt).await.words().contains("Answered not yet"), "nobody has answered");
    assert_eq!(staff.posts(&undo, &[("version", &version)]).await.status, 409, "that page is out of date");

    let me = app.store.staff().await.unwrap().remove(0).id;
    assert_eq!(staff.posts(&format!("{path}/assign"), &[("assignee", &me)]).await.status, 303);
    assert!(staff.opens(&path).await.words().contains("assigned to Adele Admin"));
    assert_eq!(staff.posts(&undo, &[]).await.status, 303);
    assert!(staff.opens(&path).await.words().contains("assigned to nobody"));

    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    staff.posts(&format!("{path}/notes"), &[("note", "called")]).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    colleague.posts(&format!("{path}/notes"), &[("note", "heard")]).await;
    let corrected = [("email", "quirina.mailcanary@example.org"), ("phone", "01632 960 005"), ("contact_by", "phone")];
    assert_eq!(staff.posts(&format!("{path}/contact"), &corrected).await.status, 303);
    let words = staff.opens(&path).await.words();
    assert!(words.contains("You changed the status from New to Open. Undo"), "notes change nothing: {words}");
    assert_eq!(colleague.posts(&undo, &[]).await.status, 409, "it is for who did it");
    assert_eq!(staff.posts(&undo, &[]).await.status, 303);
    assert_eq!(staff.inbox("?status=new").await.len(), 1);

    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    colleague.posts(&format!("{path}/assign"), &[("assignee", &me)]).await;
    assert!(!staff.opens(&path).await.words().contains(". Undo"), "somebody changed something since");
    assert_eq!(staff.posts(&undo, &[]).await.status, 409);
    staff.posts(&format!("{path}/status"), &[("status", "new")]).await;
    staff.posts(&format!("{path}/reply"), &[("message", "Come at ten.")]).await;
    assert!(!staff.opens(&path).await.words().contains(". Undo"), "a reply changes the status");
    assert_eq!(staff.posts(&undo, &[]).await.status, 409);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_undone_only_from_what_it_left() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    staff.posts(&format!("{path}/notes"), &[("note", "called")]).await;
    // As no page of ours does it: the timeline says nothing of it.
    let mut tx = app.store.begin().await.unwrap();
    let reference = backwise::inquiry::Reference::parse(path.rsplit('/').next().unwrap()).unwrap();
    let seq = app.store.inquiry(&reference).await.unwrap().unwrap().seq;
    tx.set_status(seq, backwise::inquiry::Status::Closed).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(staff.posts(&format!("{path}/undo"), &[]).await.status, 409);
    assert_eq!(staff.inbox("?status=closed").await.len(), 1, "it stands as it stood");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_is_given_to_a_colleague_and_to_nobody_else() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let refused = staff.posts(&format!("{path}/assign"), &[("assignee", "nobody-we-know")]).await;
    assert_eq!(refused.status, 422);
    let me = app.store.staff().await.unwrap().remove(0).id;
    staff.posts(&format!("{path}/assign"), &[("assignee", &me)]).await;
    let words = staff.opens(&path).await.words();
    assert!(words.contains("Adele Admin assigned it to Adele Admin"), "{words}");
    staff.posts(&format!("{path}/assign"), &[("assignee", "")]).await;
    assert!(staff.opens(&path).await.words().contains("assigned to nobody"));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nobodys_is_taken_with_one_button_and_the_timeline_says_what_was_taken_back() {
    let app = App::start().await;
    Patient::opens_the_form(&app).await.answers("phone", "+44 1632 960 001").gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    let button = crate::http::between(&page.text(), "class=\"mine no-print\">", "</p>").unwrap();
    assert!(button.contains("name=\"then\" value=\"mine\""), "{button}");
    assert!(page.text().contains("<a class=\"reach\" href=\"tel:+441632960001\">Call</a>"), "a jump to the phone");
    assert_eq!(staff.posts(&format!("{path}/assign"), &[("assignee", ""), ("then", "mine")]).await.status, 303);
    let page = staff.opens(&path).await;
    assert!(
        page.words().contains("assigned to Adele Admin") && !page.words().contains("Make it mine"),
        "{}",
        page.words()
    );
    staff.posts(&format!("{path}/undo"), &[]).await;
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    staff.posts(&format!("{path}/undo"), &[]).await;
    let words = staff.opens(&path).await.words();
    for told in [
        "Adele Admin undid a change: it is assigned to nobody again",
        "Adele Admin changed the status from New to Answered",
        "Adele Admin undid a change: the status is New again, not Answered",
    ] {
        assert!(words.contains(told), "{told} in {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_undone_is_not_offered_for_undoing_and_an_offer_of_a_while_ago_says_when() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let is_green = |page: &crate::http::Answer| page.text().contains("<div class=\"banner good");
    let seen = staff.opens(&path).await.value_of("seen");
    let closed = staff.posts(&format!("{path}/status"), &[("status", "closed"), ("seen", &seen)]).await;
    let now = staff.opens(closed.location()).await;
    assert!(
        is_green(&now) && now.words().contains("You changed the status from New to Closed. Nobody answered it. Undo"),
        "{}",
        now.words()
    );
    app.clock.advance(SignedDuration::from_mins(5));
    let later = staff.opens(&path).await;
    let told = "You changed the status from New to Closed 5 minutes ago. Undo";
    assert!(later.words().contains(told) && !is_green(&later), "{}", later.words());
    for _ in 0..2 {
        staff.posts(&format!("{path}/undo"), &[]).await;
        assert_eq!(staff.inbox("?status=new").await.len(), 1, "a second click closes nothing again");
    }
    let words = staff.opens(&path).await.words();
    assert!(!words.contains("You undid a change") && !words.contains(". Undo"), "{words}");
    assert_eq!(staff.posts(&format!("{path}/undo"), &[]).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_a_label_stands_before_the_field_of_the_status() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens(&staff.inbox("").await.remove(0)).await;
    assert!(page.text().contains("<label for=\"status\">Status</label><select id=\"status\""), "{}", page.words());
    let after = between(&page.linked(), "/status\">Change</button>", "<label for=\"assignee\"").unwrap();
    assert!(after.contains("href=\"/admin/help#statuses\">What the statuses mean</a>"), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_it_to_somebody_who_has_not_signed_in_yet_is_told() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    staff.invites("berta@clinic.example", "staff").await;
    let mona = [("email", "mona@clinic.example"), ("name", "Mona Weber"), ("role", "staff")];
    staff.posts("/admin/users", &mona).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    assert!(page.words().contains("Mona Weber (no password yet)"), "{}", page.words());
    assert_eq!(page.words().matches("(no password yet)").count(), 1, "only who has no password");
    let members = app.store.staff().await.unwrap();
    for (name, is_new) in [("mona@clinic.example", true), ("berta@clinic.example", false)] {
        let member = members.iter().find(|member| member.email.as_str() == name).unwrap();
        let seen = staff.opens(&path).await.value_of("seen");
        let fields = [("assignee", member.id.as_str()), ("seen", seen.as_str())];
        let told = staff.posts(&format!("{path}/assign"), &fields).await;
        let words = staff.opens(told.location()).await.words();
        assert!(words.contains(&format!("You assigned it to {}.", member.name)), "{words}");
        assert_eq!(words.contains("This person has no password yet and does not see it."), is_new, "{words}");
    }
    app.deliver().await;
}
