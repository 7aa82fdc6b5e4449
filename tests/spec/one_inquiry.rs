//! One inquiry at the desk: what staff read there, what they may do, and what happens when two are at it.

use backwise::desk;
use jiff::SignedDuration;

use crate::app::App;
use crate::http::between;
use crate::mail_server::Mood;
use crate::people::{Patient, Staff, somebody_asks};

#[tokio::test(flavor = "multi_thread")]
async fn what_matters_stands_first_and_the_phone_is_one_tap_away() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app)
        .await
        .answers("urgent", "yes")
        .answers("urgent_seen", "yes")
        .answers("phone", "+44 1632 960 001")
        .answers("best_time", "after sixteen")
        .answers("technique", "deep-tissue")
        .answers("health", "blood-thinners")
        .answers("message", "It hurts.\n  Since May.");
    form.gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    let place = |words: &str| page.text().find(words).unwrap_or_else(|| panic!("{words} in {}", page.text()));
    let order = [
        "<h1>",
        "<strong>Urgent:</strong>",
        "It hurts.\n  Since May.",
        "They agreed to the privacy text of 2",
        "<dd><a href=\"tel:+441632960001\"",
        "Do not leave a message",
        "href=\"mailto:quirina.mailcanary%40example.org\"",
        "after sixteen",
        "Deep tissue",
        "They ticked this.",
        "Reply by email",
    ];
    for pair in order.windows(2) {
        assert!(place(pair[0]) < place(pair[1]), "{} before {}", pair[0], pair[1]);
    }
    for jump in ["reply-title", "note-title", "status-title"] {
        assert!(place(&format!("href=\"#{jump}\"")) < place(&format!("<h2 id=\"{jump}\"")), "{jump} is one tap away");
    }
    let version = &app.store.inquiries_after(0, jiff::Timestamp::MIN, 1).await.unwrap()[0].consent_version;
    assert!(version.contains("mail full to 1"), "{version}");
    for path in [path.as_str(), "/admin/inquiries/new"] {
        let page = staff.opens(path).await;
        let day: jiff::civil::Date = version.split(',').next().unwrap().parse().unwrap();
        assert!(page.words().contains(&day.strftime("%-d %B %Y").to_string()), "{path}: {}", page.words());
        // The whole version, with the settings, is folded away behind its day.
        let folded = format!("</summary><p>Its version, as the text itself says it: {version}</p></details>");
        assert!(!page.text().replacen(&folded, "", 1).contains("mail full"), "{path} shows no settings");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_to_be_called_is_called_even_if_they_gave_an_address() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await.answers("phone", "+44 1632 960 001");
    form.clone().answers("contact_by", "phone").answers("message", "call me").gets_a_receipt().await;
    form.answers("contact_by", "email").answers("message", "write to me").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, is_told) in [("?q=call", true), ("?q=write", false)] {
        let path = staff.inbox(query).await.remove(0);
        let words = staff.opens(&path).await.words();
        assert_eq!(words.contains("They asked to be called: +44 1632 960 001"), is_told, "{words}");
    }
    app.deliver().await;
}

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
        suspected.words().contains("a browser that fills in too much. Not spam: send the mails"),
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
        released.contains("Released: it is New now. Mails to you and to the writer are on their way: “Undo” does not"),
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
async fn the_slower_of_two_sees_both_states_and_loses_no_word() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    let [version, seen, was] = ["version", "seen", "was"].map(|name| page.value_of(name));
    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    let fields = [("message", "typed for long"), ("version", &version), ("seen", &seen), ("was", &was)];
    let late = staff.posts(&format!("{path}/reply"), &fields).await;
    assert_eq!(late.status, 409);
    let words = late.words();
    assert!(words.contains("Status New Open"), "as it was and as it is: {words}");
    assert!(words.contains("Since then: Adele Admin changed the status from New to Open"), "{words}");
    assert_eq!(late.value_of("message"), "typed for long");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_keeps_what_they_chose_while_it_is_still_possible() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let reference = path.rsplit('/').next().unwrap();
    let me = app.store.staff().await.unwrap().remove(0).id;
    let stale = staff.opens(&path).await;
    let (version, seen) = (stale.value_of("version"), stale.value_of("seen"));
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    let late = async |action: &str, name: &str, value: &str| {
        let answer =
            staff.posts(&format!("{path}/{action}"), &[(name, value), ("version", &version), ("seen", &seen)]).await;
        assert_eq!(answer.status, 409, "{action}");
        answer
    };
    let selected =
        |page: &crate::http::Answer, value: &str| page.text().contains(&format!("<option value=\"{value}\" selected>"));
    assert!(selected(&late("status", "status", "closed").await, "closed"));
    let impossible = late("status", "status", "spam").await;
    assert!(
        selected(&impossible, "answered") && !selected(&impossible, "spam"),
        "what is not possible now is not offered"
    );
    assert!(selected(&late("assign", "assignee", &me).await, &me));
    let erase = late("erase", "confirm", reference).await;
    assert_eq!(erase.value_of("confirm"), reference);
    assert!(erase.text().contains(" open><summary>Erase this inquiry"), "and it is seen");
    assert_eq!(staff.opens(&path).await.value_of("confirm"), "");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_sees_the_old_and_the_new_address_though_the_old_one_is_not_kept() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    form.clone().answers("phone", "01632 960 001").gets_a_receipt().await;
    form.answers("message", "again").answers("urgent", "yes").answers("urgent_seen", "yes").gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let (path, urgent) = (&paths[1], paths[0].rsplit('/').next().unwrap());
    let stale = staff.opens(path).await;
    let [version, seen, was] = ["version", "seen", "was"].map(|name| stale.value_of(name));
    let corrected = [("email", "right@example.org"), ("phone", "01632 960 002"), ("contact_by", "phone")];
    staff.posts(&format!("{path}/contact"), &corrected).await;
    staff.posts(&format!("{path}/merge"), &[("with", urgent)]).await;
    let fields = [("note", "late"), ("version", &version), ("seen", &seen), ("was", &was)];
    let late = staff.posts(&format!("{path}/notes"), &fields).await;
    assert_eq!((late.status, late.value_of("note").as_str()), (409, "late"));
    for row in [
        "Email address quirina.mailcanary@example.org right@example.org",
        "Phone number 01632 960 001 01632 960 002",
        "Answer them by email phone",
        "Warning sign none has one now",
    ] {
        assert!(late.words().contains(row), "{row} in {}", late.words());
    }
    assert!(!late.words().contains("Merged into none"), "what did not change is not told");
    assert!(!staff.opens(path).await.text().contains("01632 960 001"), "only the stale page knew the old one");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_about_an_inquiry_that_is_gone_are_shown_for_copying() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    staff.opens(&path).await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let withdrawn = crate::http::send(app.address, "POST", &format!("{receipt}/withdraw"), &headers, b"sure=yes").await;
    assert!(staff.opens(&path).await.status == 404, "{}", withdrawn.words());
    let typed = [("note", "half <a> note"), ("message", "Dear you,\n\nhello"), ("version", "2")];
    for action in ["notes", "reply"] {
        let gone = staff.posts(&format!("{path}/{action}"), &typed).await;
        assert_eq!(gone.status, 404);
        for words in ["\nhalf &#60;a&#62; note</textarea>", "\nDear you,\n\nhello</textarea>"] {
            assert!(gone.text().contains(words), "{words} in {}", gone.text());
        }
        assert!(gone.words().contains("It was erased or withdrawn meanwhile"), "{}", gone.words());
    }
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "open")]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_it_hears_that_a_colleague_has_it_before_them() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let added = staff
        .posts("/admin/users", &[("email", "berta@clinic.example"), ("name", "Berta Staff"), ("role", "staff")])
        .await;
    let link = crate::http::between(&added.text(), "/admin/welcome/", "<").unwrap();
    let (berta, answer) = Staff::uses_link(&app, &format!("/admin/welcome/{link}")).await;
    assert_eq!(answer.status, 303);
    let path = staff.inbox("").await.remove(0);
    assert!(!staff.opens(&path).await.words().contains("may be answering it too"));
    app.clock.advance(SignedDuration::from_mins(3));
    let words = berta.opens(&path).await.words();
    assert!(words.contains("Adele Admin opened this 3 minutes ago. They may be answering it too."), "{words}");
    app.clock.advance(SignedDuration::from_mins(20));
    assert!(!staff.opens(&path).await.words().contains("may be answering it too"));
    berta.inbox("").await;
    for _ in 0..2 {
        app.clock.advance(SignedDuration::from_mins(20));
        staff.inbox("").await;
        berta.inbox("").await;
    }
    let again = staff.opens(&path).await.words();
    assert!(again.contains("Adele Admin opened it 3 times"), "{again}");
    app.clock.advance(SignedDuration::from_secs(5));
    let words = berta.opens(&path).await.words();
    assert!(words.contains("Adele Admin opened this just now. They may be answering it too."), "{words}");
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    assert!(!berta.opens(&path).await.words().contains("may be answering it too"), "it is answered");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_it_again_and_again_has_one_line_for_it() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let path = staff.inbox("").await.remove(0);
    for _ in 0..3 {
        staff.opens(&path).await;
        colleague.opens(&path).await;
        app.clock.advance(SignedDuration::from_mins(1));
    }
    let page = staff.opens(&path).await;
    assert!(page.words().contains("Adele Admin opened it 4 times, last Friday 20 November, 10:03"), "{}", page.words());
    assert!(
        page.words().contains("berta@clinic.example opened it 3 times, last Friday 20 November, 10:02"),
        "{}",
        page.words()
    );
    assert_eq!(page.text().matches("<li class=\"viewed\">").count(), 2);
    let inquiry = app.store.inquiries_after(0, jiff::Timestamp::MIN, 1).await.unwrap().remove(0);
    assert_eq!(app.store.timeline(inquiry.seq).await.unwrap().len(), 8, "each is kept");
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
        "You undid a change: the status is New again, not Answered. Undo",
    ] {
        assert!(words.contains(told), "{told} in {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_shown_while_it_binds() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    for (status, is_shown) in [("new", true), ("open", true), ("answered", false), ("closed", false), ("open", true)] {
        staff.posts(&format!("{path}/status"), &[("status", status)]).await;
        let words = staff.opens(&path).await.words();
        assert_eq!(words.contains("answer by Monday 23 November 2026, 10:00"), is_shown, "{status}: {words}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_same_person_wrote_before_is_one_click_away() {
    let app = App::start().await;
    somebody_asks(&app, "first").await;
    somebody_asks(&app, "second").await;
    Patient::opens_the_form(&app).await.answers("email", "someone.else@example.org").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let links = |path: &str, part: &str| paths.iter().filter(|p| *p != path && part.contains(p.as_str())).count();
    let mut others = Vec::new();
    for path in &paths {
        let part = crate::http::between(&staff.opens(path).await.text(), "id=\"others\"", "</section>");
        others.push(links(path, &part.unwrap_or_default()));
    }
    others.sort_unstable();
    assert_eq!(others, [0, 1, 1]);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_same_number_asked_is_found_however_it_was_written_and_offered_for_merging() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await.answers("email", "");
    for (number, words) in [
        (
            "01632 960 001",
            "The call I missed, and some more words than fit a line: one two three four five six seven eight",
        ),
        ("+44 1632 960001", "from abroad"),
        ("(+44) 1632-960-001 ext. 12", "from the office"),
        ("01632 960 002", "another one"),
    ] {
        form.clone().answers("phone", number).answers("message", words).gets_a_receipt().await;
        app.clock.advance(SignedDuration::from_mins(1));
    }
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=abroad").await.remove(0);
    let page = staff.opens(&path).await;
    let others = crate::http::between(&page.text(), "id=\"others\"", "</section>").unwrap();
    let box_of_merging = crate::http::between(&page.text(), "accesskey=\"m\"", "</details>").unwrap();
    for part in [&others, &box_of_merging] {
        let words = crate::http::words(part);
        for told in
            ["from the office", "The call I missed, and some more words than fit a line: one two three four five …"]
        {
            assert!(words.contains(told), "{told} in {words}");
        }
        assert!(!words.contains("another one") && !words.contains("from abroad"), "{words}");
        assert_eq!(part.matches("/merge?with=").count(), 2, "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_is_erased_only_by_typing_its_reference() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let reference = path.rsplit('/').next().unwrap().to_owned();
    let copy = app.folder().join("monday.db");
    std::fs::write(&copy, "a copy").unwrap();
    desk::Copies::of(app.folder()).remember(&copy).unwrap();
    desk::Copies::of(app.folder()).remember(&app.folder().join("deleted.db")).unwrap();
    let refused = staff.posts(&format!("{path}/erase"), &[("confirm", "yes")]).await;
    assert_eq!((refused.status, refused.value_of("confirm").as_str()), (422, "yes"));
    assert!(refused.title().starts_with("Error:"));
    let erased = staff.posts(&format!("{path}/erase"), &[("confirm", &reference)]).await;
    assert_eq!(erased.status, 200, "{}", erased.words());
    assert!(erased.words().contains(&format!("{reference} is erased")));
    assert!(
        erased.words().contains("These copies of the database may still hold it: monday.db."),
        "{}",
        erased.words()
    );
    assert_eq!((staff.opens(&path).await.status, app.get(&receipt).await.status), (404, 404));
    let log = app.store.audit(1).await.unwrap().remove(0);
    assert_eq!((log.action.as_str(), log.subject.as_str()), ("inquiry.erased", reference.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_holds_the_mails_where_they_left_with_what_the_server_said() {
    let app = App::start().await;
    app.mail_server.is(Mood::Greylisting);
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let waiting = staff.opens(&path).await.words();
    assert!(
        waiting.contains("Notice to staff: waiting to desk@clinic.example next attempt Friday 20 November, 10:01"),
        "{waiting}"
    );
    staff.posts(&format!("{path}/notes"), &[("note", "called before the mail left")]).await;
    app.mail_server.is(Mood::Good);
    app.delivers_for(SignedDuration::from_mins(2)).await;
    app.mail_server.is(Mood::Refusing("quirina.mailcanary@example.org".to_owned()));
    staff.posts(&format!("{path}/reply"), &[("message", "Come on Monday.")]).await;
    app.deliver().await;
    let page = staff.opens(&path).await;
    let timeline = crate::http::between(&page.text(), "<ol class=\"timeline\">", "</ol>").unwrap();
    let words = crate::http::words(&timeline);
    let order = [
        "The inquiry was received",
        "called before the mail left",
        "Notice to staff: sent to desk@clinic.example 250 taken",
        "replied by email Come on Monday.",
        "Reply to the writer: failed",
        "550",
        "Try again : Reply to the writer",
    ];
    let mut rest = words.as_str();
    for next in order {
        let at = rest.find(next).unwrap_or_else(|| panic!("{next} in {rest} of {words}"));
        rest = &rest[at + next.len()..];
    }
    assert!(!page.text().contains("id=\"mails\""), "in one place only");
    assert!(
        !timeline.contains("<li class=\"mail no-print\"") && timeline.contains("<li class=\"mail\">"),
        "in print too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_another_year_is_told_with_its_year() {
    let app = App::start().await;
    somebody_asks(&app, "first").await;
    app.deliver().await;
    app.clock.advance(SignedDuration::from_hours(24 * 60));
    somebody_asks(&app, "second").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let mut pages = String::new();
    for path in staff.inbox("").await {
        pages.push_str(&staff.opens(&path).await.words());
    }
    pages.push_str(&staff.opens("/admin/mail").await.words());
    for old in pages.match_indices("Friday 20 November") {
        assert!(pages[old.0..].starts_with("Friday 20 November 2026, 10:00"), "{}", &pages[old.0..old.0 + 60]);
    }
    for told in
        ["received Friday 20 November 2026", "2026, 10:00 (2 months ago) Notice to staff", "Tuesday 19 January, 10:00"]
    {
        assert!(pages.contains(told), "{told} in {pages}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gave_only_a_number_is_called_and_no_reply_by_email_is_offered() {
    let app = App::start().await;
    let only_a_number = Patient::opens_the_form(&app).await.answers("email", "").answers("phone", "+44 1632 960 001");
    only_a_number.gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    let told = between(&page.text(), "<h2 id=\"reply-title\">", "</section>").unwrap();
    let words = crate::http::words(&told);
    let says = "Answer by phone They gave no email address. Call +44 1632 960 001 and do not leave a message. Then set the \
                status to “Answered”.";
    assert!(words.starts_with(says), "{words}");
    assert!(told.contains("<a class=\"reach\" href=\"#email\">Put it in</a>"), "where an address goes: {told}");
    assert!(!page.words().contains("Reply by email") && !page.text().contains("href=\"#reply-title\""), "{words}");
    // A colleague took the address out while somebody wrote.
    let late = staff.posts(&format!("{path}/reply"), &[("message", "Come at ten."), ("note", "half")]).await;
    assert_eq!(
        (late.status, late.value_of("message").as_str(), late.value_of("note").as_str()),
        (422, "Come at ten.", "half")
    );
    assert!(late.error_for("reply").is_some() && late.summary() == ["reply"], "{}", late.words());
    let corrected = [("email", "quirina.mailcanary@example.org"), ("phone", ""), ("contact_by", "email")];
    staff.posts(&format!("{path}/contact"), &corrected).await;
    assert!(staff.opens(&path).await.words().contains("Reply by email"), "now there is one");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_a_label_stands_before_the_field_of_the_status() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens(&staff.inbox("").await.remove(0)).await;
    assert!(page.text().contains("<label for=\"status\">Status</label><select id=\"status\""), "{}", page.words());
    let after = between(&page.text(), "/status\">Change</button>", "<label for=\"assignee\"").unwrap();
    assert!(after.contains("href=\"/admin/help#statuses\">What the statuses mean</a>"), "{after}");
}
