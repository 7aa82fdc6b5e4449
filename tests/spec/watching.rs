//! What the one who keeps the server sees from outside: numbers that tell of trouble within a minute, and of nobody.

use jiff::SignedDuration;

use crate::app::App;
use crate::encryption::Papers;
use crate::http::{Answer, send};
use crate::mail_server::Mood;
use crate::people::{PASSWORD, Patient, Staff, somebody_asks};

async fn watched() -> App {
    App::with(&[("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0")]).await
}

async fn asks(app: &App, path: &str) -> Answer {
    send(app.beside.metrics_bound.unwrap(), "GET", path, &[], b"").await
}

/// The number on the line that begins like this; None without such a line.
async fn number(app: &App, line: &str) -> Option<f64> {
    let answer = asks(app, "/metrics").await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    let found = text.lines().find_map(|each| each.strip_prefix(&format!("backwise_{line} ")).map(str::to_owned));
    found.map(|number| number.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_served_only_where_they_were_asked_for() {
    let app = App::start().await;
    assert!(app.beside.metrics_bound.is_none());
    assert_eq!(app.get("/metrics").await.status, 404);
    let app = watched().await;
    assert_eq!(app.get("/metrics").await.status, 404);
    let answer = asks(&app, "/metrics").await;
    assert_eq!(answer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.text().ends_with("# EOF\n"));
    for path in ["/", "/admin", "/metrics/", "/healthz"] {
        assert_eq!(asks(&app, path).await.status, 404, "{path}");
    }
    let refused = send(app.beside.metrics_bound.unwrap(), "POST", "/metrics", &[], b"x").await;
    assert_eq!((refused.status, refused.header("allow")), (405, Some("GET")));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_route_and_name_nobody() {
    let app = watched().await;
    let patient = Patient::opens_the_form(&app).await;
    let receipt = patient.gets_a_receipt().await;
    for path in [receipt.as_str(), "/techniques/swedish", "/techniques/swedish", "/nowhere/Namecanary", "/contact/"] {
        app.get(path).await;
    }
    for number in 0..20 {
        send(app.address, &format!("VERB{number}"), &format!("/x{number}"), &[], b"").await;
    }
    for (line, count) in [
        ("http_requests_total{route=\"/techniques/swedish\",method=\"GET\",status=\"200\"}", 2.0),
        ("http_requests_total{route=\"/contact\",method=\"POST\",status=\"303\"}", 1.0),
        ("http_requests_total{route=\"/receipt/{key}\",method=\"GET\",status=\"200\"}", 1.0),
        ("http_requests_total{route=\"none\",method=\"GET\",status=\"404\"}", 1.0),
        ("http_requests_total{route=\"none\",method=\"other\",status=\"404\"}", 20.0),
        ("http_request_duration_seconds_count{route=\"/techniques/swedish\"}", 2.0),
    ] {
        assert_eq!(number(&app, line).await, Some(count), "{line}");
    }
    let text = asks(&app, "/metrics").await.text();
    for word in ["canary", "Canary", "Namecanary", "example.org", "127.0.0.1", receipt.rsplit('/').next().unwrap()] {
        assert!(!text.contains(word), "{word}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_in_trouble_shows_at_the_first_attempt_and_a_refusal_stays_red() {
    let mut app = watched().await;
    app.mail_may_wait = true;
    app.mail_server.is(Mood::Busy);
    somebody_asks(&app, "words").await;
    app.deliver().await;
    assert_eq!(number(&app, "mails{state=\"queued\"}").await, Some(2.0));
    assert_eq!(number(&app, "mails_delayed").await, Some(2.0));
    app.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(number(&app, "mails_oldest_queued_seconds").await, Some(30.0));

    app.mail_server.is(Mood::Refusing("@".to_owned()));
    app.clock.advance(SignedDuration::from_mins(2));
    app.deliver().await;
    assert_eq!(number(&app, "mails{state=\"failed\"}").await, Some(2.0));
    assert_eq!(number(&app, "mails_delayed").await, Some(0.0));
    assert_eq!(number(&app, "mails_oldest_queued_seconds").await, Some(0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn inquiries_that_wait_too_long_are_counted() {
    let app = watched().await;
    somebody_asks(&app, "words").await;
    Patient::opens_the_form(&app).await.answers("blank", "x").gets_a_receipt().await;
    app.deliver().await;
    for (line, count) in [
        ("inquiries{state=\"new\"}", 1.0),
        ("inquiries{state=\"spam\"}", 1.0),
        ("inquiries_unopened", 1.0),
        ("inquiries_overdue", 0.0),
    ] {
        assert_eq!(number(&app, line).await, Some(count), "{line}");
    }
    app.clock.advance(SignedDuration::from_hours(24 * 7));
    assert_eq!(number(&app, "inquiries_overdue").await, Some(1.0), "spam was promised nothing");
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    staff.opens(&inquiry).await;
    assert_eq!(number(&app, "inquiries_unopened").await, Some(0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_sign_ins_are_counted() {
    let app = watched().await;
    Staff::becomes_the_first_admin(&app).await;
    assert_eq!(number(&app, "sign_in_failures_total").await, Some(0.0));
    Staff::signs_in(&app, "admin@clinic.example", "wrong").await;
    Staff::signs_in(&app, "nobody@clinic.example", "wrong").await;
    Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
    assert_eq!(number(&app, "sign_in_failures_total").await, Some(2.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_leaves_no_old_numbers_behind() {
    let mut app = watched().await;
    app.mail_may_wait = true;
    somebody_asks(&app, "words").await;
    assert_eq!(number(&app, "database_up").await, Some(1.0));
    app.store.close().await;
    assert_eq!(number(&app, "database_up").await, Some(0.0));
    assert_eq!(number(&app, "inquiries{state=\"new\"}").await, None);
    assert_eq!(number(&app, "mails_delayed").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_is_watched_too() {
    let papers = Papers::new();
    let (cert, key) = (papers.cert().display().to_string(), papers.key().display().to_string());
    let app = App::with(&[
        ("BACKWISE_SERVER__TLS_CERT", &cert),
        ("BACKWISE_SERVER__TLS_KEY", &key),
        ("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0"),
    ])
    .await;
    let until = "tls_certificate_expires_timestamp_seconds";
    assert_eq!(number(&app, until).await, Some(2_208_988_800.0));
    papers.renew(2041);
    app.beside.certificate.as_ref().unwrap().read_again();
    assert_eq!(number(&app, until).await, Some(2_240_611_200.0));
    assert!(number(&app, "data_dir_free_bytes").await > Some(1_000_000.0));
    assert!(number(&app, "resident_memory_bytes").await > Some(1_000_000.0));
    let version = format!("build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(number(&app, &version).await, Some(1.0));
}

/// What a machine reads must not be forged by what somebody wrote: one event is one line, in UTC.
#[test]
fn log_lines_are_json_when_asked_for_and_one_line_whatever_is_in_them() {
    let (folder, taken) = (tempfile::tempdir().unwrap(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let mut serve = std::process::Command::new(env!("CARGO_BIN_EXE_backwise"));
    serve.current_dir(folder.path()).env_clear().env("BACKWISE_SERVER__BIND", taken.local_addr().unwrap().to_string());
    serve.env("BACKWISE_SERVER__LOG", "json").env("RUST_LOG", "debug");
    let said = String::from_utf8(serve.output().unwrap().stderr).unwrap();
    let mut events = 0;
    for line in said.lines().filter(|line| !line.starts_with("backwise: ")) {
        let event: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|cause| panic!("{cause}: {line}"));
        assert!(event["timestamp"].as_str().unwrap().ends_with('Z') && event["level"].is_string(), "{line}");
        events += 1;
    }
    assert!(events >= 2, "{said}");
    let forged = "a\n{\"level\":\"INFO\"}";
    serve.env("BACKWISE_CLINIC__NAME", forged).env("BACKWISE_DATA_DIR", forged);
    let refused = serve.output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "settings hold no line breaks");
    assert_eq!(String::from_utf8(refused.stderr).unwrap().lines().count(), 2);
}
