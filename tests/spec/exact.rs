//! Words stay exact: what a person typed comes out as it went in, wherever it comes out, and changes nothing around it.
//! Stored is what was submitted after exactly this: line breaks become LF, single lines are trimmed, nothing else.

use std::collections::HashMap;

use backwise::desk::{self, ExportFormat};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::app::App;
use crate::html::{Page, is_part};
use crate::http::{Answer, encode, send};
use crate::naughty::{BLNS, canary, own, own_of_many_lines, random};
use crate::people::{Patient, Staff};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// The rules of the fields, told once more.
fn kept(words: &str, longest: usize, is_one_line: bool) -> Option<String> {
    let words = words.replace("\r\n", "\n").replace('\r', "\n");
    let words = if is_one_line { words.trim().to_owned() } else { words };
    let fits = !words.trim().is_empty()
        && words.chars().count() <= longest
        && !words.chars().any(|c| c.is_control() && c != '\t' && (c != '\n' || is_one_line));
    // A control at the edge of a line counts as white space, and yet is not swallowed in silence.
    fits.then_some(words)
}

fn one_line(words: &str, longest: usize) -> Option<String> {
    if words.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        None
    } else {
        kept(words, longest, true)
    }
}

/// What one person writes.
#[derive(Clone)]
struct Letter {
    name: String,
    best_time: String,
    message: String,
}

/// Strings side by side in as few fields as hold them. One that a spreadsheet would compute begins its field; one that
/// no field takes stands alone.
fn packed(strings: &[String], longest: usize) -> Vec<String> {
    let computes = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\'', '＝', '＋', '－', '＠']);
    let mut fields: Vec<String> = Vec::new();
    let mut is_open = false;
    for text in strings {
        let fits_in = |field: &String| field.chars().count() + 1 + text.chars().count() <= longest;
        let is_taken = one_line(text, longest).is_some();
        match fields.last_mut().filter(|field| is_open && is_taken && !computes(text) && fits_in(field)) {
            Some(field) => {
                field.push(' ');
                field.push_str(text);
            }
            None => fields.push(text.clone()),
        }
        is_open = is_taken;
    }
    fields
}

/// Every string is in a name, every string is in a best time, every string is in a message.
fn letters() -> Vec<Letter> {
    let lines: Vec<String> = BLNS.iter().map(|text| (*text).to_owned()).chain(own()).chain(random(60)).collect();
    let many = own_of_many_lines();
    assert!(BLNS.len() == 515 && own().len() + many.len() >= 300, "{} {}", BLNS.len(), own().len());
    let (names, times) = (packed(&lines, 100), packed(&lines, 200));
    let messages: Vec<String> = many.into_iter().chain(lines.chunks(4).map(|some| some.join("\n"))).collect();
    let count = names.len().max(times.len()).max(messages.len());
    (0..count)
        .map(|at| Letter {
            name: names[at % names.len()].clone(),
            best_time: times[at % times.len()].clone(),
            message: messages[at % messages.len()].clone(),
        })
        .collect()
}

struct Asked {
    reference: String,
    letter: Letter,
}

async fn posts(app: &App, fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    send(app.address, "POST", "/contact", &[FORM, HERE], encode(&fields).as_bytes()).await
}

