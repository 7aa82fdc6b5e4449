//! Narrowing the inbox down: what the filters leave and in which order it stands is said in words, with the way back.

use crate::app::App;
use crate::people::{Patient, Staff, somebody_asks};

/// The address that a link of a page with these words leads to.
fn link(page: &str, words: &str) -> String {
    let before = page.split(&format!("\">{words}")).next().filter(|before| before.len() < page.len());
    let before = before.unwrap_or_else(|| panic!("{words} in {page}"));
    crate::http::unescape(before.rsplit("href=\"").next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_filtered_is_said_in_plain_words_with_the_way_to_take_it_off() {
    let app = App::start().await;
    somebody_asks(&app, "my left knee").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, only, cleared) in [
        ("?urgent=1&technique=swedish&from=2026-11-01", "Only: urgent · Swedish massage · from 1 November .", ""),
        ("?from=2025-11-30&to=2026-11-20", "Only: from 30 November 2025 · until 20 November .", ""),
        ("?status=closed&q=knee&assignee=nobody", "Only: nobody’s .", "?status=closed&q=knee"),
        ("?assignee=me&urgent=1&refresh=60", "Only: urgent .", "?assignee=me&refresh=60"),
        ("?status=open&assignee=me&sort=latest", "Only: mine .", "?status=open&sort=latest"),
        ("?unopened=1&overdue=1", "Only: unopened · overdue .", ""),
        ("?unopened=1&urgent=1", "Only: urgent .", "?unopened=1"),
    ] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await;
        assert!(page.words().contains(&format!("{only} Clear these filters")), "{query}: {}", page.words());
        assert_eq!(link(&page.text(), "Clear<span"), format!("/admin/inquiries{cleared}"), "{query}");
        assert!(page.text().contains("<details open><summary>Filters"), "{query}");
    }
    for query in ["", "?q=knee", "?assignee=me", "?unopened=1", "?status=closed&sort=latest", "?from=soon"] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await.words();
        assert!(!page.contains("Only: "), "{query}: {page}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_filters_end_with_a_button_of_their_own() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens("/admin/inquiries").await.text();
    let form = crate::http::between(&page, "role=\"search\">", "</form>").unwrap();
    let (search, filters) = form.split_once("<details").unwrap();
    for (part, word) in [(search, "Search"), (filters, "Show")] {
        let button = format!("<button class=\"button small\" type=\"submit\">{word}</button>");
        assert_eq!(part.matches(&button).count(), 1, "{part}");
    }
    assert!(filters.rsplit("<button").next().unwrap().matches("<select").count() == 0, "after the last of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_and_what_is_closed_say_their_order_and_lead_to_the_other() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    for (message, urgent) in [("knee, urgent", "yes"), ("knee, the second", "no"), ("knee, the third", "no")] {
        let form = form.clone().answers("message", message).answers("urgent", urgent);
        form.answers("urgent_seen", "yes").gets_a_receipt().await;
        app.clock.advance(jiff::SignedDuration::from_hours(1));
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let urgent_first = staff.inbox("").await;
    let newest_first: Vec<String> = urgent_first.iter().rev().cloned().collect();
    let waits = ("Who waits first, then the newest.", "Who waits first");
    let urgent = ("Urgent first, then the earliest promise.", "Urgent first");
    for (view, (says, name)) in [
        ("?q=knee", waits),
        ("?status=all", waits),
        ("?q=knee&status=new&technique=", urgent),
        ("?status=all&from=2026-11-01", waits),
    ] {
        let page = staff.opens(&format!("/admin/inquiries{view}")).await;
        assert!(page.words().contains(&format!("{says} Newest first")), "{view}: {}", page.words());
        assert!(page.text().contains(&format!("<option value=\"\">{name}</option>")), "{view}");
        let newest = link(&page.text(), "Newest first</a>");
        let page = staff.opens(&newest).await;
        let says = format!("Newest first, urgent or not. {name}");
        assert!(page.words().contains(&says), "{newest}: {}", page.words());
        assert_eq!(staff.inbox(newest.strip_prefix("/admin/inquiries").unwrap()).await, newest_first, "{newest}");
        let back = link(&page.text(), &format!("{name}</a>"));
        assert_eq!(staff.inbox(back.strip_prefix("/admin/inquiries").unwrap()).await, urgent_first, "{back}");
    }
    for view in ["", "?status=new", "?q=nowhere"] {
        let page = staff.opens(&format!("/admin/inquiries{view}")).await.words();
        assert!(
            !page.contains("then the earliest promise") && !page.contains("Who waits first, then"),
            "{view}: {page}"
        );
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_stands_before_what_was_closed_long_ago_when_all_is_looked_through() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    for (message, urgent) in [
        ("knee, closed and urgent", "yes"),
        ("knee, closed", "no"),
        ("knee, told", "no"),
        ("knee, waiting", "no"),
        ("knee, waiting and urgent", "yes"),
    ] {
        let form = form.clone().answers("message", message).answers("urgent", urgent);
        form.answers("urgent_seen", "yes").gets_a_receipt().await;
        app.clock.advance(jiff::SignedDuration::from_hours(1));
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let [waiting_urgent, closed_urgent, closed, answered, waiting] = {
        let of = async |word: &str| staff.inbox(&format!("?q={word}&sort=latest")).await;
        let (urgent, all) = (of("urgent").await, of("knee").await);
        [&urgent[0], &urgent[1], &all[3], &all[2], &all[1]].map(Clone::clone)
    };
    for (path, status) in [(&closed_urgent, "closed"), (&closed, "closed"), (&answered, "answered")] {
        staff.posts(&format!("{path}/status"), &[("status", status)]).await;
    }
    let order = [waiting_urgent, waiting, answered, closed, closed_urgent];
    for view in ["?q=knee", "?status=all", "?status=all&q=knee", "?from=2026-11-01&status=all", "?q=%22knee%22"] {
        assert_eq!(staff.inbox(view).await, order, "{view}");
    }
    let spam = Patient::opens_the_form(&app).await.answers("message", "a trapped knee").answers("blank", "filled");
    spam.gets_a_receipt().await;
    for (query, says) in [
        ("?q=knee", "5 found for “knee”, 2 to do; 1 more in suspected spam"),
        ("?q=told", "1 found for “told”, none to do"),
        ("?q=knee&status=closed", "2 found for “knee” "),
    ] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await.words();
        assert!(page.contains(says), "{query}: {page}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_lines_of_a_page_can_be_ticked_at_once_and_unticked() {
    let app = App::start().await;
    somebody_asks(&app, "my left knee").await;
    somebody_asks(&app, "my right knee").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let ticked = |page: &str| page.matches(" checked>").count();
    let page = staff.opens("/admin/inquiries?q=knee&refresh=60").await.text();
    assert_eq!(ticked(&page), 0);
    let all = link(&page, "Tick all 2<span class=\"out-of-sight\"> on this page</span></a>");
    assert!(all.ends_with("#several"), "where one chooses what to do with them: {all}");
    let page = staff.opens(all.strip_suffix("#several").unwrap()).await;
    assert_eq!((ticked(&page.text()), page.words().contains("2 found for")), (2, true), "{}", page.words());
    assert!(!page.text().contains("http-equiv=\"refresh\""), "what is ticked is not forgotten by itself");
    let none = link(&page.text(), "Tick none</a>");
    assert_eq!(ticked(&staff.opens(none.strip_suffix("#several").unwrap()).await.text()), 0);
    app.deliver().await;
}
