//! An inquiry that staff take on the phone or in person: the rules of the form, and a receipt to tell.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::send;
use crate::people::{Staff, somebody_asks};

const NEW: &str = "/admin/inquiries/new";

/// What somebody on the phone says, as it is typed.
fn call<'a>(token: &'a str, change: (&'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("token", token),
        ("channel", "phone"),
        ("urgent", "no"),
        ("name", "Petra Phonecanary"),
        ("phone", "+44 1632 960 002"),
        ("message", "Her shoulder hurts."),
        ("consent", "yes"),
    ];
    match fields.iter_mut().find(|(name, _)| *name == change.0) {
        Some(field) => *field = change,
        None => fields.push(change),
    }
    fields
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_gets_a_reference_a_receipt_and_the_same_promise() {
    let app = App::start().await;
    app.has_typed("Phonecanary");
    let staff = Staff::becomes_the_first_admin(&app).await;
    let token = staff.opens(NEW).await.value_of("token");
    let stored = staff.posts(NEW, &call(&token, ("health", "pregnancy"))).await;
    assert_eq!(stored.status, 303, "{}", stored.words());
    let told = stored.location().to_owned();
    let taken = staff.follows(stored).await;
    // The link stands in a field, which is copied whole with the keyboard too.
    let receipt = crate::http::between(&taken.text(), &format!("readonly value=\"{}", app.url), "\"").unwrap();
    assert!(app.get(&receipt).await.words().contains("We answer by"), "{}", app.get(&receipt).await.words());
    let path = staff.inbox("").await.remove(0);
    let words = staff.opens(&path).await.words();
    for told in [
        "Taken on the phone. The person agreed to the privacy text by word of mouth.",
        "Adele Admin took it down",
        "Her shoulder hurts.",
        "Petra Phonecanary",
        "(They say this applies to them.)",
    ] {
        assert!(words.contains(told), "{told} in {words}");
    }
    assert!(!words.contains("They ticked"), "staff ticked it for them: {words}");
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("desk@clinic.example").len(), 1, "staff are told as ever");
    app.clock.advance(SignedDuration::from_mins(2));
    let line = format!("name=\"then\" value=\"{told}\">BW-");
    let form = staff.opens(NEW).await;
    assert!(
        form.text().contains(&line) && form.words().contains(" 2 minutes ago."),
        "who goes back reads that it is stored: {}",
        form.words()
    );
    let fault = staff.posts(NEW, &call(&token, ("consent", ""))).await;
    assert!(fault.text().contains(&line) && fault.words().contains("This is not stored yet."), "{}", fault.words());
    let again = staff.posts(NEW, &call(&token, ("health", "pregnancy"))).await;
    assert_eq!(again.location(), told, "a second click is the same inquiry");
    assert_eq!((again.status, staff.inbox("").await.len()), (303, 1));
    let audit = app.store.audit(50).await.unwrap();
    assert!(audit.iter().any(|entry| entry.action == "inquiry.taken" && entry.actor != "writer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_to_tell_them_can_be_read_again_and_their_receipt_by_who_took_it_for_an_hour() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let written = staff.inbox("").await.remove(0);
    let colleague = staff.invites("bert@clinic.example", "staff").await;
    let token = staff.opens(NEW).await.value_of("token");
    let told = staff.posts(NEW, &call(&token, ("voicemail", "yes"))).await.location().to_owned();
    let receipt = format!("readonly value=\"{}/receipt/", app.url);
    // Nobody is away for so long that they are signed out.
    let readings = [
        (0, &staff, true),
        (0, &colleague, false),
        (25, &staff, true),
        (25, &staff, true),
        (9, &staff, true),
        (1, &staff, false),
    ];
    for (minutes, reader, is_shown) in readings {
        app.clock.advance(SignedDuration::from_mins(minutes));
        let page = reader.opens(&told).await;
        assert!(page.status == 200 && page.words().contains("An answer comes by"), "{}", page.words());
        assert_eq!(page.text().contains(&receipt), is_shown, "after {minutes} more minutes");
        assert_eq!(page.words().contains("The link under"), is_shown);
        let read_back = page.words().contains("Read back to them Petra Phonecanary , +44 1632 960 002");
        assert!(read_back == is_shown && page.text().contains("Phonecanary") == is_shown, "{}", page.words());
    }
    assert_eq!(staff.opens(&format!("{written}/taken")).await.status, 404, "nobody took it down");
    assert!(!staff.opens(NEW).await.words().contains("You stored"), "that was an hour ago");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_beside_its_field_and_nothing_is_lost() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let token = staff.opens(NEW).await.value_of("token");
    for (field, value) in
        [("channel", ""), ("urgent", ""), ("name", " "), ("phone", "12"), ("message", ""), ("consent", "")]
    {
        let page = staff.posts(NEW, &call(&token, (field, value))).await;
        // The signs are to be read out: what leads there leads to the question, not to its first answer.
        let place = if field == "urgent" { "warning-signs" } else { field };
        assert_eq!((page.status, page.summary()), (422, vec![place.to_owned()]), "{field}");
        assert!(page.text().contains(&format!("id=\"{place}\"")), "{place}");
        assert!(page.title().starts_with("Error:") && page.error_for(field).is_some(), "{field}");
        assert!(field == "message" || page.value_of("message") == "Her shoulder hurts.");
    }
    let page = staff.posts(NEW, &call("old", ("channel", "in-person"))).await;
    assert_eq!((page.status, page.is_chosen("channel", "in-person")), (422, true));
    assert!(page.words().contains("This is not stored yet"), "{}", page.words());
    assert_eq!(staff.inbox("").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_an_inquiry_is_spoken_to_about_the_person() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens(NEW).await;
    let (text, token) = (page.text(), page.value_of("token"));
    let place = |name: &str| text.find(&format!("name=\"{name}\"")).unwrap();
    assert!(place("urgent") < place("message") && place("message") < place("health"), "their words before our list");
    for (field, value, words) in [
        ("urgent", "", "Ask whether they have one of the warning signs now, and choose"),
        ("message", "", "Enter what they say"),
        ("name", "", "Enter their name"),
        ("consent", "", "Tick when they agreed"),
        ("phone", "", "Enter a phone number or an email address, so that they can be answered"),
        ("contact_by", "email", "Enter their email address, or choose an answer by phone"),
        ("name", &"x".repeat(101), "Their name can have 100 characters"),
    ] {
        let told = staff.posts(NEW, &call(&token, (field, value))).await.words();
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_warning_sign_is_told_to_call_for_help_once_more() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (urgent, is_told, why) in [
        ("yes", true, "They say that they have a warning sign."),
        ("unsure", true, "They are not sure whether they have a warning sign."),
        ("no", false, ""),
    ] {
        let token = staff.opens(NEW).await.value_of("token");
        let taken = staff.follows(staff.posts(NEW, &call(&token, ("urgent", urgent))).await).await;
        let words = taken.words();
        for told in [
            "Urgent: tell them now to get medical help",
            "They call 112 now with any of these: pain, tingling",
            "for an urgent appointment with any of these: a high temperature",
        ] {
            assert_eq!(words.contains(told), is_told, "{urgent}, {told}: {words}");
        }
        assert!(words.contains(why) && taken.text().contains("banner bad") == is_told, "{urgent}");
        let text = taken.text();
        assert_eq!(text.matches(" autofocus").count(), 1, "{urgent}");
        let (first, then) = text.split_once(" tabindex=\"-1\" autofocus>").unwrap();
        assert!(first.ends_with(if is_told { "<div class=\"banner bad\"" } else { "<h1" }), "{urgent}");
        let numbers = then.matches("<a href=\"tel:").count();
        let (before, next) = then.split_once("<a class=\"button\" href=\"/admin/inquiries/BW-").unwrap();
        let stops =
            ["<a ", "<summary", "<input", "<button"].iter().map(|stop| before.matches(stop).count()).sum::<usize>();
        assert_eq!(stops, numbers, "one Tab leads on, behind the numbers to call: {urgent}");
        assert!(next.contains("<summary>Their receipt"), "{urgent}");
        let (reference, receipt) = (words.find("Their reference").unwrap(), words.find("Their receipt").unwrap());
        assert!(reference < receipt && taken.text().contains("<details><summary>Their receipt"), "{words}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_types_while_somebody_talks_meets_the_questions_in_the_order_of_a_call() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let text = staff.opens(NEW).await.text();
    let place = |name: &str| text.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{name}"));
    let order = [
        "channel",
        "urgent",
        "name",
        "message",
        "phone",
        "voicemail",
        "email",
        "contact_by",
        "best_time",
        "technique",
        "health",
        "consent",
    ];
    let places = order.map(place);
    assert!(places.is_sorted(), "{places:?}");
    for (letter, field) in
        [("v", "name=\"message\""), ("y", "name=\"consent\""), ("z", "class=\"button\" type=\"submit\"")]
    {
        let at = text.find(&format!("accesskey=\"{letter}\"")).unwrap_or_else(|| panic!("{letter}"));
        let element = &text[text[..at].rfind('<').unwrap()..];
        assert!(element[..element.find('>').unwrap()].contains(field), "{letter}: {element}");
    }
    let button = text.split("type=\"submit\"").nth(1).unwrap();
    assert!(button.starts_with(" form=\"typed\" disabled hidden"), "Enter in a field presses the first button: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_stores_nothing_and_leaves_nothing_while_somebody_talks() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let form = staff.opens(NEW).await.text();
    let buttons: Vec<_> = form.split("<button type=\"submit\"").skip(1).take(2).collect();
    assert!(buttons[0].starts_with(" form=\"typed\" disabled hidden></button>"), "{buttons:?}");
    assert!(
        buttons[1].starts_with(" form=\"typed\" formmethod=\"dialog\" hidden></button>"),
        "from a tick: {buttons:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_taken_one_is_led_back_and_told_what_to_have_written_down() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let token = staff.opens(NEW).await.value_of("token");
    let taken = staff.follows(staff.posts(NEW, &call(&token, ("voicemail", "yes"))).await).await;
    let trail = "<li><a href=\"/admin/inquiries\">Inbox</a></li><li aria-current=\"page\">The inquiry is stored</li>";
    assert!(taken.text().contains(trail), "{}", taken.text());
    let path = staff.inbox("").await.remove(0);
    let reference = path.rsplit('/').next().unwrap();
    let spelled = reference
        .split('-')
        .map(|group| group.split("").filter(|letter| !letter.is_empty()).collect::<Vec<_>>().join(" "));
    let spelled = spelled.collect::<Vec<_>>().join(" , ");
    assert!(taken.words().contains(&format!("Their reference {reference} {spelled}")), "{}", taken.words());
    assert!(taken.words().contains("have them write it down") && taken.words().contains("only for sending"));
    assert!(!taken.words().contains("From the same"), "they wrote nothing else");
    for (message, told) in [
        ("Her knee.", "there is another inquiry: see what it says"),
        ("Her hip.", "there are other inquiries: see what they say"),
    ] {
        let token = staff.opens(NEW).await.value_of("token");
        let again = staff.follows(staff.posts(NEW, &call(&token, ("message", message))).await).await;
        let words = again.words().replace(" :", ":");
        assert!(words.contains(told) && again.text().contains("#others\">"), "{words}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_a_call_while_reading_finds_the_way_back_to_what_they_read() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let from = |from: String| [("cookie", staff.cookie.clone()), ("referer", from)];
    let opens = async |referer: String| {
        let headers = from(referer);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(app.address, "GET", NEW, &headers, b"").await
    };
    let form = opens(format!("{}{path}?back=%2Fadmin%2Finquiries", app.url)).await;
    let read = form.value_of("read");
    assert!(path.ends_with(&read) && !read.is_empty());
    let token = form.value_of("token");
    let missing = staff
        .posts(NEW, &call(&token, ("consent", "")).into_iter().chain([("read", read.as_str())]).collect::<Vec<_>>())
        .await;
    assert_eq!((missing.status, missing.value_of("read")), (422, read.clone()), "it goes along");
    let stored = staff.posts(NEW, &call(&token, ("read", &read))).await;
    let told = format!("{}{}", app.url, stored.location());
    let taken = staff.follows(stored).await;
    let back = format!("href=\"{path}\"><span>Back to <bdi>Quirina Namecanary, {read}</bdi></span></a>");
    assert!(taken.text().contains(&back), "{}", taken.text());
    assert_eq!(opens(told.clone()).await.value_of("read"), read, "the next call comes at once");
    let (after_no_reading, _) = told.split_once('?').unwrap();
    assert!(!opens(after_no_reading.to_owned()).await.text().contains("name=\"read\""));
    for elsewhere in [format!("{}/admin/mail", app.url), format!("https://evil.example{path}"), String::new()] {
        assert!(!opens(elsewhere.clone()).await.text().contains("name=\"read\""), "{elsewhere}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_neither_number_nor_address_is_asked_first_for_what_fits_the_way_they_came() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let form = staff.opens("/admin/inquiries/new").await;
    assert!(form.words().contains("Of number and address one is enough."), "{}", form.words());
    let token = form.value_of("token");
    for (channel, field) in [("phone", "phone"), ("in-person", "email")] {
        let mut fields = call(&token, ("channel", channel));
        fields.retain(|(name, _)| !["phone", "email"].contains(name));
        let page = staff.posts("/admin/inquiries/new", &fields).await;
        assert_eq!((page.status, page.summary()), (422, vec![field.to_owned()]), "{channel}");
        assert!(page.words().contains("Enter a phone number or an email address"), "{}", page.words());
    }
}
