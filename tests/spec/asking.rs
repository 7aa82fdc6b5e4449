//! Asking: what the form takes, what it refuses and how, and that an acknowledged inquiry is there, once.

use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::app::App;
use crate::http::{encode, send};
use crate::people::{Patient, Staff};

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_is_stored_before_it_is_acknowledged_and_leads_to_its_receipt() {
    let app = App::start().await;
    let receipt = Patient::opens_the_form(&app).await.gets_a_receipt().await;
    assert_eq!(app.store.counts().await.unwrap().new, 1);
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 2);
    let page = app.get(&receipt).await;
    assert_eq!(page.status, 200);
    assert!(page.words().contains("We answer by Monday 23 November 2026, 10:00"), "{}", page.words());
    for typed in ["Quirina", "mailcanary", "Canary"] {
        assert!(!page.text().contains(typed), "the receipt repeats {typed}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_are_told_at_once_and_every_word_is_kept() {
    let app = App::start().await;
    let patient = Patient::opens_the_form(&app).await;
    let answer = patient
        .leaves_out("consent")
        .answers("urgent", "")
        .answers("name", "  ")
        .answers("email", "quirina at example")
        .answers("phone", "12-Phonecanary")
        .answers("message", "\n\n<b>Kept</b> & \"quoted\"\n")
        .answers("best_time", &"x".repeat(201))
        .answers("health", "sunburn")
        .sends()
        .await;
    assert_eq!(answer.status, 422);
    assert!(answer.title().starts_with("Error: "), "{}", answer.title());
    assert_eq!(answer.summary(), ["urgent", "name", "email", "phone", "best_time", "consent"]);
    for field in answer.summary() {
        assert!(answer.error_for(&field).is_some(), "{field}");
    }
    assert_eq!(answer.value_of("email"), "quirina at example");
    assert_eq!(answer.value_of("phone"), "12-Phonecanary");
    assert_eq!(answer.value_of("message"), "\n\n<b>Kept</b> & \"quoted\"\n");
    assert_eq!(answer.value_of("best_time"), "x".repeat(201));
    assert!(answer.is_chosen("health", "sunburn") && !answer.is_chosen("health", "pregnancy"));
    assert_eq!(app.store.counts().await.unwrap().new, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_holds_at_its_boundary() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100")]).await;
    let form = Patient::opens_the_form(&app).await;
    let letters = |number: usize| "ä".repeat(number);
    let fits = [
        ("name", letters(100)),
        ("name", format!("  {}\t", letters(100))),
        ("message", letters(5_000)),
        ("message", "a\r\n".repeat(2_500)),
        ("message", "\t".to_owned() + "x"),
        ("best_time", letters(200)),
        ("phone", "+49 (0)30 / 1234-567".to_owned()),
        ("contact_by", "email".to_owned()),
        ("contact_by", String::new()),
        ("technique", "hot-stone".to_owned()),
        ("voicemail", "yes".to_owned()),
        ("health", "ruptured-disc".to_owned()),
    ];
    for (field, value) in fits {
        let answer = form.clone().answers(field, &value).sends().await;
        assert_eq!(answer.status, 303, "{field} {value:?}: {:?}", answer.error_for(field));
    }
    let refused = [
        ("name", letters(101)),
        ("name", String::new()),
        ("name", "two\nlines".to_owned()),
        ("message", letters(5_001)),
        ("message", " \n".to_owned()),
        ("message", "a\0b".to_owned()),
        ("message", "a\u{1b}b".to_owned()),
        ("best_time", letters(201)),
        ("email", "a@b".to_owned()),
        ("email", "a@example.org\r\nBcc: b@example.org".to_owned()),
        ("phone", "12345".to_owned()),
        ("contact_by", "fax".to_owned()),
        ("technique", "unknown".to_owned()),
        ("health", "unknown".to_owned()),
        ("urgent", "perhaps".to_owned()),
        ("consent", "no".to_owned()),
    ];
    for (field, value) in refused {
        let answer = form.clone().answers(field, &value).sends().await;
        assert_eq!(answer.status, 422, "{field} {value:?}");
        assert_eq!(answer.summary(), [field], "{value:?}");
    }
    let nothing = form.clone().answers("email", "").sends().await;
    assert_eq!(
        nothing.error_for("email").as_deref(),
        Some("Enter an email address or a phone number, so that we can answer you")
    );
    let call_me = form.clone().answers("contact_by", "phone").sends().await;
    assert_eq!(call_me.summary(), ["phone"]);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pressing_send_twice_or_twenty_times_at_once_is_one_inquiry_and_editing_makes_another() {
    let app = App::start().await;
    let patient = Patient::opens_the_form(&app).await;
    let answers = join_all((0..20).map(|_| patient.sends())).await;
    let first = answers[0].location();
    let statuses: Vec<_> = answers.iter().map(|answer| (answer.status, answer.header("location"))).collect();
    assert!(statuses.iter().all(|answer| *answer == (303, Some(first))), "{statuses:?}");
    assert_eq!(app.store.counts().await.unwrap().new, 1);
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 2);
    let edited = patient.answers("message", "I forgot to say something").gets_a_receipt().await;
    assert_ne!(edited, first);
    assert_eq!(app.store.counts().await.unwrap().new, 2);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_lie_open_for_a_week_and_then_asks_for_one_more_click() {
    let app = App::start().await;
    let patient = Patient::opens_the_form(&app).await;
    app.clock.advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    patient.clone().answers("message", "in time").gets_a_receipt().await;
    app.clock.advance(SignedDuration::from_secs(1));
    let again = patient.clone().answers("message", "in time").sends().await;
    assert_eq!(again.status, 303, "what is stored already keeps its receipt");
    let late = patient.clone().answers("message", "a little too late").sends().await;
    assert_eq!(late.status, 422);
    assert!(late.title().starts_with("Error: ") && late.words().contains("Nothing is sent yet"), "{}", late.words());
    assert_eq!(late.value_of("message"), "a little too late");
    let fresh = late.value_of("token");
    patient.answers("message", "a little too late").answers("token", &fresh).gets_a_receipt().await;
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_foreign_token_loses_no_word() {
    let app = App::start().await;
    let elsewhere = App::start().await;
    let foreign = Patient::opens_the_form(&elsewhere).await.fields[0].1.clone();
    for token in ["", "x", "1.2.3", &foreign] {
        let answer = Patient::opens_the_form(&app).await.answers("token", token).sends().await;
        assert_eq!(answer.status, 422, "{token}");
        assert_eq!(answer.value_of("name"), "Quirina Namecanary");
    }
    assert_eq!(app.store.counts().await.unwrap().new, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_flag_interrupts_but_never_blocks() {
    let app = App::start().await;
    for urgent in ["yes", "unsure"] {
        let patient = Patient::opens_the_form(&app)
            .await
            .answers("urgent", urgent)
            .answers("health", "pregnancy")
            .answers("message", "\nNumb\nlegs");
        let page = patient.sends().await;
        assert_eq!(page.status, 200);
        assert!(page.words().contains("Your message has not been sent yet") && page.text().contains("tel:112"));
        assert_eq!(page.value_of("message"), "\nNumb\nlegs");
        assert_eq!(page.value_of("health"), "pregnancy");
        let back = patient.clone().answers("urgent_seen", "back").sends().await;
        assert_eq!((back.status, back.value_of("message").as_str()), (200, "\nNumb\nlegs"));
        patient.answers("urgent_seen", "yes").gets_a_receipt().await;
    }
    assert_eq!(app.store.counts().await.unwrap().new, 2);
    app.deliver().await;
    let notice = app.mail_server.arrived_for("desk@clinic.example").remove(0);
    assert!(notice.text().starts_with("URGENT"), "{}", notice.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trap_marks_but_never_drops() {
    let app = App::start().await;
    let receipt = Patient::opens_the_form(&app).await.answers("blank", "https://spam.example").gets_a_receipt().await;
    assert!(app.get(&receipt).await.words().contains("We have your message"));
    assert_eq!(app.store.counts().await.unwrap().spam, 1);
    app.deliver().await;
    assert!(app.mail_server.arrived().is_empty(), "suspected spam is not mailed at once");
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert!(staff.inbox("").await.is_empty());
    let path = staff.inbox("?status=spam").await.remove(0);
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "new")]).await.status, 303);
    app.deliver().await;
    assert_eq!(app.mail_server.arrived().len(), 2, "what was no spam gets its mails");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_from_one_place_are_told_when_and_whom_to_call() {
    let app =
        App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "2"), ("BACKWISE_SERVER__TRUSTED_PROXIES", "127.0.0.1")])
            .await;
    let from = |ip: &'static str| [("sec-fetch-site", "same-origin"), ("x-forwarded-for", ip)];
    let patient = Patient::opens_the_form(&app).await.sends_headers(&from("192.0.2.7"));
    for message in ["one", "two", "two", "one"] {
        patient.clone().answers("message", message).gets_a_receipt().await;
    }
    let third = patient.clone().answers("message", "three").sends().await;
    assert_eq!(third.status, 429);
    assert!(third.header("retry-after").unwrap().parse::<u64>().unwrap() <= 3_601);
    assert_eq!(third.value_of("message"), "three");
    assert!(third.words().contains("+44 1632 960 123"));
    patient.clone().answers("message", "two").gets_a_receipt().await;
    patient.clone().sends_headers(&from("192.0.2.8")).answers("message", "four").gets_a_receipt().await;
    patient.clone().sends_headers(&from("198.51.100.1, 192.0.2.7")).answers("message", "five").sends().await;
    assert_eq!(app.store.counts().await.unwrap().new, 3, "a forged first address does not help");
    app.clock.advance(SignedDuration::from_hours(1));
    patient.answers("message", "three").gets_a_receipt().await;
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_is_refused_without_harm() {
    let app = App::start().await;
    let post = async |kind: &str, body: &[u8]| {
        send(app.address, "POST", "/contact", &[("content-type", kind)], body).await.status
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(post("application/json", b"{}").await, 415);
    assert_eq!(post("multipart/form-data; boundary=x", b"--x--").await, 415);
    assert_eq!(post("application/x-www-form-urlencoded; charset=UTF-8", b"name=a").await, 422);
    assert_eq!(post(form, &vec![b'a'; 64 * 1024]).await, 422);
    assert_eq!(post(form, &vec![b'a'; 64 * 1024 + 1]).await, 413);
    assert_eq!(post(form, &vec![b'a'; 1024 * 1024]).await, 413);
    assert_eq!(post(form, b"name=%C3%28").await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_form_gets_the_page_again_and_an_old_browser_is_served() {
    let app = App::start().await;
    let url = app.url.clone();
    let rows: [(&[(&'static str, &str)], u16); 9] = [
        (&[("sec-fetch-site", "same-origin")], 303),
        (&[("sec-fetch-site", "none")], 303),
        (&[("sec-fetch-site", "same-site")], 422),
        (&[("sec-fetch-site", "cross-site"), ("origin", &url)], 422),
        (&[("sec-fetch-site", "weird")], 422),
        (&[("origin", &url)], 303),
        (&[("origin", "null")], 422),
        (&[("origin", "https://evil.example")], 422),
        (&[], 303),
    ];
    for (number, (headers, status)) in rows.into_iter().enumerate() {
        let patient =
            Patient::opens_the_form(&app).await.answers("message", &format!("row {number}")).sends_headers(headers);
        assert_eq!(patient.sends().await.status, status, "{headers:?}");
    }
    assert_eq!(app.store.counts().await.unwrap().new, 4);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_cannot_be_stored_are_given_back_with_the_phone_number() {
    let app = App::start().await;
    let patient = Patient::opens_the_form(&app).await;
    app.store.close().await;
    let answer = patient.sends().await;
    assert_eq!(answer.status, 503);
    assert!(answer.title().starts_with("Error: ") && answer.words().contains("We could not save your message"));
    assert!(answer.words().contains("+44 1632 960 123"));
    assert_eq!(answer.value_of("message"), "Rückenschmerzen-Canary since Monday.");
    let ready = app.get("/readyz").await;
    assert_eq!((ready.status, app.get("/healthz").await.status), (503, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_stay_exact_in_the_store_the_mail_the_desk_and_the_page() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1000")]).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let odd = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' OR 1=1; DROP TABLE inquiry; --",
        "{{ 7*7 }} ${7*7} %s %x %n",
        "\u{202e}evil\u{2066}\u{200b}\u{feff}",
        "Ω≈ç√ ＝1+1 田中さん 👩‍🦽🏳️‍🌈 e\u{301}",
        "=cmd|' /C calc'!A0",
        ".\n.\r\nQUIT\n\n.",
        "\n\n  leading and trailing  \n\n",
        "&amp; &lt; &#60; &nbsp;",
        "</textarea><b>x",
        "a\tb\\n\\r\\0",
    ];
    for (number, words) in odd.iter().enumerate() {
        let form = Patient::opens_the_form(&app).await.answers("message", words);
        let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let receipt = form.answers("name", &name).answers("best_time", &name).gets_a_receipt().await;
        let stored = app
            .store
            .inquiry_by_receipt(&backwise::secret::digest(receipt.rsplit('/').next().unwrap()))
            .await
            .unwrap()
            .unwrap();
        let expected = words.replace("\r\n", "\n");
        assert_eq!(stored.answers.message.as_str(), expected);
        assert_eq!(stored.answers.name.as_str(), name.trim());
        let page = staff.opens(&format!("/admin/inquiries/{}", stored.reference)).await;
        let shown = crate::http::between(&page.text(), "<div class=\"words\" dir=\"auto\">", "</div>").unwrap();
        assert_eq!(crate::http::unescape(&shown), expected, "{number}");
        app.deliver().await;
        let mail = app.mail_server.arrived_for("desk@clinic.example").pop().unwrap();
        let tail = mail.text().split_once("(from the next line to the end of this mail)\n").unwrap().1.to_owned();
        assert_eq!(tail.trim_end_matches('\n'), expected.trim_end_matches('\n'), "{number}");
        assert!(tail.starts_with(&expected), "{number} {tail:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_from_a_program_that_sends_fields_twice_counts_the_first() {
    let app = App::start().await;
    let mut fields = Patient::opens_the_form(&app).await.fields;
    fields.push(("name".to_owned(), "Second".to_owned()));
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let answer = send(app.address, "POST", "/contact", &kind, encode(&fields).as_bytes()).await;
    assert_eq!(answer.status, 303);
    app.deliver().await;
}
