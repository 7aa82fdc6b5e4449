//! What somebody has begun to write stays in its box, whatever other button of the page they press first.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::Answer;
use crate::mail_server::Mood;
use crate::people::{Staff, somebody_asks};

const BEGUN: [(&str, &str); 2] = [("message", "Dear Quirina,\n\nhalf a reply"), ("note", "half a note")];

/// Presses a button of a page, with what stands in its boxes, and goes where it leads.
async fn presses(staff: &Staff<'_>, page: &Answer, button: &str, chosen: &[(&str, &str)]) -> Answer {
    let carried = ["version", "seen", "was"].map(|name| (name, page.value_of(name)));
    let carried = carried.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = carried.chain(BEGUN).chain(chosen.iter().copied()).collect();
    assert!(
        page.text().contains(&format!("form=\"writing\" formaction=\"{button}\"")),
        "{button} sends the boxes along"
    );
    staff.follows(staff.posts(button, &fields).await).await
}

fn has_kept(page: &Answer, what: &str) {
    let boxes = (page.value_of("message").replace("\r\n", "\n"), page.value_of("note"));
    assert_eq!(boxes, (BEGUN[0].1.to_owned(), BEGUN[1].1.to_owned()), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_button_of_the_page_empties_another_box() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let mut page = staff.opens(&path).await;
    for (action, chosen, told) in [
        ("assign", ("then", "mine"), "You made it yours."),
        ("assign", ("assignee", ""), "You took it from Adele Admin: it is assigned to nobody."),
        ("status", ("status", "open"), "You changed the status from New to Open."),
        ("undo", ("then", ""), "Undone: it is New again."),
        ("status", ("status", "spam"), "You changed the status from New to Suspected spam."),
        ("status", ("then", "release"), "Released: it is New now."),
    ] {
        let button = format!("{path}/{action}");
        page = presses(&staff, &page, &button, &[chosen]).await;
        assert_eq!(page.status, 200, "{action}: {}", page.words());
        assert!(page.words().contains(told), "{told}: {}", page.words());
        has_kept(&page, told);
    }
    app.deliver().await;
    // What was so already makes no new version, and the next button is not out of date.
    for _ in 0..2 {
        page = presses(&staff, &page, &format!("{path}/assign"), &[("assignee", "")]).await;
        has_kept(&page, "nothing changed");
    }
    let sent = presses(&staff, &page, &format!("{path}/reply"), &[]).await;
    assert_eq!(
        (sent.status, sent.value_of("message"), sent.value_of("note")),
        (200, String::new(), BEGUN[1].1.to_owned())
    );
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_at_a_duplicate_or_tries_a_mail_again_finds_what_was_begun_when_they_are_back() {
    let app = App::start().await;
    for message in ["words", "other words"] {
        somebody_asks(&app, message).await;
    }
    app.mail_server.is(Mood::Refusing("quirina".to_owned()));
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let [path, other] = <[String; 2]>::try_from(staff.inbox("").await).unwrap();
    let other = other.rsplit('/').next().unwrap();
    let mail = crate::http::between(&staff.opens(&path).await.text(), "name=\"mail\" value=\"", "\"").unwrap();
    let (draft, contact) = (format!("{path}/draft"), format!("{path}/contact"));
    for (button, chosen, title) in [
        (&draft, &[("merge", other)][..], "Merge "),
        (&draft, &[("merge", ""), ("with", other)], "Merge "),
        (&draft, &[("merge", ""), ("with", "no & reference")], "Error: Merge "),
        (&contact, &[("then", "enter"), ("with", other), ("email", "half@")], "Merge "),
        (&format!("{path}/retry"), &[("mail", &mail)], "Inquiry "),
    ] {
        let page = staff.opens(&path).await;
        let led_to = presses(&staff, &page, button, chosen).await;
        assert!(led_to.title().starts_with(title), "{chosen:?}: {}", led_to.title());
        assert_eq!(led_to.text().contains("value=\"no &#38; reference\""), title.starts_with("Error"), "{chosen:?}");
        has_kept(&staff.opens(&path).await, &format!("{chosen:?}"));
        assert_eq!(staff.posts(&draft, &[("then", "discard")]).await.status, 303);
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_could_go_on_hears_that_begun_words_are_not_sent_and_are_kept() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    assert!(!page.words().contains("your draft"), "nothing is begun");
    let mine = presses(&staff, &page, &format!("{path}/assign"), &[("then", "mine")]).await;
    let kept = "Your reply is not sent and your note not added yet: they are kept as your draft.";
    let banner = crate::http::between(&mine.text(), "<div class=\"banner good", "</div>").unwrap();
    assert!(banner.contains(kept), "{banner}");
    assert!(!mine.words().contains("when you leave this page"), "nothing is lost");
    let sent = presses(&staff, &mine, &format!("{path}/reply"), &[]).await;
    assert!(sent.words().contains("Your note is not added yet: it is kept as your draft."), "{}", sent.words());
    let later = staff.opens(&path).await.words();
    assert!(!later.contains("is not added yet: "), "a draft and nothing else urges nobody: {later}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_too_slow_with_a_button_keeps_both_boxes_too() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    app.deliver().await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    colleague.posts(&format!("{path}/status"), &[("status", "open")]).await;
    for (action, chosen) in [("assign", ("then", "mine")), ("status", ("status", "closed"))] {
        let late = presses(&staff, &page, &format!("{path}/{action}"), &[chosen]).await;
        assert_eq!(late.status, 409, "{action}");
        has_kept(&late, action);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_at_a_button_brings_both_boxes_back() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    for (action, chosen, told) in [
        ("assign", ("then", "mine"), "You were about to make it yours."),
        ("undo", ("then", ""), "You were about to undo your last change."),
        ("draft", ("merge", "BW-2222-2222"), "You were about to merge a duplicate into it."),
    ] {
        staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
        staff.posts(&format!("{path}/status"), &[("status", "new")]).await;
        let page = staff.opens(&path).await;
        app.clock.advance(SignedDuration::from_mins(31));
        let asked = presses(&staff, &page, &format!("{path}/{action}"), &[chosen]).await;
        let back = staff.signs_in_on(&asked, "admin@clinic.example").await;
        assert!(back.words().contains(told), "{told}: {}", back.words());
        let kept = "What stood in the boxes of the reply and the note is kept too.";
        assert!(back.words().contains(kept), "{}", back.words());
        let carried = back.carried();
        let fields: Vec<_> = carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let form = staff.follows(staff.posts(&format!("{path}/{action}"), &fields).await).await;
        assert_eq!(form.status, 200, "{}", form.words());
        has_kept(&form, action);
        assert!(form.words().contains("assigned to nobody"), "nothing was done: {}", form.words());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_one_box_back_hears_that_the_other_is_kept_too() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    for (action, kept) in [
        ("notes", "Your draft of the reply and the note, kept just now."),
        ("reply", "Your draft of the reply and the note, kept just now."),
    ] {
        let page = staff.opens(&path).await;
        app.clock.advance(SignedDuration::from_mins(31));
        let asked = presses(&staff, &page, &format!("{path}/{action}"), &[]).await;
        let back = staff.signs_in_on(&asked, "admin@clinic.example").await;
        let back = staff.follows(back).await;
        assert!(back.words().contains(kept), "{action}: {}", back.words());
    }
    app.clock.advance(SignedDuration::from_mins(31));
    let asked = staff.posts(&format!("{path}/notes"), &[("note", "alone")]).await;
    let back = staff.signs_in_on(&asked, "admin@clinic.example").await;
    let back = staff.follows(back).await;
    assert!(back.value_of("note") == "alone" && !back.words().contains("is kept too"), "{}", back.words());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_corrects_an_address_between_two_sentences_goes_on_writing() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    let button = format!("{path}/contact");
    let right = [("email", "right@example.org"), ("phone", ""), ("contact_by", "email"), ("then", "correct")];
    let page = presses(&staff, &page, &button, &right).await;
    assert!(page.status == 200 && page.words().contains("You corrected the email address"), "{}", page.words());
    has_kept(&page, "corrected");
    assert!(
        page.text().contains("id=\"writing\" novalidate "),
        "the answer says what is wrong, not a bubble of the browser"
    );
    let first = page.text().find("form=\"writing\"").unwrap();
    assert!(
        page.text()[first..].starts_with(&format!("form=\"writing\" formaction=\"{button}\"")),
        "what Enter presses"
    );
    let wrong = presses(&staff, &page, &button, &[("email", "no address"), ("then", "correct")]).await;
    assert_eq!((wrong.status, wrong.value_of("email").as_str()), (422, "no address"));
    has_kept(&wrong, "not an address");
    // Erased meanwhile: what somebody typed is shown for copying, and nothing that was stored.
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    crate::http::send(app.address, "POST", &format!("{receipt}/withdraw"), &headers, b"sure=yes").await;
    let stored = [("email", "right@example.org"), ("phone", ""), ("contact_by", "email")];
    let gone = presses(&staff, &page, &format!("{path}/status"), &[&stored[..], &[("status", "open")]].concat()).await;
    assert!(gone.status == 404 && gone.words().contains("half a note"), "{}", gone.words());
    assert!(!gone.text().contains("right@example.org"), "it was erased");
    let gone = presses(&staff, &page, &button, &right).await;
    assert!(gone.status == 404 && gone.text().contains("right@example.org"), "{}", gone.words());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_chosen_beside_the_button_that_was_pressed_is_chosen_still_and_said() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    staff.invites("berta@clinic.example", "staff").await;
    let berta = app.store.staff().await.unwrap().into_iter().find(|one| one.email.as_str() == "berta@clinic.example");
    let berta = berta.unwrap().id;
    let path = staff.inbox("").await.remove(0);
    let chosen = |page: &Answer, id: &str| page.text().contains(&format!("<option value=\"{id}\" selected>"));
    let page = staff.opens(&path).await;
    let both = [("assignee", berta.as_str()), ("status", "open")];
    let noted = presses(&staff, &page, &format!("{path}/notes"), &both).await;
    assert!(noted.words().contains("“Status” and “Assigned to” are chosen and not changed yet."), "{}", noted.words());
    assert!(chosen(&noted, &berta) && chosen(&noted, "open"));
    assert!(noted.words().contains("assigned to nobody"), "a choice changes nothing by itself");
    let assigned = presses(&staff, &noted, &format!("{path}/assign"), &both).await;
    assert!(assigned.words().contains("“Status” is chosen and not changed yet."), "{}", assigned.words());
    assert!(assigned.words().contains("Undo :"), "nothing else is said beside it: {}", assigned.words());
    let carried = [("assignee", berta.as_str()), ("status", "new")];
    let after = presses(&staff, &assigned, &format!("{path}/notes"), &carried).await;
    assert!(!after.words().contains("chosen and not changed"), "{}", after.words());
    assert!(after.words().contains("Undo the assignment :"), "the note stays: {}", after.words());
    for odd in ["?status=spam%00&assignee=%22%3E", "?status=closed&assignee=nobody&uncorrected=%3Cb%3E.BW-0000"] {
        let page = staff.opens(&format!("{path}{odd}")).await;
        assert!(page.status == 200 && !page.text().contains("<b>"), "{odd}");
    }
    app.deliver().await;
}
