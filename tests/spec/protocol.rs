//! Raw HTTP: where a request begins and ends is never guessed, what is too much is refused, and who dawdles is let go.
//! A proxy in front and this server must count the same requests, or one visitor's words become part of another's.

use std::time::{Duration, Instant};

use backwise::patience::Patience;

use crate::app::App;
use crate::encryption::encrypted;
use crate::headers::check;
use crate::http::{encode, exchange, read, send};
use crate::people::somebody_asks;

/// A request that somebody tries to hide in the body of another; the connection ends after it.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
const FORM: &str = "host: x\r\ncontent-type: application/x-www-form-urlencoded\r\n";

/// The status of each answer on the connection, in order.
async fn statuses(app: &App, bytes: &[u8]) -> Vec<u16> {
    let answer = exchange(app.address, bytes, b"").await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.split("HTTP/1.1 ").skip(1).map(|rest| rest[..3].parse().unwrap()).collect()
}

async fn post(app: &App, framing: &str, body: &str) -> Vec<u16> {
    statuses(app, format!("POST /contact HTTP/1.1\r\n{FORM}{framing}\r\n\r\n{body}{HIDDEN}").as_bytes()).await
}

/// v5.0.0-4.2.1: one 400, and the connection ends: nothing after it is taken for a request.
#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_4_2_1_an_unclear_length_is_refused_and_hides_no_request() {
    let app = App::start().await;
    let ends = "0\r\n\r\n";
    let rows = [
        ("content-length: 4\r\ntransfer-encoding: chunked", ends),
        ("transfer-encoding: chunked\r\ncontent-length: 40", ends),
        ("content-length: 3\r\ncontent-length: 3", "a=b"),
        ("content-length: 3\r\ncontent-length: 40", "a=b"),
        ("content-length: 3, 3", "a=b"),
        ("content-length: 3, 40", "a=b"),
        ("content-length: +3", "a=b"),
        ("content-length: -1", "a=b"),
        ("content-length: 0x3", "a=b"),
        ("content-length: 3 3", "a=b"),
        ("content-length: 3.0", "a=b"),
        ("content-length: ", "a=b"),
        ("content-length: 99999999999999999999999999", "a=b"),
        ("content-length : 3", "a=b"),
        ("content-length:\r\n 3", "a=b"),
        ("transfer-encoding: xchunked", ends),
        ("transfer-encoding: identity", ends),
        ("transfer-encoding: chunked, identity", ends),
        ("transfer-encoding: gzip, chunked", ends),
        ("transfer-encoding: chunked, chunked", ends),
        ("transfer-encoding: chunked\r\ntransfer-encoding: chunked", ends),
        ("transfer-encoding: chunked\r\ntransfer-encoding: identity", ends),
        ("transfer-encoding: \u{b}chunked", ends),
        ("transfer-encoding : chunked", ends),
        ("transfer-encoding:\r\n chunked", ends),
        ("x: y\r\n folded: z", ""),
        (" content-length: 3", "a=b"),
        ("x: a\rtransfer-encoding: chunked", ends),
        ("x: a\0b", ""),
        ("x\0: a", ""),
        ("x y: z", ""),
        (": z", ""),
        ("host: y", ""),
    ];
    for (framing, body) in rows {
        assert_eq!(post(&app, framing, body).await, [400], "{framing:?}");
    }
    let old = format!("POST /contact HTTP/1.0\r\n{FORM}transfer-encoding: chunked\r\n\r\n{ends}{HIDDEN}");
    assert_eq!(statuses(&app, old.as_bytes()).await, [400]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_chunk_ends_the_connection() {
    let app = App::start().await;
    for body in [
        "FFFFFFFFFFFFFFFFF\r\na",
        "-1\r\na\r\n0\r\n\r\n",
        "0x3\r\na=b\r\n0\r\n\r\n",
        "3\na=b\n0\n\n",
        "3;\na=b\r\n0\r\n\r\n",
        "3\r\na=bXX0\r\n\r\n",
        "g\r\na=b\r\n0\r\n\r\n",
        " 3\r\na=b\r\n0\r\n\r\n",
    ] {
        assert_eq!(post(&app, "transfer-encoding: chunked", body).await, [400], "{body:?}");
    }
}

/// What is well formed is counted as it is written, so that the two sides of a proxy agree.
#[tokio::test(flavor = "multi_thread")]
async fn clear_requests_on_one_connection_are_answered_in_their_order() {
    let app = App::start().await;
    let whole = "3\r\na=b\r\n0\r\n\r\n";
    for (framing, body) in [
        ("content-length: 3", "a=b"),
        ("content-length: 003", "a=b"),
        ("transfer-encoding: chunked", whole),
        ("transfer-encoding:\tCHUNKED", whole),
        ("transfer-encoding: chunked", "3;x=y\r\na=b\r\n0\r\ntrailer: t\r\n\r\n"),
    ] {
        assert_eq!(post(&app, framing, body).await, [422, 404], "{framing:?} {body:?}");
    }
    let get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    assert_eq!(statuses(&app, format!("{get}{get}{HIDDEN}").as_bytes()).await, [200, 200, 404]);
    // The body of a GET is no further request.
    let length = HIDDEN.len();
    let with_body = format!("GET / HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{HIDDEN}");
    assert_eq!(statuses(&app, with_body.as_bytes()).await, [200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_1_1_is_refused_with_every_header() {
    let app = App::start().await;
    let rows: [&[u8]; 14] = [
        b"GET /\r\n\r\n",
        b"GET / HTTP/2.0\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.2\r\nhost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n host: x\r\n\r\n",
        b"GET\t/\tHTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET  /  HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\rhost: x\r\r",
        b"GET /\xc3\xa4 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1",
        b"\0\x01\x02\x03\r\n\r\n",
        b"G@T / HTTP/1.1\r\nhost: x\r\n\r\n",
    ];
    for bytes in rows {
        let answer = exchange(app.address, bytes, b"").await;
        let shown = String::from_utf8_lossy(bytes).into_owned();
        is_refused(400, &answer, &shown, false);
    }
}

/// The protocol layer answers before any code of ours, and yet with every header that an answer has, a sentence that says
/// what to do, and the end of the connection: the bytes are all that came until then.
fn is_refused(status: u16, bytes: &[u8], what: &str, secure: bool) {
    let answer = read(bytes);
    assert_eq!(answer.status, status, "{what:?}");
    check(&answer, "GET", "/", secure);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"), "{what:?}");
    assert_eq!(answer.header("connection"), Some("close"), "{what:?}");
    assert!(answer.header("date").is_some_and(|date| date.ends_with(" GMT")), "{what:?}");
    let words = answer.text();
    assert_eq!(answer.header("content-length"), Some(words.len().to_string().as_str()), "{what:?}");
    assert!(words.ends_with(" try again.\n") && !words.contains("HTTP"), "{what:?}: {words}");
}

/// The listener for HTTPS, that for plain HTTP beside it, and that for the numbers.
#[tokio::test(flavor = "multi_thread")]
async fn every_listener_refuses_with_every_header() {
    let (_papers, app) = encrypted().await;
    let watched = App::with(&[("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0")]).await;
    let (plain, numbers) = (app.beside.redirect_bound.unwrap(), watched.beside.metrics_bound.unwrap());
    let many: String = (0..200).map(|n| format!("x{n}: a\r\n")).collect();
    let rows = [(400, "GET /\r\n\r\n".to_owned()), (431, format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"))];
    for (listener, secure) in [(app.address, true), (plain, false), (numbers, false)] {
        for (status, bytes) in &rows {
            is_refused(*status, &exchange(listener, bytes.as_bytes(), b"").await, &listener.to_string(), secure);
        }
    }
}

/// Where another answer of ours goes before it, however long, nothing of that is touched.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_behind_an_answer_leaves_that_as_it_is() {
    let app = App::start().await;
    for path in ["/", "/contact", "/healthz", "/contact/", "/unknown"] {
        let get = format!("GET {path} HTTP/1.1\r\nhost: x\r\n");
        let alone = exchange(app.address, format!("{get}connection: close\r\n\r\n").as_bytes(), b"").await;
        let (alone, lines) = (read(&alone), b"GET  / HTTP/1.1\r\nhost: x\r\n\r\n");
        let both = exchange(app.address, format!("{get}\r\n").as_bytes(), lines).await;
        let at = both.windows(12).rposition(|part| part == b"HTTP/1.1 400").unwrap();
        is_refused(400, &both[at..], path, false);
        let first = read(&both[..at]);
        assert_eq!((first.status, first.body.len()), (alone.status, alone.body.len()), "{path}");
        let length = first.header("content-length").map(str::to_owned);
        assert_eq!(length, Some(first.body.len().to_string()), "{path}");
    }
}

/// An answer is known as a refusal by what ends it, and a page with somebody's words in it never ends with them.
#[tokio::test(flavor = "multi_thread")]
async fn words_that_look_like_a_refusal_stay_words() {
    let app = App::start().await;
    let words = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: Thu, 26 Nov 2026 03:00:00 GMT\r\n\r\n";
    let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let body = encode(&[("message".to_owned(), words.to_owned())]);
    let answer = send(app.address, "POST", "/contact", &form, body.as_bytes()).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.value_of("message"), words);
    check(&answer, "POST", "/contact", false);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_protocol_is_switched_to_and_nothing_is_tunnelled() {
    let app = App::start().await;
    for (upgrade, more) in [
        ("websocket", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"),
        ("h2c", "http2-settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"),
        ("TLS/1.2", ""),
    ] {
        let head =
            format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: {upgrade}\r\n{more}\r\n");
        assert_eq!(statuses(&app, head.as_bytes()).await, [200], "{upgrade}");
    }
    let tunnel = b"CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\nconnection: close\r\n\r\n";
    assert_eq!(statuses(&app, tunnel).await, [404]);
}

/// The address of a request may be whole, and its host may be anything: neither changes a link, a redirect or a check.
#[tokio::test(flavor = "multi_thread")]
async fn no_host_that_a_visitor_names_comes_back() {
    let app = App::start().await;
    let host = "evil.example";
    for (path, headers) in [
        ("/", "host: evil.example"),
        ("/contact/", "host: evil.example"),
        ("http://evil.example/", "host: x"),
        ("/sitemap.xml", "host: evil.example\r\nx-forwarded-host: evil.example\r\nforwarded: host=evil.example"),
        ("/.well-known/security.txt", "host: evil.example\r\nx-forwarded-proto: https"),
        ("/admin/inquiries", "host: evil.example"),
        ("//evil.example/", "host: x"),
        ("/unknown", "host: evil.example"),
    ] {
        let head = format!("GET {path} HTTP/1.1\r\n{headers}\r\nconnection: close\r\n\r\n");
        let answer = String::from_utf8_lossy(&exchange(app.address, head.as_bytes(), b"").await).into_owned();
        assert!(answer.starts_with("HTTP/1.1") && !answer.contains(host), "{path} {headers}: {answer}");
    }
    let origin = format!("http://{host}");
    let headers = [("host", host), ("origin", origin.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let head: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let post = format!("POST /admin/logout HTTP/1.1\r\n{head}content-length: 0\r\nconnection: close\r\n\r\n");
    assert_eq!(statuses(&app, post.as_bytes()).await, [403], "its own host is no proof of where it comes from");
}

#[tokio::test(flavor = "multi_thread")]
async fn giant_heads_are_refused_and_large_ones_are_read() {
    let app = App::start().await;
    let with = |headers: String| format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    assert_eq!(statuses(&app, with(format!("x: {}\r\n", "a".repeat(30_000))).as_bytes()).await, [200]);
    let many = |number: usize| (0..number).map(|n| format!("x{n}: a\r\n")).collect::<String>();
    assert_eq!(statuses(&app, with(many(80)).as_bytes()).await, [200]);
    let refused = exchange(app.address, with(many(200)).as_bytes(), b"").await;
    is_refused(431, &refused, "too many headers", false);
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "a".repeat(9_000));
    assert_eq!(statuses(&app, long.as_bytes()).await, [404]);
    let longer = format!("GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "a".repeat(70_000));
    assert_eq!(statuses(&app, longer.as_bytes()).await, [400]);
    // The refusal may get lost when the rest of the head is still on its way; the connection ends all the same.
    let giant = statuses(&app, with(format!("x: {}\r\n", "a".repeat(2_000_000))).as_bytes()).await;
    assert!(giant == [431] || giant.is_empty(), "{giant:?}");
    assert_eq!(app.get("/").await.status, 200);
}

/// v5.0.0-1.1.1: an address is decoded once, strictly, and leads nowhere but to the pages there are.
#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_1_1_1_odd_addresses_are_unknown_pages_and_never_faults() {
    let app = App::start().await;
    for path in [
        "/%zz",
        "/%",
        "/%00",
        "/%ff%fe",
        "/%c0%ae%c0%ae/",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/../../etc/passwd",
        "/techniques/../../secret.key",
        "/techniques/%2e%2e%2fsecret.key",
        "/techniques%2Fswedish",
        "/techniques/swedish%00.html",
        "/techniques/swedish;x=y",
        "/techniques/swedish.css",
        "/%25%36%31dmin",
        "/static/",
        "/static/..%5c..%5csecret.key",
        "/.git/config",
        "/.env",
        "/backwise.toml",
        "/data/secret.key",
        "/admin%2flogin",
        "/receipt/%0d%0aset-cookie:%20a=b",
    ] {
        let answer = send(app.address, "GET", path, &[], b"").await;
        assert!([404, 303, 308].contains(&answer.status), "{path}: {}", answer.status);
        assert!(answer.header("set-cookie").is_none(), "{path}");
        assert!(answer.status == 404 || !answer.location().contains(['\r', '\n']), "{path}");
    }
}

/// Half a head is waited for only so long; the clock of the wire is real, so this test lasts five seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_is_waited_for_five_seconds() {
    let app = App::that_waits(Patience::default(), &[]).await;
    let since = Instant::now();
    for part in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\nx: "] {
        let asked = since.elapsed();
        let answer = exchange(app.address, part.as_bytes(), b"").await;
        let waited = since.elapsed() - asked;
        // How much longer says nothing: the whole machine may stand still meanwhile. That it ends is what counts.
        assert!(waited >= Duration::from_secs(4), "{part:?}: {waited:?}");
        if !answer.is_empty() {
            is_refused(408, &answer, part, false);
        }
    }
}

/// v5.0.0-5.2.1: there is nothing to upload to: no field takes a file, and a body of parts is not even taken apart.
#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_5_2_1_other_kinds_of_bodies_are_refused_unread() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    let part = "--b\r\ncontent-disposition: form-data; name=\"message\"; filename=\"x.php\"\r\n\r\n<?php\r\n--b--\r\n";
    let rows = [
        ("multipart/form-data; boundary=b", part),
        ("application/json", "{\"message\":\"x\",\"__proto__\":{\"role\":\"admin\"}}"),
        ("application/xml", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
        ("text/xml", "<a/>"),
        ("application/graphql", "{ __schema { types { name } } }"),
        ("application/octet-stream", "\u{1}\u{2}"),
        ("application/x-java-serialized-object", "rO0ABXNy"),
        ("application/x-yaml", "!!python/object/apply:os.system ['id']"),
        ("text/plain", "message=x"),
        ("", "message=x"),
    ];
    for path in ["/contact", "/suitability", "/admin/login", &format!("{receipt}/phone")] {
        for (kind, body) in rows {
            let headers = [("content-type", kind), ("sec-fetch-site", "same-origin")];
            let answer = send(app.address, "POST", path, &headers, body.as_bytes()).await;
            assert_eq!(answer.status, 415, "{path} {kind}");
        }
    }
    app.deliver().await;
}
