//! The inbox and an inquiry at the desk.

use jiff::SignedDuration;

use crate::app::App;
use crate::people::{Patient, Staff, somebody_asks};

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_says_a_thing_twice_still_shows_its_view() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, found) in [
        ("?status=all&from=2026-11-20&status=all", 1),
        ("?status=spam&q=words&status=new", 1),
        ("?status=new&status=spam&q=words", 0),
        ("?technique=swedish&status=all&status=all&unknown=1&unknown=2", 0),
    ] {
        assert_eq!(staff.inbox(query).await.len(), found, "{query}");
        let lines = staff.opens(&format!("/admin/inquiries.csv{query}")).await.text();
        assert_eq!(lines.lines().count(), 1 + found, "{query}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_urgent_stand_first_then_who_was_promised_first() {
    let app = App::start().await;
    let mut names = Vec::new();
    for (name, urgent) in
        [("Early Person", "no"), ("Urgent Person", "yes"), ("Unsure Person", "unsure"), ("Late Person", "no")]
    {
        let form = Patient::opens_the_form(&app)
            .await
            .answers("name", name)
            .answers("urgent", urgent)
            .answers("urgent_seen", "yes");
        form.gets_a_receipt().await;
        app.clock.advance(SignedDuration::from_mins(10));
        names.push(name);
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens("/admin/inquiries").await.words();
    let place = |name: &str| page.find(name).unwrap_or_else(|| panic!("{name} in {page}"));
    let places = ["Urgent Person", "Unsure Person", "Early Person", "Late Person"].map(place);
    assert!(places.is_sorted(), "{page}");
    let text = staff.opens("/admin/inquiries").await.text();
    for mark in [">urgent</b>", ">urgent?</b>"] {
        assert_eq!(text.matches(mark).count(), 1, "who is sure is told from who is not: {mark}");
    }
    let paths = staff.inbox("").await;
    for (path, told) in [(&paths[0], "Urgent: the person says"), (&paths[1], "Urgent? The person is not sure")] {
        let words = staff.opens(path).await.words();
        assert!(words.contains(told), "the same mark on its page: {words}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_is_filtered_searched_and_paged() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let form = Patient::opens_the_form(&app).await;
    for number in 0..120 {
        let technique = if number % 2 == 0 { "swedish" } else { "hot-stone" };
        let message = format!("Nachricht{number:03} über Rücken");
        form.clone().answers("message", &message).answers("technique", technique).gets_a_receipt().await;
        app.clock.advance(SignedDuration::from_secs(1));
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let mut seen = Vec::new();
    let mut query = String::new();
    let mut pages = 0;
    loop {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await;
        seen.extend(staff.inbox(&query).await);
        pages += 1;
        let Some(next) = crate::http::between(&page.text(), "<a rel=\"next\" href=\"/admin/inquiries", "\"") else {
            break;
        };
        query = crate::http::unescape(&next);
    }
    assert_eq!((pages, seen.len()), (3, 120));
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 120, "no line twice, none left out");
    let page = staff.opens(&format!("/admin/inquiries{query}")).await;
    let previous = crate::http::between(&page.text(), "<a rel=\"prev\" href=\"/admin/inquiries", "\"").unwrap();
    assert_eq!(staff.inbox(&crate::http::unescape(&previous)).await, seen[50..100]);

    assert_eq!(staff.inbox("?q=RUCKEN+nachricht007").await.len(), 1, "case and accents do not matter");
    assert_eq!(staff.inbox("?q=nachricht01").await.len(), 10, "the beginning of a word is enough");
    assert!(staff.inbox("?q=achricht017").await.is_empty(), "not any part of it");
    assert_eq!(staff.inbox("?q=nachricht017").await.len(), 1);
    assert_eq!(staff.inbox("?q=nachricht007&technique=swedish").await.len(), 0);
    assert_eq!(staff.inbox("?q=nachricht007&technique=hot-stone&status=new&unopened=1").await.len(), 1);
    assert!(staff.inbox("?q=%22+OR+1%3D1+--+*").await.len() <= 1);
    assert!(staff.inbox("?status=answered").await.is_empty());
    let reference = seen[0].rsplit('/').next().unwrap().to_owned();
    assert_eq!(staff.inbox(&format!("?q={reference}")).await, [seen[0].clone()]);
    for odd in
        ["?status=%00&after=x", "?after=1.2", "?after=99999999999999999999.1.1", "?q=%F0%9F%99%82", "?technique=%27"]
    {
        assert_eq!(staff.opens(&format!("/admin/inquiries{odd}")).await.status, 200, "{odd}");
    }
    let searches = app.store.audit(500).await.unwrap().iter().filter(|entry| entry.action == "inbox.searched").count();
    assert!(searches >= 6, "that somebody searched is on record");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_is_opened_answered_and_noted_and_all_of_it_is_on_record() {
    let app = App::start().await;
    somebody_asks(&app, "May I come?").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let notice = app.mail_server.arrived_for("desk@clinic.example").remove(0);
    let path = notice.link("/admin/inquiries/");
    let page = staff.opens(&path).await;
    assert!(page.words().contains("May I come?") && page.words().contains("Notice to staff: sent"), "{}", page.words());

    assert_eq!(staff.posts(&format!("{path}/notes"), &[("note", "knows us from before")]).await.status, 303);
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "open")]).await.status, 303);
    assert_eq!(staff.posts(&format!("{path}/reply"), &[("message", "Dear Q.,\n\nyes.\n")]).await.status, 303);
    app.deliver().await;
    let reply = app.mail_server.arrived_for("quirina.mailcanary@example.org").pop().unwrap();
    assert!(reply.text().starts_with("Dear Q.,\n\nyes.\n"), "{}", reply.text());
    assert!(reply.header("Reply-To").contains("hello@clinic.example"), "{}", reply.header("Reply-To"));
    assert!(!reply.text().contains("knows us"));
    let words = staff.opens(&path).await.words();
    for happened in [
        "The inquiry was received",
        "Adele Admin opened it",
        "wrote a note",
        "changed the status from New to Open",
        "replied by email",
        "Reply to the writer: sent",
    ] {
        assert!(words.contains(happened), "{happened} in {words}");
    }
    let mut audit: Vec<_> = app.store.audit(99).await.unwrap().into_iter().map(|entry| entry.action).collect();
    audit.reverse();
    let about: Vec<_> = audit.iter().filter(|action| action.starts_with("inquiry.")).map(String::as_str).collect();
    assert_eq!(
        about,
        ["inquiry.received", "inquiry.viewed", "inquiry.note", "inquiry.status", "inquiry.reply", "inquiry.viewed"]
    );
    assert_eq!(staff.inbox("?status=answered").await.len(), 1);
    assert_eq!(staff.inbox("?q=knows").await.len(), 1, "notes are found too");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_not_buried_under_what_is_done() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100")]).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for number in 0..3 {
        somebody_asks(&app, &format!("old {number}")).await;
    }
    for path in staff.inbox("").await {
        assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "closed")]).await.status, 303);
    }
    somebody_asks(&app, "new").await;
    assert_eq!(staff.inbox("").await.len(), 1);
    assert_eq!((staff.inbox("?status=closed").await.len(), staff.inbox("?status=all").await.len()), (3, 4));
    assert_eq!(staff.inbox("?q=old").await.len(), 3, "a search looks everywhere");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pressing_a_button_of_the_desk_twice_does_it_once() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let version = staff.opens(&path).await.value_of("version");
    for _ in 0..2 {
        assert_eq!(
            staff.posts(&format!("{path}/reply"), &[("message", "Come at ten."), ("version", &version)]).await.status,
            303
        );
    }
    let version = staff.opens(&path).await.value_of("version");
    for _ in 0..2 {
        assert_eq!(staff.posts(&format!("{path}/notes"), &[("note", "sent"), ("version", &version)]).await.status, 303);
    }
    let words = staff.opens(&path).await.words();
    assert_eq!((words.matches("replied by email").count(), words.matches("wrote a note").count()), (1, 1));
    app.deliver().await;
    assert_eq!(
        app.mail_server.arrived_for("quirina.mailcanary@example.org").len(),
        2,
        "the acknowledgement and one reply"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_only_for_the_head_of_a_page_opens_nothing() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let head = crate::http::send(app.address, "HEAD", &path, &[("cookie", &staff.cookie)], b"").await;
    assert_eq!(head.status, 200);
    assert!(app.get(&receipt).await.words().contains("Opened not yet"));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inquiries_of_a_filter_are_downloaded_exactly_and_it_is_on_record() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let form = Patient::opens_the_form(&app).await;
    for number in 0..230 {
        let technique = if number % 10 == 0 { "swedish" } else { "" };
        form.clone()
            .answers("message", &format!("=formula{number}, \"quoted\"\nline"))
            .answers("technique", technique)
            .gets_a_receipt()
            .await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens("/admin/inquiries?technique=swedish").await.text();
    assert!(page.contains("href=\"/admin/inquiries.csv?technique=swedish\""));
    for (query, expected) in [("", 230), ("?technique=swedish", 23), ("?status=closed", 0)] {
        let file = staff.opens(&format!("/admin/inquiries.csv{query}")).await;
        assert_eq!(
            (file.status, file.header("content-disposition")),
            (200, Some("attachment; filename=\"inquiries-2026-11-20.csv\""))
        );
        assert_eq!(file.header("cache-control"), Some("no-store"));
        let text = file.text();
        let mut reader = csv::Reader::from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
        let column = reader.headers().unwrap().iter().position(|name| name == "message").unwrap();
        let messages: Vec<String> = reader.records().map(|record| record.unwrap()[column].to_owned()).collect();
        assert_eq!(messages.len(), expected, "{query}");
        assert!(
            messages.iter().all(|message| message.starts_with("'=formula") && message.ends_with(", \"quoted\"\nline")),
            "{messages:?}"
        );
    }
    let audit = staff.opens("/admin/audit").await.words();
    assert_eq!(audit.matches("Adele Admin exported inquiries").count(), 3, "{audit}");
    assert!(audit.contains("The writer sent an inquiry BW-"));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_page_changes_nothing_and_keeps_what_was_typed() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let version = staff.opens(&path).await.value_of("version");
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "open"), ("version", &version)]).await.status, 303);
    for (action, field) in [("notes", "note"), ("reply", "message")] {
        let late = staff.posts(&format!("{path}/{action}"), &[(field, "typed for long"), ("version", &version)]).await;
        assert_eq!(late.status, 409);
        assert_eq!(late.value_of(field), "typed for long");
        assert!(late.words().contains("changed the status from New to Open"), "it shows the present state");
    }
    for status in ["closed", "open"] {
        let late = staff.posts(&format!("{path}/status"), &[("status", status), ("version", &version)]).await;
        assert_eq!(late.status, 409, "{status}");
    }
    assert_eq!(staff.inbox("?status=open").await.len(), 1);
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("quirina.mailcanary@example.org").len(), 1, "no reply left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_told_beside_its_field() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await.answers("email", "").answers("phone", "+44 1632 960 001");
    form.gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    assert_eq!(staff.posts(&format!("{path}/notes"), &[("note", " ")]).await.status, 422);
    assert_eq!(staff.posts(&format!("{path}/notes"), &[("note", &"漢".repeat(20_000))]).await.status, 303);
    let long = staff.posts(&format!("{path}/notes"), &[("note", &"漢".repeat(20_001))]).await;
    assert_eq!((long.status, long.value_of("note").chars().count()), (422, 20_001));
    assert!(
        long.words().contains("1 characters longer than the 20000 that fit"),
        "{}",
        long.error_for("note").unwrap()
    );
    let words: Vec<String> = (0..1_500).map(|number| format!("word{number}")).collect();
    assert_eq!(staff.opens(&format!("/admin/inquiries?q={}", words.join("+"))).await.status, 200);
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "lost")]).await.status, 422);
    let reply = staff.posts(&format!("{path}/reply"), &[("message", "hello")]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.words().contains("There is no email address"), "{}", reply.words());
    assert_eq!(staff.opens("/admin/inquiries/BW-2222-2222").await.status, 404);
    assert_eq!(staff.opens("/admin/inquiries/x").await.status, 404);
    let reference = path.rsplit('/').next().unwrap();
    let spoken = reference.to_lowercase().replace('-', "");
    assert_eq!(staff.opens(&format!("/admin/inquiries/{spoken}")).await.location(), path);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_where_nothing_is_and_from_what_is_for_admins_one_gets_back_to_the_inbox() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let colleague = admin.invites("berta@clinic.example", "staff").await;
    for (path, status) in [
        ("/admin/nowhere", 404),
        ("/admin/inquiries/BW-2222-2222", 404),
        ("/admin/inquiries/x", 404),
        ("/admin/audit", 403),
        ("/admin/users", 403),
        ("/admin/audit/BW-2222-2222", 403),
    ] {
        let page = colleague.opens(path).await;
        assert_eq!((page.status, page.title().contains("Desk of")), (status, true), "{path}: {}", page.title());
        assert!(page.words().contains("Go to the inbox"), "{path}: {}", page.words());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_keyboard_one_reaches_a_name_before_its_tick_and_all_says_what_it_leaves_out() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens("/admin/inquiries").await;
    let list = crate::http::between(&page.text(), "<ol class=\"lines\"", "</ol>").unwrap();
    assert!(list.find("href=").unwrap() < list.find("type=checkbox").unwrap(), "{list}");
    assert!(page.words().contains("All 1 without spam"), "{}", page.words());
    app.deliver().await;
}
