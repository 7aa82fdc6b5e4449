//! What stays between the person who wrote and the clinic, and what that person can have from us.

use backwise::contact::{EmailAddress, PhoneNumber};
use backwise::desk::{self, ExportFormat};

use crate::app::App;
use crate::http::send;
use crate::people::{Patient, Staff, somebody_asks};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_everything_that_is_kept_about_them_and_nothing_about_others() {
    let app = App::start().await;
    somebody_asks(&app, "Firstcanary =1+1").await;
    somebody_asks(&app, "Secondcanary words").await;
    let other =
        Patient::opens_the_form(&app).await.answers("email", "other@example.org").answers("name", "Other Person");
    other.answers("message", "Othercanary words").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=firstcanary").await.remove(0);
    staff.opens(&path).await;
    staff.posts(&format!("{path}/notes"), &[("note", "Notecanary")]).await;
    staff.posts(&format!("{path}/reply"), &[("message", "=Replycanary")]).await;
    app.deliver().await;
    let now = app.clock.now();
    let email = EmailAddress::parse("Quirina.Mailcanary@EXAMPLE.org").unwrap();
    let all = desk::everything_about(&app.store, &email, now).await.unwrap().unwrap().kept;
    let has = |kind: &str, who: &str, what: &str, words: &str| {
        all.iter().any(|kept| kept.kind == kind && kept.who == who && kept.what == what && kept.words == words)
    };
    for (kind, who, what, words) in [
        ("answer", "the writer", "name", "Quirina Namecanary"),
        ("answer", "the writer", "email", "quirina.mailcanary@example.org"),
        ("answer", "the writer", "message", "Firstcanary =1+1"),
        ("answer", "the writer", "message", "Secondcanary words"),
        ("timeline", "Adele Admin", "note", "Notecanary"),
        ("timeline", "Adele Admin", "reply", "=Replycanary"),
        ("mail", "desk@clinic.example", "notice", "sent"),
        ("mail", "the writer", "acknowledgement", "sent"),
        ("access", "Adele Admin", "inquiry.viewed", ""),
        ("access", "the operator", "inquiry.exported", ""),
    ] {
        assert!(has(kind, who, what, words), "{kind} {what} by {who}: {words} in {all:#?}");
    }
    let consent = all.iter().find(|kept| kept.what == "consent_version").unwrap();
    assert!(!consent.words.is_empty(), "the privacy text that was agreed to");
    let lines = String::from_utf8(desk::file_of(&all, ExportFormat::JsonLines).unwrap()).unwrap();
    assert!(
        lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["reference"].is_string())
    );
    let csv = String::from_utf8(desk::file_of(&all, ExportFormat::Csv).unwrap()).unwrap();
    let mut reader = csv::Reader::from_reader(csv.strip_prefix('\u{feff}').unwrap().as_bytes());
    let cells: Vec<String> = reader.records().map(|record| record.unwrap()[5].to_owned()).collect();
    assert_eq!((cells.len(), cells.iter().filter(|cell| *cell == "'=Replycanary").count()), (all.len(), 1));
    assert!(!lines.contains("Other") && !csv.contains("Other"), "nobody gets what another person wrote");
    let nobody = EmailAddress::parse("nobody@example.org").unwrap();
    assert_eq!(desk::everything_about(&app.store, &nobody, now).await.unwrap(), None);
}

/// Some people give a number and no address.
#[tokio::test(flavor = "multi_thread")]
async fn everything_about_a_person_is_found_by_their_number_too() {
    let app = App::start().await;
    let calls = async |number: &str, message: &str| {
        let patient = Patient::opens_the_form(&app).await.answers("email", "").answers("phone", number);
        patient.answers("message", message).gets_a_receipt().await;
    };
    calls("+44 1632 960 017", "Firstcanary").await;
    calls("0044 1632 960017", "Secondcanary").await;
    calls("+44 1632 960 018", "Othercanary").await;
    app.deliver().await;
    let everything = async |number: &str| {
        let number = PhoneNumber::parse(number).unwrap();
        desk::everything_about_number(&app.store, &number, app.clock.now()).await.unwrap()
    };
    let all = everything("(+44) 1632-960017").await.unwrap();
    let says = |words: &str| all.kept.iter().any(|kept| kept.words == words);
    assert!(says("Firstcanary") && says("Secondcanary") && !says("Othercanary"));
    assert!(all.left_out.is_empty());
    assert_eq!(app.store.audit(1).await.unwrap()[0].action, "inquiry.exported", "that it was handed out is on record");
    assert_eq!(everything("+44 1632 960 019").await, None);
}

