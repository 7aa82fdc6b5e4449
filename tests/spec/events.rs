//! What touches safety is in the log: each sign-in that was tried, each refused access, each attempt to go round a rule, once
//! and by its name; nobody's address or words; and no flood fills the disk.

use std::time::Duration;

use backwise::patience::Patience;
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::app::{App, patience};
use crate::commands::{Shell, code, text};
use crate::encryption::Papers;
use crate::http::{between, encode, exchange, read, send};
use crate::log;
use crate::people::{PASSWORD, Patient, Staff};

/// Reads the events of one clinic out of the log of all tests: it calls each client by a mark of its own.
struct Watch {
    client: String,
    place: usize,
}

impl Watch {
    async fn begins(app: &App) -> (Self, Staff<'_>) {
        let admin = Staff::becomes_the_first_admin(app).await;
        let id = app.store.staff().await.unwrap()[0].id.clone();
        let log = app.log();
        let line = log.lines().find(|line| line.contains("event=") && line.contains(&id)).unwrap();
        let client = between(line, "client=\"", "\"").unwrap();
        assert_eq!(client.len(), 8);
        (Self { client, place: app.log_begins }, admin)
    }

    /// The lines since it looked last.
    fn lines(&mut self) -> Vec<String> {
        let mark = format!("client=\"{}\"", self.client);
        let log = log::since(self.place);
        self.place += log.len();
        let lines: Vec<String> = log.lines().filter(|line| line.contains(&mark)).map(str::to_owned).collect();
        for word in ["127.0.0.1", "@", "example", PASSWORD, "canary", "Canary"] {
            assert!(lines.iter().all(|line| !line.contains(word)), "{word} in {lines:?}");
        }
        lines
    }

    /// The names of the events since it looked last.
    fn events(&mut self) -> Vec<String> {
        self.lines().iter().map(|line| between(line, "event=\"", "\"").unwrap()).collect()
    }

    /// One event, with the factors and the account that it names.
    fn one(&mut self) -> (String, String, String) {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let part = |name: &str| between(&lines[0], &format!(" {name}=\""), "\"").unwrap();
        (part("event"), part("by"), part("account"))
    }
}

fn is(event: &(String, String, String), name: &str, by: &str, account: &str) {
    assert_eq!((event.0.as_str(), event.1.as_str(), event.2.as_str()), (name, by, account));
}

