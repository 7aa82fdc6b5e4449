//! What is missing in a ready reply has a box of its own: what is typed there takes the place of a line with "-".

use crate::app::App;
use crate::html::Page;
use crate::http::Answer;
use crate::people::{Staff, somebody_asks};

/// Somebody asks, and staff have heard: who answers, and where.
async fn before_an_inquiry(app: &App) -> (Staff<'_>, String) {
    somebody_asks(app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(app).await;
    let path = staff.inbox("").await.remove(0);
    (staff, path)
}

/// What the boxes are called.
fn boxes(page: &Answer) -> Vec<String> {
    let text = page.text();
    let labels = text.split("<label for=\"gap-").skip(1);
    labels.map(|rest| crate::http::words(rest.split_once('>').unwrap().1.split("</label>").next().unwrap())).collect()
}

/// What a ready reply begins with.
async fn ready(staff: &Staff<'_>, path: &str, template: &str) -> String {
    staff.opens(&format!("{path}?template={template}")).await.value_of("message")
}

/// Sends a reply with its boxes, as a browser does; what was then written to the person, or the page that came back.
async fn sends(app: &App, staff: &Staff<'_>, path: &str, message: &str, typed: &[&str]) -> Result<String, Answer> {
    let message = message.replace('\n', "\r\n");
    let mut fields = vec![("message", message.as_str())];
    fields.extend(typed.iter().map(|words| ("gap", *words)));
    let answer = staff.posts(&format!("{path}/reply"), &fields).await;
    assert_eq!(answer.status, 303, "no browser that goes back sends a form once more: {}", answer.words());
    if answer.location().contains("?ask=") {
        return Err(staff.follows(answer).await);
    }
    app.deliver().await;
    Ok(app.mail_server.arrived_for("quirina.mailcanary@example.org").pop().unwrap().text())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_gap_has_a_box_named_by_the_line_before_it_and_its_words_take_its_place() {
    let app = App::start().await;
    let (staff, path) = before_an_inquiry(&app).await;
    let page = staff.opens(&format!("{path}?template=appointment")).await;
    let after = "After “ Would one of these times suit you? ”";
    assert_eq!(boxes(&page), [format!("{after}, 1 of 2"), format!("{after}, 2 of 2")]);
    let offer = page.value_of("message");
    let both = sends(&app, &staff, &path, &offer, &["Monday at ten", " - Tuesday at nine "]).await.unwrap();
    assert!(both.contains("suit you?\n\n- Monday at ten\n- Tuesday at nine\n\nPlease answer"), "{both}");
    for (typed, left) in [(["", "Tuesday at one"], "Tuesday at one"), (["Monday at two", " "], "Monday at two")] {
        let one = sends(&app, &staff, &path, &offer, &typed).await.unwrap();
        assert!(one.contains(&format!("suit you?\n\n- {left}\n\nPlease answer")), "{one}");
    }
    let page = staff.opens(&format!("{path}?template=question")).await;
    assert_eq!(boxes(&page), ["After “ …Before we can say what may suit you, we have a question: ”"]);
    let asked = ["Since when does it hurt?\r\nAnd where?"];
    let question = sends(&app, &staff, &path, &page.value_of("message"), &asked).await.unwrap();
    assert!(question.contains("question:\n\nSince when does it hurt?\nAnd where?\n\nPlease answer"), "{question}");
    for without in ["", "?template=doctor-first"] {
        assert!(boxes(&staff.opens(&format!("{path}{without}")).await).is_empty(), "{without}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filling_in_leads_to_the_first_box_or_to_the_reply_where_nothing_is_missing() {
    let app = App::start().await;
    let (staff, path) = before_an_inquiry(&app).await;
    for (template, place) in [("appointment", "#gap-1"), ("doctor-first", "#reply-field")] {
        let begun = staff.posts(&format!("{path}/reply"), &[("then", "begin"), ("template", template)]).await;
        assert!(begun.location().ends_with(place), "{template}: {}", begun.location());
    }
    let typed = [("message", "Come then:\n\n-"), ("gap", "Monday"), ("then", "")];
    let says = "What you write in the box above goes into the reply when you press a button. Send the reply";
    let asking = staff.posts(&format!("{path}/reply"), &[("message", "Come then:\n\n-")]).await;
    let asking = staff.follows(asking).await;
    assert!(asking.words().contains(says), "{}", asking.words());
    let kept = staff.posts(&format!("{path}/draft"), &typed).await;
    assert!(kept.location().ends_with("#reply-field"), "{}", kept.location());
    let half = [("message", "Come then:\n\n-\n-"), ("gap", "Monday"), ("gap", ""), ("then", "")];
    let half = staff.posts(&format!("{path}/draft"), &half).await;
    assert!(half.location().ends_with("#reply-field"), "where it is said that it is kept: {}", half.location());
    staff.posts(&format!("{path}/draft"), &typed).await;
    let page = staff.opens(&path).await;
    assert_eq!(page.value_of("message"), "Come then:\n\nMonday", "a draft holds it too");
    // A text box that is led to has its cursor before the first word.
    let around = crate::http::between(&page.text(), "id=\"reply-field\" tabindex=\"-1\">", "</textarea>").unwrap();
    assert!(around.contains("<label for=\"reply\">") && around.contains("<textarea id=\"reply\""), "{around}");
}

/// How many lines the box of the reply shows.
fn lines_shown(page: &Answer) -> usize {
    let tag = crate::http::between(&page.text(), "<textarea id=\"reply\"", ">").unwrap();
    crate::http::between(&tag, "rows=\"", "\"").unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_box_is_as_tall_as_its_words_so_that_their_end_is_seen_before_they_are_sent() {
    let app = App::start().await;
    let (staff, path) = before_an_inquiry(&app).await;
    assert_eq!(lines_shown(&staff.opens(&path).await), 10, "an empty one");
    let page = staff.opens(&format!("{path}?template=appointment")).await;
    let lines = page.value_of("message").lines().count();
    assert!(lines > 10 && lines_shown(&page) > lines, "some of its {lines} lines are long");
    for (words, rows) in [("a\n".repeat(20), 21), ("long ".repeat(130), 11), ("a\n".repeat(1000), 40)] {
        staff.posts(&format!("{path}/draft"), &[("message", &words)]).await;
        assert_eq!(lines_shown(&staff.opens(&path).await), rows, "{} characters", words.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_left_empty_beside_a_filled_one_is_taken_out_also_when_the_reply_is_sent_later() {
    let app = App::start().await;
    let (staff, path) = before_an_inquiry(&app).await;
    let offer = ready(&staff, &path, "appointment").await;
    let typed = [("message", offer.as_str()), ("gap", "Monday at ten"), ("gap", "")];
    staff.posts(&format!("{path}/draft"), &typed).await;
    let kept = staff.opens(&path).await.value_of("message");
    assert!(
        kept.replace('\r', "").contains("suit you?\n\n- Monday at ten\n-\n\nPlease"),
        "it can still be filled: {kept}"
    );
    let sent = sends(&app, &staff, &path, &kept, &[""]).await.unwrap();
    assert!(sent.contains("suit you?\n\n- Monday at ten\n\nPlease answer"), "{sent}");
    let by_hand = sends(&app, &staff, &path, "Come:\n-\n -\n- on Monday\n-\nBye", &[]).await.unwrap();
    assert!(by_hand.starts_with("Come:\n- on Monday\nBye"), "{by_hand}");
    for asked in ["Come:\n-\n-\nBye", "- Monday\n\n-\n\nBye", "- Monday\nor\n-\nBye", "-on Monday\n-\nBye"] {
        let asked = sends(&app, &staff, &path, asked, &[]).await.expect_err(asked);
        assert_eq!((asked.title().starts_with("Error: "), asked.summary()), (true, vec!["gap-1".to_owned()]));
    }
    let beside = sends(&app, &staff, &path, "- Monday\n-\n\nFirst:\n\n-\n\nBye", &[]).await.unwrap_err();
    assert!(
        beside.value_of("message").replace('\r', "").contains("- Monday\n-"),
        "one is asked about, and none was touched"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_fills_nothing_in_is_asked_as_ever_and_led_to_the_first_box() {
    let app = App::start().await;
    let (staff, path) = before_an_inquiry(&app).await;
    let offer = ready(&staff, &path, "appointment").await;
    let asked = sends(&app, &staff, &path, &offer, &["", " "]).await.unwrap_err();
    assert_eq!((asked.title().starts_with("Error: "), asked.summary()), (true, vec!["gap-1".to_owned()]));
    assert!(asked.error_for("reply").unwrap().contains("A line holds only “-”"), "{}", asked.words());
    assert_eq!((asked.value_of("message").replace('\r', ""), asked.value_of("gaps").as_str()), (offer, "meant"));
    let alone = "Dear Quirina,\n\n-\n\nfirst.\n\n-\n\nBye";
    let one = sends(&app, &staff, &path, alone, &["", "second"]).await.unwrap();
    assert!(one.starts_with("Dear Quirina,\n\nfirst.\n\nsecond\n\nBye"), "no hole is left: {one}");
    let many = "-\n".repeat(13);
    assert!(boxes(&sends(&app, &staff, &path, &many, &[]).await.unwrap_err()).is_empty(), "that is written by hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_were_changed_beside_their_boxes_come_back_for_another_look() {
    let app = App::start().await;
    let (staff, path) = before_an_inquiry(&app).await;
    let offer = ready(&staff, &path, "appointment").await;
    let by_hand = offer.replacen("-\n-\n", "- Monday at ten\n-\n", 1);
    let asked = sends(&app, &staff, &path, &by_hand, &["", "Tuesday at nine"]).await.unwrap_err();
    let whole = offer.replacen("-\n-\n", "- Monday at ten\n- Tuesday at nine\n", 1);
    assert_eq!(asked.value_of("message").replace('\r', ""), whole);
    assert!(asked.error_for("reply").unwrap().contains("Look the whole reply over"), "{}", asked.words());
    let taken_out = offer.replacen("-\n-\n", "", 1);
    let asked = sends(&app, &staff, &path, &taken_out, &["Monday", "Tuesday"]).await.unwrap_err();
    assert!(asked.value_of("message").ends_with("\n\nMonday\n\nTuesday"), "{}", asked.value_of("message"));
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent yet");
    assert!(sends(&app, &staff, &path, &whole, &[]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_a_box_goes_into_the_reply_with_whatever_is_pressed() {
    let app = App::start().await;
    let (staff, path) = before_an_inquiry(&app).await;
    let offer = ready(&staff, &path, "appointment").await;
    let half = offer.replacen("-\n-\n", "- Monday at ten\n-\n", 1);
    let fields = [("message", offer.as_str()), ("gap", "Monday at ten"), ("gap", ""), ("note", "")];
    let page = staff.posts(&format!("{path}/notes"), &fields).await;
    assert_eq!((page.status, page.value_of("message")), (422, half.clone()), "a note that is missing");
    assert_eq!(boxes(&page), ["After “ - Monday at ten ”"]);
    let elsewhere = format!("{}/reply", path.replace("/BW-", "/BW-2222-"));
    let lost = staff.posts(&elsewhere, &fields).await;
    assert!(lost.status == 404 && Page::read(&lost.text()).texts("textarea", None)[0].trim() == half.trim(), "lost");

    app.clock.advance(jiff::SignedDuration::from_mins(31));
    let mut gone = staff;
    let asked = gone.posts(&format!("{path}/reply"), &fields).await;
    assert_eq!(asked.status, 401);
    let kept = gone.signs_in_on(&asked, "admin@clinic.example").await;
    let kept = gone.follows(kept).await;
    assert_eq!(kept.value_of("message"), half, "it stands in the reply after signing in again");
}