/// The words of the privacy page of a clinic that has set this, and the version it names.
async fn privacy_page(settings: &[(&str, &str)]) -> (String, App) {
    let app = App::with(settings).await;
    let page = app.get("/privacy").await;
    assert_eq!(page.status, 200);
    assert!(!page.words().split("Privacy").last().unwrap().contains("{"), "no mark is left");
    (page.words(), app)
}

/// A page that was open when the clinic changed its privacy text: what was agreed to is the text that was there to read.
#[tokio::test(flavor = "multi_thread")]
async fn the_text_that_was_agreed_to_is_the_one_that_the_page_had_shown() {
    let app = App::start().await;
    let before = app.key.issue_token(app.clock.now(), "the text of last week").unwrap();
    let opened_before = Patient::opens_the_form(&app).await.answers("token", &before).answers("message", "open before");
    // Its page comes back with a fault beside the consent, and is sent again: it is still the same page.
    let again = opened_before.clone().leaves_out("consent").sends().await;
    assert_eq!((again.status, again.value_of("token")), (422, before));
    opened_before.gets_a_receipt().await;
    Patient::opens_the_form(&app).await.answers("message", "opened now").gets_a_receipt().await;
    let kept = app.store.inquiries_after(0, jiff::Timestamp::MIN, 9).await.unwrap();
    let versions: Vec<&str> = kept.iter().map(|inquiry| inquiry.consent_version.as_str()).collect();
    assert_eq!((versions.len(), versions[0]), (2, "the text of last week"));
    assert!(app.get("/privacy").await.words().contains(&format!("This is version {} of this page", versions[1])));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_privacy_page_says_what_the_clinic_has_set_and_nothing_else() {
    let (words, app) = privacy_page(&[]).await;
    for told in [
        "carries what you wrote, including your answers about your health",
        "It goes to one email address of the clinic",
        "you get a short confirmation there",
        "erase a message 730 days after",
        "looks like spam is erased after 30 days",
    ] {
        assert!(words.contains(told), "{told} in {words}");
    }
    somebody_asks(&app, "Agreecanary words").await;
    let stored = app.store.inquiries_after(0, jiff::Timestamp::MIN, 1).await.unwrap().remove(0).consent_version;
    assert!(
        words.contains(&format!("This is version {stored} of this page")),
        "what they agreed to is what they saw: {stored}"
    );
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    assert!(staff.opens(&path).await.words().contains(&stored), "the desk shows it");
    let (words, _app) = privacy_page(&[
        ("BACKWISE_MAIL__DETAIL", "link"),
        ("BACKWISE_MAIL__STAFF", "a@clinic.example,b@clinic.example,c@clinic.example"),
        ("BACKWISE_MAIL__ACKNOWLEDGE", "false"),
        ("BACKWISE_PRIVACY__RETENTION_DAYS", "0"),
    ])
    .await;
    for told in [
        "carries nothing that you wrote",
        "It goes to 3 email addresses of the clinic",
        "We do not confirm by email",
        "It is not erased by itself",
    ] {
        assert!(words.contains(told), "{told} in {words}");
    }
    assert!(!words.contains("a@clinic.example"), "nobody's address of the staff");
    let (words, _app) = privacy_page(&[("BACKWISE_MAIL__DETAIL", "contact")]).await;
    assert!(words.contains("It does not carry your message or your answers about your health"), "{words}");
}

const CANARIES: [(&str, &str); 5] = [
    ("name", "Namekanarie"),
    ("email", "mailkanarie@example.org"),
    ("phone", "+44 1632 960 961"),
    ("best_time", "Zeitkanarie"),
    ("message", "Wortkanarie"),
];

/// Somebody whose every word can be told from all others.
async fn somebody_writes_canaries(app: &App) -> String {
    let mut patient =
        Patient::opens_the_form(app).await.answers("health", "pregnancy").answers("technique", "hot-stone");
    for (field, words) in CANARIES {
        patient = patient.answers(field, words);
    }
    patient.gets_a_receipt().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_carries_what_its_level_of_detail_allows() {
    for (detail, allowed) in [
        ("full", &["Namekanarie", "mailkanarie", "960 961", "Zeitkanarie", "Wortkanarie", "Pregnan"][..]),
        ("contact", &["Namekanarie", "mailkanarie", "960 961", "Zeitkanarie"]),
        ("link", &[]),
    ] {
        let app = App::with(&[("BACKWISE_MAIL__DETAIL", detail)]).await;
        somebody_writes_canaries(&app).await;
        app.deliver().await;
        let notice = app.mail_server.arrived_for("desk@clinic.example").remove(0);
        let whole = format!("{}\n{}\n{}", notice.raw, notice.text(), notice.html());
        for words in ["Namekanarie", "mailkanarie", "960 961", "Zeitkanarie", "Wortkanarie", "Pregnan"] {
            // Pregnancy is named by a caution, wherever the technique is named; here it is what was ticked.
            let told = if words == "Pregnan" {
                whole.contains("(They say this applies to them.)") || whole.contains("THEIR HEALTH")
            } else {
                whole.contains(words)
            };
            assert_eq!(told, allowed.contains(&words), "{words} in a mail of detail {detail}");
        }
        assert_eq!(notice.header("Subject").len(), "New inquiry BW-7K3M-9QXT".len(), "nothing personal in the subject");
        let to_writer = app.mail_server.arrived_for("mailkanarie@example.org").remove(0);
        let whole = format!("{}\n{}", to_writer.text(), to_writer.html());
        for (_, words) in CANARIES {
            assert!(!whole.contains(words), "the acknowledgement repeats nothing: {words}");
        }
    }
}

/// Every file under a folder, with its content.
fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.extend(std::fs::read(&path).map(|bytes| (path, bytes))),
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_patient_is_in_a_file_an_address_a_number_or_an_error() {
    let mut app =
        App::with(&[("BACKWISE_MAIL__DETAIL", "link"), ("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0")]).await;
    app.mail_may_wait = true;
    let receipt = somebody_writes_canaries(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=wortkanarie").await.remove(0);
    staff.posts(&format!("{path}/notes"), &[("note", "Notizkanarie")]).await;
    let secrets = ["kanarie", "Kanarie", "960 961", "960961"];
    let holds = |text: &str| secrets.iter().find(|words| text.contains(**words)).copied();
    // What was deleted is in no file either; on PostgreSQL the database's files are elsewhere.
    for (file, bytes) in files(app.folder()) {
        assert_eq!(holds(&String::from_utf8_lossy(&bytes)), None, "{}", file.display());
    }
    for address in [&receipt, &path] {
        assert_eq!(holds(address), None, "{address}");
    }
    let wrong = staff.posts(&format!("{path}/status"), &[("status", "Statuskanarie")]).await.words();
    assert!(!wrong.contains("Statuskanarie"), "an error repeats nothing");
    for broken in [
        "/admin/inquiries/Kanarie",
        "/receipt/Kanarie",
        "/Kanarie",
        "/admin/audit/Kanarie",
        "/admin/mail/Kanarie/retry",
    ] {
        assert_eq!(holds(&staff.opens(broken).await.words()), None, "{broken}");
    }
    let numbers = send(app.beside.metrics_bound.unwrap(), "GET", "/metrics", &[], b"").await.text();
    assert!(numbers.contains("backwise") && holds(&numbers).is_none(), "{numbers}");
    let log = format!("{:?}", app.store.audit(500).await.unwrap());
    assert!(log.contains("inquiry.note") && holds(&log).is_none(), "{log}");
    for (owed, row) in app.store.outbox(None, 99).await.unwrap().iter().map(|owed| (owed, format!("{owed:?}"))) {
        assert_eq!(holds(&row), None, "a mail owed holds ids: {}", owed.id);
    }
    for words in ["Notizkanarie", "Statuskanarie"] {
        app.has_typed(words);
    }
}