/// The page over a form without an answer to the first question holds every word; then the form is sent for good, with
/// the words that the rules take.
async fn asks(app: &App, token: &str, letter: &Letter, faulty: &[String]) -> Option<Asked> {
    let Letter { name, best_time, message } = letter;
    let again = posts(
        app,
        &[
            ("token", token),
            ("name", name),
            ("email", name),
            ("phone", name),
            ("best_time", best_time),
            ("message", message),
        ],
    )
    .await;
    assert_eq!(again.status, 422);
    let page = Page::read(&again.text());
    let lf = |words: &str| words.replace("\r\n", "\n").replace('\r', "\n");
    for (field, typed) in
        [("name", name), ("email", name), ("phone", name), ("best_time", best_time), ("message", message)]
    {
        assert_eq!(page.value(field), lf(typed), "{field} of the page again");
    }
    assert!(is_part(&page.shape(), faulty), "the page again has another shape for {name:?} {message:?}");
    let stored = Letter {
        name: one_line(name, 100).unwrap_or_else(|| "A. Name".to_owned()),
        best_time: one_line(best_time, 200).unwrap_or_else(|| "noon".to_owned()),
        message: kept(message, 5_000, false).unwrap_or_else(|| "words".to_owned()),
    };
    for (field, typed, taken) in [
        ("name", name, one_line(name, 100)),
        ("message", message, kept(message, 5_000, false)),
        ("best_time", best_time, one_line(best_time, 200)),
    ] {
        let is_missing = field == "best_time" && typed.trim().is_empty();
        assert_eq!(again.error_for(field).is_some(), taken.is_none() && !is_missing, "{field}: {typed:?}");
    }
    let sent = |typed: &String, taken: Option<String>, other: &String| {
        if taken.is_some() { typed.clone() } else { other.clone() }
    };
    let answer = posts(
        app,
        &[
            ("token", token),
            ("urgent", "no"),
            ("email", "a@example.org"),
            ("name", &sent(name, one_line(name, 100), &stored.name)),
            ("best_time", &sent(best_time, one_line(best_time, 200), &stored.best_time)),
            ("message", &sent(message, kept(message, 5_000, false), &stored.message)),
            ("consent", "yes"),
        ],
    )
    .await;
    assert_eq!(answer.status, 303, "{name:?} {message:?}: {}", answer.words());
    let key = answer.location().rsplit('/').next()?.to_owned();
    let inquiry = app.store.inquiry_by_receipt(&backwise::secret::digest(&key)).await.unwrap()?;
    Some(Asked { reference: inquiry.reference.to_string(), letter: stored })
}

