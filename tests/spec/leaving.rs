//! Whoever leaves the page of an inquiry loses nothing they have begun to write, and what they have sent or added does not come
//! back as something that is yet to be done.

use jiff::SignedDuration;

use crate::app::App;
use crate::drafts::{NOTE, REPLY, boxes, drafts_there, presses, two_wait};
use crate::html::Page;
use crate::http::Answer;
use crate::people::Staff;

/// Where the buttons of a page lead that look like links, and its links.
fn ways_and_links(page: &Answer, path: &str) -> (Vec<String>, Vec<String>) {
    let page = Page::read(&page.text());
    let links = page.0.iter().filter(|element| element.name == "a");
    let links = links.map(|link| link.attribute("href").unwrap_or_default().to_owned()).collect();
    (page.ways("writing", &format!("{path}/draft")), links)
}

/// Sends the words of a page once more, as a browser that goes back to it does.
async fn sends_again(staff: &Staff<'_>, page: &Answer, button: &str, words: [&str; 2]) -> Answer {
    let sent = presses(staff, page, button, words, &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.words());
    staff.follows(sent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_leads_away_from_an_inquiry_keeps_what_was_begun_and_leads_there() {
    let app = App::start().await;
    let (staff, path, other) = two_wait(&app).await;
    let page = staff.opens(&path).await;
    let (ways, links) = ways_and_links(&page, &path);
    assert!(
        links.iter().all(|link| ["#", "tel:", "mailto:"].iter().any(|inside| link.starts_with(inside))),
        "a link would lose it: {links:?}"
    );
    for way in
        ["/admin/inquiries", "/admin/inquiries/new", "/admin/mail", "/admin/help#keys", "/admin/account", "/", &other]
    {
        assert!(ways.iter().any(|there| there == way), "{way} in {ways:?}");
    }
    for way in &ways {
        let page = staff.opens(&path).await;
        let left = presses(&staff, &page, &format!("{path}/draft"), [REPLY, NOTE], &[("then", way)]).await;
        assert_eq!((left.status, left.location()), (303, way.as_str()), "{}", left.words());
        let page = staff.opens(&path).await;
        assert_eq!(boxes(&page), [REPLY, NOTE], "{way}");
        presses(&staff, &page, &format!("{path}/draft"), [REPLY, NOTE], &[("then", "discard")]).await;
    }
    let nothing = presses(&staff, &page, &format!("{path}/draft"), ["", " "], &[("then", "/admin/mail")]).await;
    assert_eq!((nothing.location(), drafts_there(&app).await), ("/admin/mail", 0), "nothing was begun");
    let away = presses(&staff, &page, &format!("{path}/draft"), [REPLY, ""], &[("then", "//evil.example")]).await;
    assert_eq!((away.location(), drafts_there(&app).await), ("/admin/inquiries", 1));
    let out = presses(&staff, &page, &format!("{path}/draft"), [REPLY, ""], &[("then", "/admin/logout")]).await;
    assert_eq!((out.status, out.location()), (307, "/admin/logout"), "the browser sends the form there");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_an_empty_page_after_the_session_ended_comes_to_where_they_wanted() {
    let app = App::start().await;
    let (mut staff, path, _) = two_wait(&app).await;
    for (words, leads) in [(["", ""], "/admin/insights".to_owned()), ([REPLY, ""], format!("{path}#reply"))] {
        let page = staff.opens(&path).await;
        app.clock.advance(SignedDuration::from_mins(31));
        let left = presses(&staff, &page, &format!("{path}/draft"), words, &[("then", "/admin/insights")]).await;
        let asked = if left.status == 303 { staff.opens(left.location()).await } else { left };
        let back = staff.signs_in_on(&asked, "admin@clinic.example").await;
        assert_eq!((back.status, back.location()), (303, leads.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_sent_once_and_is_no_draft_again_though_a_browser_sends_its_page_again() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let old = staff.opens(&path).await;
    sends_again(&staff, &old, &format!("{path}/reply"), [REPLY, ""]).await;
    app.clock.advance(SignedDuration::from_mins(1));
    let again = sends_again(&staff, &old, &format!("{path}/reply"), [REPLY, ""]).await;
    assert!(again.words().contains("You sent this 1 minute ago. It was not sent again."), "{}", again.words());
    for button in ["draft", "assign"] {
        let page = sends_again(&staff, &old, &format!("{path}/{button}"), [REPLY, ""]).await;
        assert_eq!((boxes(&page), drafts_there(&app).await), (["", ""].map(str::to_owned), 0), "{button}");
    }
    let words = staff.opens(&path).await.words();
    assert_eq!((words.matches("replied by email").count(), words.contains("not sent yet")), (1, false), "{words}");

    // A browser that puts the old words into a new page sends them with what the new page carries.
    let page = staff.opens(&path).await;
    assert!(page.text().contains("id=\"writing\" novalidate autocomplete=\"off\""), "it is asked not to");
    let asked = presses(&staff, &page, &format!("{path}/reply"), [REPLY, ""], &[]).await;
    assert!(asked.location().contains("?ask=twice"), "{}", asked.location());
    let address = asked.location().to_owned();
    let asked = staff.follows(asked).await;
    assert_eq!(asked.summary(), ["reply"]);
    assert!(asked.words().contains("You have sent exactly this already"), "{}", asked.words());
    assert_eq!(staff.opens(&path).await.words().matches("replied by email").count(), 1);
    let meant = presses(&staff, &asked, &format!("{path}/reply"), [REPLY, ""], &[]).await;
    assert_eq!(meant.status, 303, "who means it is not asked twice");
    assert_eq!(staff.opens(&path).await.words().matches("replied by email").count(), 2);
    let back = staff.opens(&address).await;
    let said = "You sent this just now: it stands under “What happened”.";
    assert!(back.summary().is_empty() && back.words().contains(said), "{}", back.words());

    let old = staff.opens(&path).await;
    sends_again(&staff, &old, &format!("{path}/notes"), ["", NOTE]).await;
    let again = sends_again(&staff, &old, &format!("{path}/notes"), ["", NOTE]).await;
    assert!(again.words().contains("You added this just now. It was not added again."), "{}", again.words());
    sends_again(&staff, &old, &format!("{path}/draft"), ["", NOTE]).await;
    assert_eq!(drafts_there(&app).await, 0);
    // Who has the note before them and writes it once more means it.
    let page = staff.opens(&path).await;
    sends_again(&staff, &page, &format!("{path}/draft"), ["", NOTE]).await;
    assert_eq!(drafts_there(&app).await, 1);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_page_has_chosen_nothing_and_a_change_that_is_none_is_told() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let old = staff.opens(&path).await;
    let status = ("status", "new");
    let close = [status, ("then", "close")];
    let closed = staff.follows(presses(&staff, &old, &format!("{path}/reply"), [REPLY, ""], &close).await).await;
    assert!(!closed.words().contains("is chosen and not changed yet"), "{}", closed.words());
    let again = staff.follows(presses(&staff, &old, &format!("{path}/reply"), [REPLY, ""], &close).await).await;
    assert!(!again.words().contains("is chosen and not changed yet"), "{}", again.words());
    let page = staff.opens(&path).await;
    for (button, field) in [("status", ("status", "closed")), ("assign", ("assignee", ""))] {
        let same = presses(&staff, &page, &format!("{path}/{button}"), ["", ""], &[field]).await;
        let told = staff.follows(same).await;
        assert!(told.words().contains("Nothing was changed: it was so already."), "{button}: {}", told.words());
    }
    // A browser that went back shows it as it was before.
    let same = presses(&staff, &old, &format!("{path}/status"), ["", ""], &[("status", "closed")]).await;
    let said = "It is Closed already: below is what happened since you opened it. Nothing was done now.";
    assert!(same.status == 409 && same.words().contains(said), "{}", same.words());
    let late = presses(&staff, &old, &format!("{path}/assign"), ["", ""], &[("then", "mine")]).await;
    assert!(late.status == 409 && late.words().contains("You yourself changed this inquiry"), "{}", late.words());
    let empty = presses(&staff, &page, &format!("{path}/reply"), ["", ""], &[]).await;
    let said = "Nothing was sent. Write something first. You sent a reply just now: it stands under “What happened”.";
    assert_eq!((empty.status, empty.error_for("reply").as_deref()), (422, Some(said)));
    app.deliver().await;
}
