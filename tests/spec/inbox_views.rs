//! The views of the inbox: what each holds, how filters combine, what a search shows, and what an empty list means.

use jiff::SignedDuration;

use crate::app::App;
use crate::people::{PASSWORD, Patient, Staff, somebody_asks};

/// A colleague with an account of their own.
async fn a_colleague<'a>(app: &'a App, admin: &Staff<'_>) -> Staff<'a> {
    let fields = [("email", "bert@clinic.example"), ("name", "Bert Colleague"), ("role", "staff")];
    let answer = admin.posts("/admin/users", &fields).await;
    let link = crate::http::between(&answer.text(), "/admin/welcome/", "\"").unwrap();
    let (colleague, answer) = Staff::uses_link(app, &format!("/admin/welcome/{link}")).await;
    assert_eq!(answer.status, 303, "{PASSWORD}");
    colleague
}

/// The number beside a view.
fn count(page: &str, view: &str) -> i64 {
    let tabs = crate::http::between(page, "<nav aria-label=\"Views\"", "</nav>").unwrap();
    let tab =
        tabs.split("<li>").find(|tab| tab.contains(&format!(">{view} <span")) || tab.contains(&format!(">{view}<")));
    let tab = tab.unwrap_or_else(|| panic!("{view} in {tabs}"));
    crate::http::between(tab, "class=\"count\">", "<").unwrap_or_else(|| panic!("{view} has a number")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_says_how_many_it_holds_and_filters_count_too() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100")]).await;
    let form = Patient::opens_the_form(&app).await;
    for (message, technique, urgent) in [("one", "swedish", "no"), ("two", "swedish", "yes"), ("three", "", "no")] {
        let form = form.clone().answers("message", message).answers("technique", technique);
        form.answers("urgent", urgent).answers("urgent_seen", "yes").gets_a_receipt().await;
    }
    form.clone().answers("message", "buy this").answers("blank", "x").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=three").await.remove(0);
    staff.opens(&path).await;
    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    let numbers = async |query: &str| {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await.text();
        ["To do", "Mine", "Unopened", "Overdue", "New", "Open", "Answered", "Closed", "Suspected spam", "All"]
            .map(|view| count(&page, view))
    };
    assert_eq!(numbers("").await, [3, 0, 2, 0, 2, 1, 0, 0, 1, 3]);
    assert_eq!(numbers("?technique=swedish").await, [2, 0, 2, 0, 2, 0, 0, 0, 0, 2]);
    assert_eq!(numbers("?urgent=1&technique=swedish").await, [1, 0, 1, 0, 1, 0, 0, 0, 0, 1]);
    app.clock.advance(SignedDuration::from_hours(24 * 7));
    let (staff, _) = staff.signs_in_again("admin@clinic.example", PASSWORD).await;
    let page = staff.opens("/admin/inquiries?overdue=1&urgent=1").await;
    assert_eq!((count(&page.text(), "Overdue"), count(&page.text(), "To do")), (1, 1));
    assert_eq!(staff.inbox("?overdue=1").await.len(), 3);
    assert_eq!(staff.inbox("?overdue=1&unopened=1&technique=swedish&urgent=1&status=new").await.len(), 1);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_and_days_are_counted_in_every_view_while_few_fit() {
    let app = App::start().await;
    for words in ["knee and back", "back alone"] {
        somebody_asks(&app, words).await;
    }
    app.clock.advance(SignedDuration::from_hours(24 * 2));
    somebody_asks(&app, "knee alone").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=both+knee+alone").await;
    assert!(path.is_empty());
    let path = staff.inbox("?q=knee+and").await.remove(0);
    staff.posts(&format!("{path}/status"), &[("status", "closed")]).await;
    for (query, all, new, closed) in [
        ("?q=knee", 2, 1, 1),
        ("?q=knee&to=2026-11-20", 1, 0, 1),
        ("?from=2026-11-20&to=2026-11-20", 2, 1, 1),
        ("?from=2026-11-22", 1, 1, 0),
        ("?q=nowhere", 0, 0, 0),
    ] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await;
        let text = page.text();
        assert_eq!((count(&text, "All"), count(&text, "New"), count(&text, "Closed")), (all, new, closed), "{query}");
        let counted = if query.contains("q=") { "were found." } else { "fit the filters." };
        let counted = format!("Beside each view stands how many of it {counted}");
        assert!(page.words().contains(&counted), "{query}: {}", page.words());
        assert_eq!(text.contains(">To do "), !query.contains("q="), "a search looks everywhere: {query}");
    }
    assert!(!staff.opens("/admin/inquiries?status=all").await.words().contains("Beside each view"));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_days_of_the_clinic() {
    let app = App::with(&[("BACKWISE_CLINIC__TIMEZONE", "Pacific/Auckland")]).await;
    somebody_asks(&app, "late on Friday in Auckland").await;
    app.clock.advance(SignedDuration::from_hours(2));
    somebody_asks(&app, "early on Saturday in Auckland").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, expected) in [
        ("?from=2026-11-20&to=2026-11-20", 1),
        ("?from=2026-11-21", 1),
        ("?to=2026-11-21", 2),
        ("?from=2026-11-22", 0),
        ("?to=2026-11-19", 0),
        ("?from=soon&to=2026-13-99", 2),
    ] {
        assert_eq!(staff.inbox(query).await.len(), expected, "{query}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_mine_what_is_nobodys_and_what_is_a_colleagues() {
    let app = App::start().await;
    for message in ["one", "two", "three"] {
        somebody_asks(&app, message).await;
    }
    let admin = Staff::becomes_the_first_admin(&app).await;
    let colleague = a_colleague(&app, &admin).await;
    let paths = admin.inbox("").await;
    for (staff, path) in [(&admin, &paths[0]), (&colleague, &paths[1])] {
        let tick = format!("{}.1", path.rsplit('/').next().unwrap());
        let answer = staff.posts("/admin/inquiries/changes", &[("change", "assign.me"), ("ticked", &tick)]).await;
        assert_eq!(answer.status, 303, "{}", answer.words());
    }
    assert_eq!(admin.inbox("?assignee=me").await, paths[..1]);
    assert_eq!(colleague.inbox("?assignee=me").await, paths[1..2]);
    assert_eq!(admin.inbox("?assignee=nobody").await, paths[2..]);
    let page = admin.opens("/admin/inquiries").await;
    assert_eq!(count(&page.text(), "Mine"), 1);
    let select = crate::http::between(&page.text(), "name=\"assignee\">", "</select>").unwrap();
    let id = crate::http::between(&select, "Nobody’s</option><option value=\"", "\"").unwrap();
    assert_eq!(admin.inbox(&format!("?assignee={id}")).await, paths[1..2]);
    assert!(page.words().contains("Bert Colleague"), "the line says whose it is");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_shows_the_words_around_what_it_found() {
    let app = App::start().await;
    let long = format!("{} my left KNIE <b>hurts</b> badly {}", "before ".repeat(40), "after ".repeat(40));
    somebody_asks(&app, &long).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens("/admin/inquiries?q=knie").await.text();
    assert!(page.contains("my left <mark>KNIE</mark> &#60;b&#62;hurts&#60;/b&#62; badly after"), "{page}");
    assert!(staff.opens("/admin/inquiries?q=quirina").await.text().contains("<mark>Quirina</mark> Namecanary"));
    let path = staff.inbox("").await.remove(0);
    staff.posts(&format!("{path}/notes"), &[("note", "asked for Ergotherapie too")]).await;
    let page = staff.opens("/admin/inquiries?q=ergotherapie").await.text();
    assert!(page.contains("Note: <bdi>asked for <mark>Ergotherapie</mark> too"), "{page}");
    assert!(!staff.opens("/admin/inquiries").await.text().contains("<mark>"));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_says_how_many_it_found_and_opens_no_filter() {
    let app = App::start().await;
    somebody_asks(&app, "my left knee").await;
    somebody_asks(&app, "my right knee").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, found) in [("?q=knee", "2 found for “knee”"), ("?q=left+<b>", ""), ("?q=left", "1 found for “left”")]
    {
        let words = staff.opens(&format!("/admin/inquiries{query}")).await.words();
        assert_eq!(words.contains(" found for "), !found.is_empty(), "{query}: {words}");
        assert!(words.contains(found), "{query}: {words}");
    }
    for (query, is_open) in [
        ("", false),
        ("?q=knee", false),
        ("?q=knee&status=closed", false),
        ("?assignee=me", false),
        ("?unopened=1", false),
        ("?q=knee&technique=swedish", true),
        ("?assignee=nobody", true),
        ("?from=2026-11-20", true),
        ("?unopened=1&overdue=1", true),
    ] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await.text();
        // A small screen, and the next Tab, go on from what was found.
        let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} in {page}"));
        assert!(place("action=\"/admin/inquiries#found\"") < place("id=\"found\""), "{query}");
        assert_eq!(page.contains("<details open><summary>Filters"), is_open, "{query}");
        assert_ne!(page.contains("<details><summary>Filters"), is_open, "{query}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_says_what_it_means() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, means) in [
        ("", "Nothing waits for an answer."),
        ("?assignee=me", "Nothing that waits for an answer is yours."),
        ("?unopened=1", "Somebody has opened every inquiry."),
        ("?overdue=1", "Nobody waits longer than they were promised."),
        ("?status=spam", "Nothing is suspected spam."),
        ("?status=all", "There is no inquiry yet."),
        ("?status=closed&technique=swedish", "No inquiry of this view fits all of the filters."),
        ("?q=nowhere", "No inquiry holds all of these words."),
        ("?status=open&unopened=1", "No inquiry is in all of these views at once."),
    ] {
        let words = staff.opens(&format!("/admin/inquiries{query}")).await.words();
        assert!(words.contains(means), "{query}: {words}");
    }
    let page = staff.opens("/admin/inquiries?status=closed&technique=swedish").await.text();
    assert!(
        page.contains(
            "<a href=\"/admin/inquiries?status=closed&#38;sort=latest\">Show this view without the filters</a>"
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_itself_again_only_for_who_chose_it() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, refreshes) in [("", false), ("?refresh=60", true), ("?refresh=1", false), ("?refresh=x", false)] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await.text();
        assert_eq!(page.contains("<meta http-equiv=\"refresh\" content=\"60\">"), refreshes, "{query}");
    }
    let page = staff.opens("/admin/inquiries?refresh=60").await.text();
    assert!(page.contains("href=\"/admin/inquiries?status=answered&#38;refresh=60\""), "other views keep it");
    assert!(page.contains("loads again every minute") && page.contains("<a href=\"/admin/inquiries\">Stop that</a>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_promise_is_written_out_with_its_distance() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let words = staff.opens("/admin/inquiries").await.words();
    assert!(words.contains("answer by Monday 23 November, 10:00 (in 3 days)"), "{words}");
    assert!(words.contains("received Friday 20 November, 10:00 ·"), "{words}");
    app.clock.advance(SignedDuration::from_hours(24 * 50));
    let (staff, _) = staff.signs_in_again("admin@clinic.example", PASSWORD).await;
    let words = staff.opens("/admin/inquiries").await.words();
    assert!(words.contains("late: answer by Monday 23 November 2026, 10:00 (6 weeks ago)"), "{words}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_page_stays_small_enough_for_a_slow_line() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let form = Patient::opens_the_form(&app).await.answers("technique", "deep-tissue");
    let form = form.answers("name", "Friederike Wilhelmina Namecanary-Oberhausen");
    for number in 0..60 {
        let message = format!("{number} {}", "Seit Wochen schmerzt der Rücken beim Sitzen. ".repeat(9));
        form.clone()
            .answers("message", &message)
            .answers("urgent", "unsure")
            .answers("urgent_seen", "yes")
            .gets_a_receipt()
            .await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    app.clock.advance(SignedDuration::from_hours(24 * 5));
    let (staff, _) = staff.signs_in_again("admin@clinic.example", PASSWORD).await;
    for query in ["", "?q=rucken", "?status=all"] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await;
        assert_eq!(page.text().matches("<li class=\"line").count(), 50);
        assert!(page.body.len() < 40_000, "{query}: {} bytes", page.body.len());
    }
    let page = staff.opens("/admin/inquiries?status=all").await.text();
    let ticks = page.split("name=ticked value=").skip(1).map(|rest| rest.split(' ').next().unwrap());
    let mut fields: Vec<(&str, &str)> = ticks.map(|tick| ("ticked", tick)).collect();
    fields.extend([("change", "assign.me"), ("back", "/admin/inquiries?status=all")]);
    let done = staff.posts("/admin/inquiries/changes", &fields).await;
    let page = staff.opens(done.location()).await;
    assert!(page.words().contains("50 inquiries are assigned to Adele Admin now."), "{}", page.words());
    assert!(page.body.len() < 40_000, "with what was done: {} bytes", page.body.len());
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_search_with_every_filter_stays_small_on_its_second_page_too() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    // Twelve words of 125 letters, each of two bytes.
    let words: Vec<String> = ('а'..='л').map(|letter| format!("{letter}{}", "щ".repeat(124))).collect();
    let form = Patient::opens_the_form(&app).await.answers("technique", "deep-tissue");
    let form = form.answers("name", "Friederike Wilhelmina Namecanary-Oberhausen").answers("message", &words.join(" "));
    for number in 0..101 {
        let form = form.clone().answers("best_time", &format!("{number}"));
        form.answers("urgent", "unsure").answers("urgent_seen", "yes").gets_a_receipt().await;
    }
    app.deliver().await;
    app.clock.advance(SignedDuration::from_hours(24 * 5));
    let staff = Staff::becomes_the_first_admin(&app).await;
    let q: String = url::form_urlencoded::byte_serialize(words.join(" ").as_bytes()).collect();
    let filters = "technique=deep-tissue&assignee=nobody&urgent=1&unopened=1&overdue=1&from=2026-11-01&to=2026-12-31";
    for sort in ["", "&sort=latest"] {
        let path = format!("/admin/inquiries?status=all&{filters}&refresh=60{sort}&q={q}");
        let first = staff.opens(&path).await;
        let next = crate::http::between(&first.text(), "rel=\"next\" href=\"", "\"").unwrap();
        let second = staff.opens(&crate::http::unescape(&next)).await;
        assert!(first.words().contains("Only the first 150 characters were looked for."));
        for page in [first, second] {
            let (lines, bytes) = (page.text().matches("<li class=\"line").count(), page.body.len());
            assert!(lines == 50 && bytes < 40_000, "{sort}: {lines} lines, {bytes} bytes");
        }
    }
}