/// A clinic to which everybody has written.
async fn everybody_asks() -> (App, Vec<Asked>) {
    let app =
        App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100000"), ("BACKWISE_MAIL__ACKNOWLEDGE", "false")])
            .await;
    let token = app.get("/contact").await.value_of("token");
    let wrong = "\u{1}";
    let faulty = posts(
        &app,
        &[
            ("token", &token),
            ("name", wrong),
            ("email", wrong),
            ("phone", wrong),
            ("best_time", wrong),
            ("message", wrong),
        ],
    )
    .await;
    let faulty = Page::read(&faulty.text()).shape();
    let letters = letters();
    let asked: Vec<Option<Asked>> =
        stream::iter(&letters).map(|letter| asks(&app, &token, letter, &faulty)).buffered(4).collect().await;
    let mut asked: Vec<Asked> = asked.into_iter().flatten().collect();
    assert_eq!(asked.len(), letters.len());
    // The list holds a few strings twice, and the same words sent again are the same inquiry.
    asked.sort_by(|a, b| a.reference.cmp(&b.reference));
    asked.dedup_by(|a, b| a.reference == b.reference);
    assert!(asked.len() > 300, "{}", asked.len());
    (app, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_word_comes_out_of_the_desk_the_mails_and_the_exports_as_it_went_in() {
    let (app, asked) = everybody_asks().await;
    for number in 0..44 {
        app.has_typed(&canary(number));
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let mut shape = None;
    for Asked { reference, letter } in &asked {
        let page = Page::read(&staff.opens(&format!("/admin/inquiries/{reference}")).await.text());
        let bdi = page.texts("bdi", None);
        assert!(bdi.contains(&letter.name.as_str()), "the desk shows another name than {:?}", letter.name);
        assert!(bdi.contains(&letter.best_time.as_str()), "the desk shows another time than {:?}", letter.best_time);
        assert_eq!(page.texts("div", Some("words")), [letter.message.as_str()]);
        let shape = shape.get_or_insert_with(|| page.shape());
        assert_eq!(&page.shape(), shape, "the desk's page has another shape for {:?}", letter.name);
    }
    let csv = staff.opens("/admin/inquiries.csv?status=all").await.text();
    the_cells_hold(&csv, &asked);
    let mut lines = Vec::new();
    desk::export(&app.store, ExportFormat::JsonLines, Timestamp::MIN, &mut lines, |_| ()).await.unwrap();
    the_lines_hold(&String::from_utf8(lines).unwrap(), &asked);
    app.deliver().await;
    the_mails_hold(&app, &asked);
}

fn by_reference(asked: &[Asked]) -> HashMap<&str, &Letter> {
    asked.iter().map(|asked| (asked.reference.as_str(), &asked.letter)).collect()
}

/// Parsed back, with the guard taken off; a reader of records refuses a line with more or fewer cells.
fn the_cells_hold(csv: &str, asked: &[Asked]) {
    let letters = by_reference(asked);
    let mut reader = csv::Reader::from_reader(csv.strip_prefix('\u{feff}').unwrap().as_bytes());
    let columns = reader.headers().unwrap().clone();
    let mut count = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let cell = |name: &str| {
            let cell = &record[columns.iter().position(|column| column == name).unwrap()];
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']),
                "{cell:?} computes"
            );
            cell.strip_prefix('\'').unwrap_or(cell).to_owned()
        };
        let letter = letters[cell("reference").as_str()];
        assert_eq!(
            (cell("name"), cell("best_time"), cell("message")),
            (letter.name.clone(), letter.best_time.clone(), letter.message.clone())
        );
        count += 1;
    }
    assert_eq!(count, asked.len());
}

fn the_lines_hold(lines: &str, asked: &[Asked]) {
    let letters = by_reference(asked);
    assert_eq!(lines.trim_end_matches('\n').split('\n').count(), asked.len(), "no word makes a line");
    for line in lines.trim_end_matches('\n').split('\n') {
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        let letter = letters[row["reference"].as_str().unwrap()];
        let shown = ["name", "best_time", "message"].map(|key| row[key].as_str().unwrap());
        assert_eq!(shown, [letter.name.as_str(), letter.best_time.as_str(), letter.message.as_str()]);
        assert_eq!(row.len(), 18);
    }
}

fn the_mails_hold(app: &App, asked: &[Asked]) {
    let letters = by_reference(asked);
    let mails = app.mail_server.arrived();
    assert_eq!(mails.len(), asked.len(), "one mail an inquiry, whatever stands in it");
    let (headers, shape) = (mails[0].header_names(), Page::read(&mails[0].html()).shape());
    for mail in &mails {
        assert_eq!(mail.header_names(), headers, "no word makes a header");
        let letter = letters[mail.header("Subject").strip_prefix("New inquiry ").unwrap()];
        assert!(!mail.raw.replace("\r\n", "").contains('\n') && !mail.raw.replace("\r\n", "").contains('\r'));
        assert!(
            mail.raw.split("\r\n").all(|line| line.len() <= 998),
            "a line too long for mail servers (RFC 5322, 2.1.1)"
        );
        let text = mail.text();
        assert_eq!(text.split_once("end of this mail)\n").unwrap().1, letter.message, "the mail's text");
        assert!(text.contains(&format!("\nName: {}\nEmail: a@example.org\n", letter.name)), "{:?}", letter.name);
        assert!(text.contains(&format!("\nBest time: {}\n", letter.best_time)), "{:?}", letter.best_time);
        let page = Page::read(&mail.html());
        assert_eq!(page.shape(), shape, "the mail has another shape for {:?}", letter.message);
        let bdi = page.texts("bdi", None);
        assert!(bdi.contains(&letter.name.as_str()) && bdi.contains(&letter.best_time.as_str()), "{:?}", letter.name);
        let words = page.0.iter().filter(|element| element.attribute("dir") == Some("auto"));
        assert_eq!(words.map(|element| element.text.as_str()).collect::<Vec<_>>(), [letter.message.as_str()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_replies_and_searches_are_as_exact() {
    let app =
        App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100000"), ("BACKWISE_MAIL__ACKNOWLEDGE", "false")])
            .await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let lines: Vec<String> =
        BLNS.iter().map(|text| (*text).to_owned()).chain(own()).chain(own_of_many_lines()).collect();
    let lines: Vec<String> = lines.iter().filter_map(|words| kept(words, 20_000, false)).collect();
    Patient::opens_the_form(&app).await.gets_a_receipt().await;
    let path = staff.inbox("").await.remove(0);
    let calm = Page::read(&staff.opens("/admin/inquiries?q=nothing-fits-this").await.text()).shape();
    // The newest note stands under their words too.
    let mut words_so_far = Page::read(&staff.opens(&path).await.text()).texts("div", Some("words")).len() + 1;
    for some in lines.chunks(24) {
        let (note, reply) = (some.join("\n"), some.join(" | "));
        let stale = staff.posts(&format!("{path}/notes"), &[("note", &note), ("version", "0")]).await;
        assert_eq!(stale.status, 409);
        assert_eq!(Page::read(&stale.text()).value("note"), note, "the note in the page over it");
        let stale = staff.posts(&format!("{path}/reply"), &[("message", &reply), ("version", "0")]).await;
        assert_eq!((stale.status, Page::read(&stale.text()).value("message")), (409, reply.as_str()));
        assert_eq!(staff.posts(&format!("{path}/notes"), &[("note", &note)]).await.status, 303);
        assert_eq!(staff.posts(&format!("{path}/reply"), &[("message", &reply)]).await.status, 303);
        let page = Page::read(&staff.opens(&path).await.text());
        let shown = page.texts("div", Some("words"));
        words_so_far += 2;
        assert_eq!(shown.len(), words_so_far, "no word makes an element");
        assert!(shown.contains(&note.as_str()) && shown.contains(&reply.as_str()));
        let query: String = url::form_urlencoded::byte_serialize(reply.as_bytes()).take(4_000).collect();
        let found = Page::read(&staff.opens(&format!("/admin/inquiries?q={query}")).await.text());
        let asked: Vec<(_, _)> = url::form_urlencoded::parse(format!("q={query}").as_bytes()).into_owned().collect();
        let sought = found.value("q");
        assert!(asked[0].1.starts_with(sought) && sought.len() >= 100, "the beginning is looked for: {sought}");
        app.deliver().await;
        let mail = app.mail_server.arrived_for("quirina.mailcanary@example.org").pop().unwrap();
        assert!(mail.text().contains(&reply), "the reply as text");
        let html = Page::read(&mail.html());
        assert!(html.0.iter().any(|element| element.text == reply), "the reply as HTML");
    }
    let odd = Page::read(&staff.opens("/admin/inquiries?q=%22%3E%3Cscript%3Enothing-fits").await.text());
    assert_eq!(odd.shape(), calm, "a search that breaks out of its field");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_text_is_refused_and_control_characters_are_named() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let token = app.get("/contact").await.value_of("token");
    for garbled in ["name=%FF", "message=%C3%28", "message=%ED%A0%80", "%FE=x", "message=%F8%88%80%80%80"] {
        let answer = send(app.address, "POST", "/contact", &[FORM, HERE], garbled.as_bytes()).await;
        assert_eq!(answer.status, 400, "{garbled}");
        let headers = [FORM, HERE, ("cookie", staff.cookie.as_str())];
        let answer =
            send(app.address, "POST", "/admin/inquiries/BW-2222-2222/notes", &headers, garbled.as_bytes()).await;
        assert_eq!(answer.status, 400, "{garbled}");
    }
    let controls = (0..=0x1f_u8).chain(0x7f..=0x9f).map(char::from).filter(|c| !matches!(c, '\t' | '\n' | '\r'));
    for control in controls {
        let words = format!("Wordcanary{control}more");
        let answer = posts(
            &app,
            &[
                ("token", &token),
                ("urgent", "no"),
                ("consent", "yes"),
                ("name", &words),
                ("email", &words),
                ("phone", &words),
                ("best_time", &words),
                ("message", &words),
            ],
        )
        .await;
        assert_eq!(answer.status, 422, "{control:?}");
        for field in ["name", "email", "phone", "best_time", "message"] {
            assert!(answer.error_for(field).is_some(), "{field} takes {control:?}");
        }
    }
    assert!(app.store.inquiries_after(0, Timestamp::MIN, 1).await.unwrap().is_empty(), "nothing of it is stored");
    let at_the_limit = "a\r\n".repeat(2_500);
    let answer = posts(
        &app,
        &[
            ("token", &token),
            ("urgent", "no"),
            ("consent", "yes"),
            ("name", "A"),
            ("email", "a@example.org"),
            ("message", &at_the_limit),
        ],
    )
    .await;
    assert_eq!(answer.status, 303, "a CRLF counts as one of the 5,000");
    app.deliver().await;
}