#[tokio::test(flavor = "multi_thread")]
async fn v16_3_1_every_sign_in_that_is_tried_is_logged_once_with_its_factors() {
    let app = App::start().await;
    let (mut watch, mut admin) = Watch::begins(&app).await;
    let id = app.store.staff().await.unwrap()[0].id.clone();
    is(&watch.one(), "sign_in.succeeded", "link", &id);
    let email = "admin@clinic.example";
    Staff::signs_in(&app, email, "wrong").await;
    is(&watch.one(), "sign_in.wrong_password", "", &id);
    Staff::signs_in(&app, "nobody.canary@clinic.example", PASSWORD).await;
    is(&watch.one(), "sign_in.unknown_name", "", "");
    Staff::signs_in(&app, email, PASSWORD).await;
    is(&watch.one(), "sign_in.succeeded", "password", &id);

    let (phone, recovery) = admin.sets_up_codes().await;
    assert_eq!(watch.events(), [""; 0], "setting it up is in the audit log");
    for (typed, event, by) in [
        ("000000".to_owned(), "sign_in.wrong_code", ""),
        (phone.shows_next(), "sign_in.succeeded", "password, code"),
        (recovery[0].clone(), "sign_in.succeeded", "password, recovery code"),
    ] {
        let mut browser = Staff::with_a_new_browser(&app);
        browser.does("/admin/login", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(watch.events(), [""; 0], "half a sign-in is none");
        browser.does("/admin/login", &[("code", &typed)]).await;
        is(&watch.one(), event, by, &id);
    }
    Staff::with_a_new_browser(&app).posts("/admin/login", &[("code", "000000")]).await;
    is(&watch.one(), "sign_in.late_code", "", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn v16_3_1_a_disabled_account_and_too_many_tries_are_told_apart() {
    let app = App::start().await;
    let (mut watch, admin) = Watch::begins(&app).await;
    admin.invites("sam@clinic.example", "staff").await;
    let sam =
        app.store.staff().await.unwrap().into_iter().find(|member| member.email.as_str().starts_with("sam")).unwrap();
    admin.posts(&format!("/admin/users/{}/disable", sam.id), &[]).await;
    watch.events();
    let answer = Staff::signs_in(&app, "sam@clinic.example", PASSWORD).await.1;
    is(&watch.one(), "sign_in.disabled", "", &sam.id);
    let unknown = Staff::signs_in(&app, "nobody@clinic.example", PASSWORD).await.1;
    assert_eq!((answer.status, answer.words().replace("sam", "nobody")), (unknown.status, unknown.words()));
    watch.events();
    for _ in 0..6 {
        Staff::signs_in(&app, "admin@clinic.example", "wrong").await;
    }
    let expected = [vec!["sign_in.wrong_password"; 5], vec!["sign_in.throttled"]].concat();
    assert_eq!(watch.events(), expected);
    Staff::uses_link(&app, "/admin/welcome/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(watch.events(), ["link.refused"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn v16_3_2_every_refused_access_is_logged_once_by_name() {
    let app = App::with(&[("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0")]).await;
    let (mut watch, admin) = Watch::begins(&app).await;
    let sam = admin.invites("sam@clinic.example", "staff").await;
    let id = app
        .store
        .staff()
        .await
        .unwrap()
        .into_iter()
        .find(|member| member.email.as_str().starts_with("sam"))
        .unwrap()
        .id;
    watch.events();

    app.get("/admin/inquiries?q=Canarywords").await;
    is(&watch.one(), "access.no_session", "", "");
    sam.opens("/admin/users").await;
    is(&watch.one(), "access.not_admin", "", &id);
    sam.opens("/admin/audit").await;
    is(&watch.one(), "access.not_admin", "", &id);
    sam.posts_with("/admin/logout", &[], &[("sec-fetch-site", "cross-site")]).await;
    is(&watch.one(), "access.cross_site", "", "");
    sam.posts_with("/admin/login", &[("email", "x")], &[("origin", "https://evil.example")]).await;
    is(&watch.one(), "access.cross_site", "", "");

    app.clock.advance(SignedDuration::from_mins(6));
    let mut sam = sam;
    sam.opens("/admin/inquiries.csv").await;
    assert_eq!(watch.events(), [""; 0], "to be asked again is no refusal");
    sam.does("/admin/confirm", &[("next", "/admin"), ("proof_password", "wrong")]).await;
    is(&watch.one(), "proof.refused", "", &id);
    sam.does("/admin/confirm", &[("next", "/admin"), ("proof_password", PASSWORD)]).await;
    is(&watch.one(), "proof.succeeded", "password", &id);
    sam.does("/admin/account", &[("current", "wrong"), ("password", "x"), ("password_again", "x")]).await;
    is(&watch.one(), "proof.refused", "", &id);
    for _ in 0..5 {
        sam.does("/admin/account", &[("current", "wrong"), ("password", "x"), ("password_again", "x")]).await;
    }
    assert_eq!(watch.events().last().unwrap(), "proof.throttled");

    let metrics = send(app.beside.metrics_bound.unwrap(), "GET", "/metrics", &[], b"").await.text();
    for line in ["backwise_security_events_total{event=\"access.not_admin\"} 2", "backwise_sign_in_failures_total 8"] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn v16_3_2_an_account_that_must_set_up_codes_first_and_goes_elsewhere_is_logged() {
    let app = App::with(&[("BACKWISE_DESK__REQUIRE_SECOND_FACTOR", "true")]).await;
    let (mut watch, mut admin) = Watch::begins(&app).await;
    let id = app.store.staff().await.unwrap()[0].id.clone();
    watch.events();
    assert_eq!(admin.opens("/admin/inquiries").await.status, 303);
    is(&watch.one(), "access.no_factor", "", &id);
    admin.sets_up_codes().await;
    assert_eq!(admin.opens("/admin/inquiries").await.status, 200);
    assert_eq!(watch.events(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn v16_3_3_every_attempt_to_go_round_a_rule_is_logged_once_by_name() {
    let mut app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "2")]).await;
    app.mail_may_wait = true;
    let (mut watch, _admin) = Watch::begins(&app).await;
    watch.events();
    let patient = Patient::opens_the_form(&app).await;
    let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];

    patient.clone().answers("token", "").sends().await;
    assert_eq!(watch.events(), ["form.no_token"]);
    patient.clone().answers("token", "1700000000000.canary.canary").sends().await;
    assert_eq!(watch.events(), ["form.foreign_token"]);
    patient.clone().sends_headers(&[("sec-fetch-site", "cross-site")]).sends().await;
    assert_eq!(watch.events(), ["form.cross_site"]);
    patient.clone().answers("blank", "canary").gets_a_receipt().await;
    assert_eq!(watch.events(), ["form.trap"]);
    patient.clone().answers("message", "an honest second").gets_a_receipt().await;
    assert_eq!(watch.events(), [""; 0], "an honest person is no event");
    patient.clone().answers("message", "a third").sends().await;
    assert_eq!(watch.events(), ["form.throttled"]);
    app.get("/receipt/canarycanarycanarycanarycanary").await;
    assert_eq!(watch.events(), ["receipt.unknown"]);
    send(app.address, "DELETE", "/contact", &[], b"").await;
    assert_eq!(watch.events(), ["request.wrong_method"]);
    send(app.address, "POST", "/contact", &form, &[b'a'; 70_000]).await;
    assert_eq!(watch.events(), ["request.too_large"]);
    send(app.address, "POST", "/contact", &[("content-type", "application/json")], b"{}").await;
    assert_eq!(watch.events(), ["request.other_type"]);
    send(app.address, "POST", "/contact", &form, b"name=%FF").await;
    assert_eq!(watch.events(), ["request.garbled"]);
    app.clock.advance(SignedDuration::from_hours(24 * 8));
    patient.clone().answers("message", "much later").sends().await;
    assert!(app.log().contains("event=\"form.old_token\""), "another day, another mark");
}

/// How often it was counted; and the log must have it then.
async fn counted(app: &App, event: &str) -> usize {
    let metrics = send(app.beside.metrics_bound.unwrap(), "GET", "/metrics", &[], b"").await.text();
    let line = format!("backwise_security_events_total{{event=\"{event}\"}} ");
    let number = metrics.lines().find_map(|said| said.strip_prefix(&line)).map_or(0, |number| number.parse().unwrap());
    let named = format!("event=\"{event}\"");
    assert!(number == 0 || app.log().contains(&named), "{event} is counted and not logged");
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn v16_3_3_what_comes_in_the_clear_or_too_slowly_is_logged_by_name() {
    let watched = ("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0");
    let plain = App::with(&[watched, ("BACKWISE_SERVER__PUBLIC_URL", "http://clinic.example")]).await;
    assert_eq!(plain.get("/").await.status, 200);
    assert_eq!(counted(&plain, "sign_in.unencrypted").await, 0, "to read in the clear is no event");
    assert_eq!(plain.get("/admin/login").await.status, 403);
    assert_eq!(counted(&plain, "sign_in.unencrypted").await, 1);

    let papers = Papers::new();
    let (cert, key) = (papers.cert().display().to_string(), papers.key().display().to_string());
    let tls = [("BACKWISE_SERVER__TLS_CERT", cert.as_str()), ("BACKWISE_SERVER__TLS_KEY", key.as_str())];
    let beside = App::with(&[watched, tls[0], tls[1], ("BACKWISE_SERVER__REDIRECT_BIND", "127.0.0.1:0")]).await;
    let clear = beside.beside.redirect_bound.unwrap();
    assert_eq!(send(clear, "GET", "/contact", &[], b"").await.status, 308);
    assert_eq!(counted(&beside, "request.unencrypted").await, 0, "to be sent on is no event");
    let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    assert_eq!(send(clear, "POST", "/contact", &form, b"message=words").await.status, 403);
    assert_eq!(counted(&beside, "request.unencrypted").await, 1);

    let hasty = Patience { body: Duration::from_millis(1), ..patience() };
    let hasty = App::that_waits(hasty, &[watched]).await;
    let head = "POST /contact HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 9\r\n\r\n";
    assert_eq!(read(&exchange(hasty.address, head.as_bytes(), b"").await).status, 408);
    assert_eq!(counted(&hasty, "request.too_slow").await, 1);
}

/// Two passwords are checked at once and twenty wait; a crowd of more from as many places is told to come back.
#[tokio::test(flavor = "multi_thread")]
async fn v16_3_1_who_is_sent_away_because_too_many_sign_in_is_logged_by_name() {
    let settings =
        [("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0"), ("BACKWISE_SERVER__TRUSTED_PROXIES", "127.0.0.1")];
    let app = App::with(&settings).await;
    let tries = (1..=120).map(async |place: u32| {
        let (client, email) = (format!("192.0.2.{place}"), format!("nobody{place}@example.org"));
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
            ("x-forwarded-for", client.as_str()),
        ];
        let body = encode(&[("email".to_owned(), email), ("password".to_owned(), "wrong wrong wrong".to_owned())]);
        send(app.address, "POST", "/admin/login", &headers, body.as_bytes()).await
    });
    let answers = join_all(tries).await;
    let of = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert!(of(401) >= 22 && of(503) > 0 && of(401) + of(503) == 120, "{} refused, {} sent away", of(401), of(503));
    assert_eq!(counted(&app, "sign_in.busy").await, of(503));
    assert_eq!(counted(&app, "sign_in.unknown_name").await, of(401));
    let sent_away = answers.iter().find(|answer| answer.status == 503).unwrap();
    assert!(sent_away.words().contains("Too many people sign in just now. Try again in a minute."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_refused_requests_is_counted_and_does_not_fill_the_log() {
    let app = App::with(&[("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0")]).await;
    let (mut watch, _admin) = Watch::begins(&app).await;
    watch.events();
    for _ in 0..130 {
        app.get("/admin").await;
    }
    assert_eq!(watch.events().len(), 100);
    app.clock.advance(SignedDuration::from_mins(1));
    app.get("/admin").await;
    let line = watch.lines().remove(0);
    assert!(line.contains("left_out=30"), "{line}");
    let metrics = send(app.beside.metrics_bound.unwrap(), "GET", "/metrics", &[], b"").await.text();
    assert!(metrics.contains("backwise_security_events_total{event=\"access.no_session\"} 131"), "{metrics}");
}

/// Makes the first admin through a real process and gives what it logged.
async fn a_day_of_the_program(shell: &Shell, format: &str) -> String {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let mut serve = shell.command(&["serve"]);
    serve.env("BACKWISE_SERVER__LOG", format).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = serve.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.next().unwrap().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let path = format!("/admin/welcome/{}", lines.next().unwrap().unwrap().rsplit('/').next().unwrap());
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let body = "email=admin%40clinic.example&password=four+words+that+differ&password_again=four+words+that+differ";
    assert_eq!(send(address, "POST", &path, &headers, body.as_bytes()).await.status, 303);
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    text(&child.wait_with_output().unwrap().stderr)
}

/// Another system keeps the lines. Whoever writes a whole new log into the database, with hashes that fit and a head in the
/// data folder that fits too, does not reach them.
#[tokio::test(flavor = "multi_thread")]
async fn v16_4_3_log_lines_kept_elsewhere_prove_the_audit_log() {
    let (shell, another) = (Shell::new().await, Shell::new().await);
    for (shell, format) in [(&shell, "json"), (&another, "text")] {
        let shipped = a_day_of_the_program(shell, format).await;
        let of_entries: Vec<&str> = shipped.lines().filter(|line| line.contains("audit.entry")).collect();
        assert_eq!(of_entries.len(), 3, "{shipped}");
        assert!(of_entries.iter().all(|line| !line.contains("BW-") && !line.contains('@')), "{shipped}");
        if format == "json" {
            for line in shipped.lines() {
                let event: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(event["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
            }
        }
        std::fs::write(shell.folder.path().join("shipped.log"), &shipped).unwrap();
        assert!(shell.says(&["audit", "verify", "--log", "shipped.log"]).starts_with("unbroken: 3 entries"));
    }
    // The same deeds, and a log that is unbroken in itself, but not the one that was shipped.
    let (theirs, ours) = (another.folder.path().join("shipped.log"), shell.folder.path().join("shipped.log"));
    assert!(shell.says(&["audit", "verify"]).starts_with("unbroken"));
    for (log, exit, words) in [(&theirs, 1, "was rewritten"), (&ours, 0, "")] {
        let verified = shell.run(&["audit", "verify", "--log", &log.display().to_string()]);
        assert_eq!(code(&verified), exit, "{}", text(&verified.stderr));
        assert!(text(&verified.stderr).contains(words));
    }
    std::fs::write(&ours, "nothing of the kind\n").unwrap();
    assert_eq!(code(&shell.run(&["audit", "verify", "--log", "shipped.log"])), 1, "no proof is no proof");
}

/// In docs/OPERATING.md, and above: an event that no test has seen happen may never happen.
#[test]
fn every_event_is_listed_with_its_name_and_seen_by_a_test() {
    let told = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATING.md")).unwrap();
    let table = told.split("## What the log tells of").nth(1).unwrap().split("\n## ").next().unwrap();
    let cells = table.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('`').nth(1));
    let listed: Vec<&str> = cells.filter(|name| *name != "audit.entry").collect();
    assert_eq!(listed, backwise::web::event_names().collect::<Vec<_>>());
    let tests = include_str!("events.rs");
    // At the end of a string, or of one inside another.
    let is_seen = |name: &&str| ["\"", "\\\""].iter().any(|end| tests.contains(&format!("{name}{end}")));
    let unseen: Vec<&str> = listed.into_iter().filter(|name| !is_seen(name)).collect();
    assert_eq!(unseen, [""; 0]);
}
