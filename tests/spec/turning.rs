//! Turning the pages of the inbox: they stay where they are while others write and answer, and none says what is false.

use jiff::SignedDuration;

use crate::app::App;
use crate::people::{Patient, Staff};

#[tokio::test(flavor = "multi_thread")]
async fn new_inquiries_do_not_move_the_pages_that_somebody_is_turning() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let form = Patient::opens_the_form(&app).await;
    let asks = async |number: usize, urgent: &str| {
        let form = form.clone().answers("message", &format!("number {number}")).answers("urgent", urgent);
        form.answers("urgent_seen", "yes").gets_a_receipt().await;
        app.clock.advance(SignedDuration::from_secs(1));
    };
    for number in 0..60 {
        asks(number, "no").await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let first = staff.opens("/admin/inquiries").await.text();
    let next =
        crate::http::unescape(&crate::http::between(&first, "rel=\"next\" href=\"/admin/inquiries", "\"").unwrap());
    let before = staff.inbox(&next).await;
    asks(60, "yes").await;
    asks(61, "no").await;
    let after = staff.inbox(&next).await;
    assert_eq!((before.len(), after.len()), (10, 11));
    assert_eq!(after[..10], before, "the urgent one stands on the first page, the other at the end");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_second_page_on_the_inbox_says_that_it_goes_on_and_the_first_says_nothing() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let form = Patient::opens_the_form(&app).await;
    for number in 0..101 {
        form.clone().answers("message", &format!("number {number}")).gets_a_receipt().await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let beside = |page: &str, rel: &str| {
        let link = crate::http::between(page, &format!("<a rel=\"{rel}\" href=\""), "\"");
        crate::http::unescape(&link.unwrap())
    };
    let first = staff.opens("/admin/inquiries").await;
    let second = staff.opens(&beside(&first.text(), "next")).await;
    let third = staff.opens(&beside(&second.text(), "next")).await;
    let second_again = staff.opens(&beside(&third.text(), "prev")).await;
    let first_again = staff.opens(&beside(&second_again.text(), "prev")).await;
    for (page, is_first) in [(first, true), (second, false), (third, false), (second_again, false), (first_again, true)]
    {
        let says = "This is not the first page. More urgent ones, or due earlier, stand before it. \
             First page Previous page";
        assert_eq!(page.words().contains(says), !is_first, "{}", page.words());
        let title = if is_first { "Inbox, To do –" } else { "Inbox, To do, after the first page –" };
        assert!(page.title().starts_with(title), "{}", page.title());
    }
    let search = staff.opens("/admin/inquiries?status=all&q=Titlecanary").await.title();
    assert!(
        search.starts_with("Inbox, All, a search –"),
        "what was looked for stays out of what browsers keep: {search}"
    );
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_page_that_became_empty_says_so_and_leads_to_the_first() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let form = Patient::opens_the_form(&app).await.answers("technique", "hot-stone");
    for number in 0..51 {
        form.clone().answers("message", &format!("knee {number}")).gets_a_receipt().await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let view = "?status=new&technique=hot-stone";
    let first = staff.opens(&format!("/admin/inquiries{view}")).await.text();
    let next =
        crate::http::unescape(&crate::http::between(&first, "rel=\"next\" href=\"/admin/inquiries", "\"").unwrap());
    let last = staff.inbox(&next).await;
    assert_eq!(last.len(), 1);
    let place = next.rsplit('&').next().unwrap();
    let status = [("status", "closed"), ("seen", "0")];
    assert_eq!(staff.posts(&format!("{}/status", last[0]), &status).await.status, 303);
    for view in ["", view, "?status=new&q=knee", "?status=new&assignee=nobody"] {
        let sign = if view.is_empty() { '?' } else { '&' };
        for place in [place, "after=9.9.9", "before=0.0.0"] {
            let page = staff.opens(&format!("/admin/inquiries{view}{sign}{place}")).await;
            let (text, words) = (page.text(), page.words());
            assert!(words.contains("Nothing is left on this page. First page of this view"), "{view} {place}: {words}");
            let previous = text.matches("Previous page").count();
            assert_eq!(
                (previous, words.contains("Next page")),
                (usize::from(place.starts_with("after")), false),
                "{words}"
            );
            assert!(!words.contains("not the first page"), "{words}");
            assert!(!words.contains("When somebody writes") && !words.contains("No inquiry"), "{words}");
            let first = format!("<a href=\"/admin/inquiries{}\">First page", view.replace('&', "&#38;"));
            assert!(text.contains(&first) && page.title().contains(", after the first page"), "{first}: {text}");
        }
    }
    for (view, means) in [("?status=spam", "Nothing is suspected spam."), ("?q=nowhere", "No inquiry holds all")] {
        for place in [place, "before=0.0.0"] {
            let page = staff.opens(&format!("/admin/inquiries{view}&{place}")).await;
            assert!(page.words().contains(means) && !page.words().contains("Previous page"), "{}", page.words());
            assert!(
                !page.title().contains("after the first") && !page.words().contains("Next page"),
                "{}",
                page.title()
            );
        }
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_begins_with_what_was_written_last_and_what_waits_with_what_is_due_first() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    for (message, urgent) in [("the first, urgent", "yes"), ("the second", "no"), ("the third", "no")] {
        form.clone()
            .answers("message", message)
            .answers("urgent", urgent)
            .answers("urgent_seen", "yes")
            .gets_a_receipt()
            .await;
        app.clock.advance(SignedDuration::from_hours(1));
    }
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let waiting = staff.inbox("").await;
    for path in &waiting {
        staff.posts(&format!("{path}/status"), &[("status", "closed")]).await;
    }
    let inbox = staff.opens("/admin/inquiries").await.text();
    let latest_first: Vec<String> = waiting.iter().rev().cloned().collect();
    for view in ["Closed", "All"] {
        let before = inbox.split(&format!(">{view} <span")).next().unwrap();
        let link = crate::http::unescape(before.rsplit("href=\"").next().unwrap().split('"').next().unwrap());
        let page = staff.opens(&link).await;
        assert!(page.words().contains("Newest first, urgent or not."), "{}", page.words());
        assert!(page.text().contains("<option value=\"latest\" selected>"), "the order may be changed");
        assert_eq!(staff.inbox(link.strip_prefix("/admin/inquiries").unwrap()).await, latest_first, "{view}");
    }
    assert_eq!(staff.inbox("?status=closed").await, waiting, "an address of old shows what it showed");
    assert!(!inbox.contains("sort=latest\">To do") && !inbox.contains("sort=latest\">Answered"));
}
