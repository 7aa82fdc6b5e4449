//! The page of one inquiry: what staff read there, and how they reach the person.

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
        "They say this applies to them.",
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
    let mut jumps = Vec::new();
    for path in &paths {
        let jump = between(&staff.opens(path).await.text(), "href=\"#others\">", "</a>");
        jumps.push(jump.unwrap_or_default());
    }
    jumps.sort_unstable();
    assert_eq!(jumps, ["", "They wrote 1 other", "They wrote 1 other"], "at the top");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_note_stands_under_their_words_and_on_paper_once() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let newest = async || {
        let text = staff.opens(&path).await.text();
        let words = text.find("id=\"words\"").unwrap();
        let part = between(&text[words..], "<div class=\"newest no-print\">", "<details")?;
        Some(crate::http::words(&part))
    };
    assert_eq!(newest().await, None, "nobody noted anything");
    staff.posts(&format!("{path}/notes"), &[("note", "Called, no answer.")]).await;
    app.clock.advance(SignedDuration::from_mins(10));
    let told = newest().await.unwrap();
    let only = "Newest note Adele Admin , Friday 20 November, 10:00 (10 minutes ago) Called, no answer.";
    assert_eq!(told, format!("{only} Remove this note"), "who wrote it may remove it");
    app.clock.advance(SignedDuration::from_mins(20));
    let told = newest().await.unwrap();
    assert_eq!(told, only.replace("(10 minutes", "(30 minutes"), "not after half an hour");
    let long = format!("She comes on Monday.\n{}", "And so on. ".repeat(60));
    staff.posts(&format!("{path}/notes"), &[("note", &long)]).await;
    let told = newest().await.unwrap();
    assert!(told.contains("She comes on Monday. And so on.") && !told.contains("no answer"), "{told}");
    assert!(told.ends_with("… The whole note and 1 older one, under “What happened” Remove this note"), "{told}");
    let text = staff.opens(&path).await.text();
    let whole = long.trim_end();
    assert_eq!(text.matches(whole).count(), 1, "whole and on paper in the timeline only");
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
        assert_eq!(part.matches("name=\"merge\" value=\"BW-").count(), 2, "{part}");
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
async fn what_they_ticked_is_named_at_the_top_where_a_caution_is_about_it() {
    let app = App::start().await;
    somebody_asks(&app, "nothing ticked").await;
    let form = Patient::opens_the_form(&app).await.answers("technique", "hot-stone").answers("health", "sunburn");
    form.answers("message", "sunburned").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = async |q: &str| staff.opens(&staff.inbox(&format!("?q={q}")).await.remove(0)).await.text();
    let jump = "<li class=\"always\"><a class=\"reach caution\" href=\"#cautions\">Cautions: ";
    let ticked = page("sunburned").await;
    assert!(between(&ticked, jump, "</a>").is_some_and(|words| words.to_lowercase().contains("sunburn")), "{ticked}");
    assert!(ticked.contains("id=\"cautions\""));
    assert!(!page("ticked").await.contains(jump));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_aside_promises_nothing_and_says_who_did_it() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let path = staff.inbox("").await.remove(0);
    assert!(staff.opens(&path).await.words().contains("answer by"));
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "spam")]).await.status, 303);
    for (who, name) in [(&staff, "You"), (&colleague, "Adele Admin")] {
        let words = who.opens(&path).await.words();
        assert!(words.contains(&format!("{name} set it aside as suspected spam.")), "{words}");
        assert!(!words.contains("answer by"), "{words}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_inquiry_with_the_same_name_is_told_from_the_one_that_was_just_closed() {
    let app = App::start().await;
    somebody_asks(&app, "first").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    somebody_asks(&app, "second").await;
    let words = staff.opens(&path).await.words();
    assert!(words.contains("Next to do: Quirina Namecanary (another inquiry)"), "{words}");
    app.deliver().await;
}
