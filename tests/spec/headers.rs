//! The headers of every answer, compared as strings: every route of the program's own list, every method, signed in or not,
//! over plain HTTP and over TLS. A header that no row allows fails the test, so nothing new leaves unnoticed.

use crate::app::App;
use crate::encryption::encrypted;
use crate::http::{Answer, between, send};
use crate::people::{Staff, somebody_asks};

const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";
const HSTS: &str = "max-age=63072000; includeSubDomains";
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
/// What may stand in an answer beside what is compared: it says how to read this one answer.
const FREE: [&str; 11] = [
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "date",
    "location",
    "allow",
    "etag",
    "vary",
    "retry-after",
];

/// The patterns of `src/web/routes.rs`, so that a new route is tested without being told here.
pub fn patterns() -> Vec<String> {
    let text = include_str!("../../src/web/routes.rs");
    let constant = |name: &str| between(text, &format!("const {name}: &str = \""), "\"").unwrap();
    let mut patterns = Vec::new();
    let mut prefix = "";
    for line in text.lines().map(str::trim) {
        if line.starts_with("web::scope(\"/admin\")") {
            prefix = "/admin";
        }
        let Some(rest) = ["service(view(", "service(form(", "service(action("]
            .iter()
            .find_map(|start| line.split_once(start).map(|(_, rest)| rest))
        else {
            continue;
        };
        let first = rest.split(',').next().unwrap();
        let path =
            first.strip_prefix('"').map_or_else(|| constant(first), |quoted| quoted.trim_end_matches('"').to_owned());
        patterns.push(format!("{prefix}{path}"));
    }
    assert!(patterns.len() > 20 && patterns.contains(&"/admin/inquiries/{reference}".to_owned()), "{patterns:?}");
    patterns
}

/// A clinic with one inquiry, and the address of everything it has.
struct Place {
    app: App,
    paths: Vec<String>,
}

async fn place(app: App) -> Place {
    let receipt = somebody_asks(&app, "words").await;
    let key = receipt.rsplit('/').next().unwrap().to_owned();
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let reference = staff.inbox("").await.remove(0).rsplit('/').next().unwrap().to_owned();
    let unknown = app.get("/unknown").await.text();
    let stylesheet = between(&unknown, "rel=\"stylesheet\" href=\"", "\"").unwrap();
    let filled = |pattern: &String| {
        let path = pattern.replace("{reference}", &reference).replace("{key}", &key);
        match path.split_once('{') {
            Some((before, _)) => format!("{before}absent{}", path.rsplit_once('}').unwrap().1),
            None => path,
        }
    };
    let mut paths: Vec<String> = patterns().iter().map(filled).collect();
    let more = "/ /techniques /techniques/swedish /privacy /accessibility /robots.txt /sitemap.xml /favicon.svg /favicon.ico \
         /.well-known/security.txt /unknown /contact/ /admin/ /admin/unknown /admin/x.css /%61dmin/login /receipt/absent \
         /admin/inquiries/BW-2222-2222 /admin/inquiries?status=x&after=y /contact?technique=swedish";
    paths.extend(more.split_whitespace().map(str::to_owned));
    paths.push(stylesheet);
    // Signing out and giving a message up end what the others need.
    paths.sort_by_key(|path| (path.contains("logout"), path.contains("withdraw")));
    Place { app, paths }
}

/// The name under which a browser keeps a table.
fn file_of(path: &str) -> String {
    let name = match path.split('/').collect::<Vec<_>>()[..] {
        ["", "admin", "audit", reference, "readers.csv"] => format!("who-has-read-{reference}"),
        ["", "admin", "insights.csv"] => "received-days-2026-11-20".to_owned(),
        _ => "inquiries-2026-11-20".to_owned(),
    };
    format!("attachment; filename=\"{name}.csv\"")
}

/// Compares every header of the answer with what its kind must have.
pub fn check(answer: &Answer, method: &str, path: &str, secure: bool) {
    let what = format!("{method} {path} {}", answer.status);
    let is = |name: &str, value: Option<&str>| assert_eq!(answer.header(name), value, "{what}: {name}");
    let is_html = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let on_pages = |value: &'static str| is_html.then_some(value);
    let decoded = path.replace("%61", "a");
    let (is_desk, is_receipt) = (decoded.starts_with("/admin"), decoded.starts_with("/receipt"));

    let policy = answer.header("content-security-policy").unwrap_or_default();
    let hash = between(policy, " 'sha256-", "'").map(|hash| format!(" 'sha256-{hash}'")).unwrap_or_default();
    assert_eq!(policy.replace(&hash, ""), CSP, "{what}");
    assert!(hash.is_empty() || answer.status == 200 && !is_desk && !is_receipt, "{what}: {policy}");
    is("x-content-type-options", Some("nosniff"));
    is("referrer-policy", Some("same-origin"));
    is("cross-origin-resource-policy", Some("same-origin"));
    is("strict-transport-security", secure.then_some(HSTS));
    is("cross-origin-opener-policy", on_pages("same-origin"));
    is("x-frame-options", on_pages("DENY"));
    is("permissions-policy", on_pages("camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
    is("x-robots-tag", (is_desk || is_receipt).then_some("noindex, nofollow"));

    let is_read = answer.status == 200 && ["GET", "HEAD"].contains(&method);
    let is_public =
        !is_desk && !is_receipt && !["/contact", "/healthz", "/readyz"].iter().any(|own| path.starts_with(own));
    let cache = match (is_read && is_public, path.starts_with("/static/")) {
        (true, true) => "public, max-age=31536000, immutable",
        (true, false) => "public, max-age=300",
        (false, _) => "no-store",
    };
    is("cache-control", Some(cache));
    assert_eq!(answer.header("etag").is_some(), cache != "no-store", "{what}: etag");

    let is_csv = is_read && answer.header("content-type").is_some_and(|kind| kind.starts_with("text/csv"));
    is("content-disposition", is_csv.then(|| file_of(path)).as_deref());
    let is_goodbye = path == "/admin/logout" && answer.header("location") == Some("/admin/login");
    is("clear-site-data", is_goodbye.then_some("\"cache\", \"cookies\", \"storage\""));
    check_kind(answer, &what);

    let compared = [
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-resource-policy",
        "strict-transport-security",
        "cross-origin-opener-policy",
        "x-frame-options",
        "permissions-policy",
        "x-robots-tag",
        "cache-control",
        "content-disposition",
        "clear-site-data",
    ];
    for (name, value) in &answer.headers {
        match name.as_str() {
            "set-cookie" => {
                assert!(is_desk, "{what} sets a cookie: {value}");
                check_cookie(value, secure, &what);
            }
            // A form that was refused sends browsers on to its page.
            "refresh" => {
                let is_refused = is_desk && [409, 422].contains(&answer.status);
                assert!(is_refused && value.starts_with("0; url=/admin/refused/"), "{what}: {value}");
            }
            name => assert!(compared.contains(&name) || FREE.contains(&name), "{what}: {name}: {value}"),
        }
        let once = answer.headers.iter().filter(|(other, _)| other == name).count() == 1;
        assert!(once || name == "set-cookie", "{what}: {name} twice");
    }
}

/// A body says what it is, and text says how its letters are written.
fn check_kind(answer: &Answer, what: &str) {
    let kind = answer.header("content-type").unwrap_or_default();
    assert!(answer.body.is_empty() || !kind.is_empty(), "{what}: a body of no kind");
    assert!(!kind.starts_with("text/") || kind.ends_with("; charset=utf-8"), "{what}: {kind}");
}

/// The name and the attributes as strings; the value is 43 characters of base64url, or empty when the cookie is taken back.
fn check_cookie(cookie: &str, secure: bool, what: &str) {
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    let base64 = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    assert!(base64 && [0, 43].contains(&value.len()), "{what}: {cookie}");
    assert_eq!(name.starts_with("__Host-"), secure, "{what}: {cookie}");
    let mut parts: Vec<&str> = attributes.split("; ").filter(|part| !part.starts_with("Max-Age=")).collect();
    parts.retain(|part| !part.starts_with("Expires="));
    parts.sort_unstable();
    let mut expected = vec!["HttpOnly", "Path=/", "SameSite=Lax"];
    expected.extend(secure.then_some("Secure"));
    assert_eq!(parts, expected, "{what}: {cookie}");
}

async fn every_answer_of(place: &Place, secure: bool, methods: &[&str]) -> usize {
    let (staff, _) = Staff::signs_in(&place.app, "admin@clinic.example", crate::people::PASSWORD).await;
    let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
    for cookie in ["", staff.cookie.as_str()] {
        for path in &place.paths {
            for method in methods.iter().copied() {
                for site in ["same-origin", "cross-site"] {
                    if site == "cross-site" && method != "POST" {
                        continue;
                    }
                    let headers = [
                        ("cookie", cookie),
                        ("accept-encoding", "br"),
                        ("sec-fetch-site", site),
                        ("origin", "https://evil.example"),
                        ("access-control-request-method", "POST"),
                        ("content-type", "application/x-www-form-urlencoded"),
                    ];
                    let answer = send(place.app.address, method, path, &headers, b"").await;
                    check(&answer, method, path, secure);
                    assert!(method != "HEAD" || answer.body.is_empty(), "HEAD {path}");
                    *statuses.entry(answer.status).or_default() += 1;
                }
            }
        }
    }
    for status in [200, 303, 308, 403, 404, 405, 422] {
        assert!(statuses.contains_key(&status), "no answer was a {status}: {statuses:?}");
    }
    statuses.values().sum()
}

/// v5.0.0-3.4.1 to 3.4.6, 3.2.1, 4.1.1, 14.3.2
#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_3_4_every_answer_over_http_carries_exactly_the_headers_of_its_kind() {
    let place = place(App::start().await).await;
    let answers = every_answer_of(&place, false, &METHODS).await;
    assert!(answers > 900, "{answers}");
    place.app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_3_4_1_every_answer_over_tls_carries_them_and_hsts() {
    let (_papers, app) = encrypted().await;
    let place = place(app).await;
    every_answer_of(&place, true, &METHODS[..4]).await;
    place.app.deliver().await;
}

/// Answers that no route gives by itself: too large, of another kind, damaged, not modified, too many.
#[tokio::test(flavor = "multi_thread")]
async fn answers_to_what_goes_wrong_carry_them_too() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1")]).await;
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let here = ("sec-fetch-site", "same-origin");
    let large = vec![b'a'; 70_000];
    let other_kind = ("content-type", "application/json");
    for (path, kind, body, status) in [
        ("/contact", kind, large.as_slice(), 413),
        ("/contact", other_kind, b"{}", 415),
        ("/contact", kind, b"name=%ff", 400),
        ("/admin/login", kind, b"email=a&password=%ff", 400),
    ] {
        let answer = send(app.address, "POST", path, &[kind, here], body).await;
        assert_eq!(answer.status, status, "{path}");
        check(&answer, "POST", path, false);
    }
    somebody_asks(&app, "first").await;
    let second = crate::people::Patient::opens_the_form(&app).await.answers("message", "second").sends().await;
    assert_eq!(second.status, 429);
    check(&second, "POST", "/contact", false);
    assert!(second.header("retry-after").is_some());
    app.deliver().await;
    app.store.close().await;
    for path in ["/readyz", "/admin/welcome/absent"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 503, "{path}");
        check(&answer, "GET", path, false);
    }
}

/// v5.0.0-3.5.3: reading changes nothing but what reading is: no form, no status, no mail, no account.
#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_3_5_3_a_stranger_who_only_reads_changes_nothing() {
    let place = place(App::start().await).await;
    let now = place.app.clock.now();
    let before = format!("{:?}", place.app.store.figures(now).await.unwrap());
    for path in &place.paths {
        for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
            let mark = if path.contains('?') { '&' } else { '?' };
            let path = format!("{path}{mark}status=closed&note=x&message=y&confirm=yes&password=z");
            send(place.app.address, method, &path, &[("sec-fetch-site", "same-origin")], b"").await;
        }
    }
    assert_eq!(format!("{:?}", place.app.store.figures(now).await.unwrap()), before);
    place.app.deliver().await;
}

/// v5.0.0-3.5.1: the table of where a request may come from, over every form of the desk and of the receipt.
#[tokio::test(flavor = "multi_thread")]
async fn v5_0_0_3_5_1_no_form_takes_a_request_from_another_site() {
    let place = place(App::start().await).await;
    let url = place.app.url.clone();
    let near = format!("{url}.evil.example");
    let foreign: [&[(&str, &str)]; 12] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", &url)],
        &[("sec-fetch-site", "same-site"), ("origin", &url)],
        &[("sec-fetch-site", "")],
        &[("sec-fetch-site", "Same-Origin")],
        &[("sec-fetch-site", "same-origin, cross-site")],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "")],
        &[("origin", &near)],
        &[("origin", &url), ("origin", &url)],
    ];
    let (staff, _) = Staff::signs_in(&place.app, "admin@clinic.example", crate::people::PASSWORD).await;
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let posts =
        |path: &&String| !["/contact", "/suitability", "/healthz", "/readyz"].iter().any(|own| path.starts_with(own));
    let mut forms = 0;
    for path in place.paths.iter().filter(posts) {
        let wrong_method =
            send(place.app.address, "PUT", path, &[("cookie", &staff.cookie), ("sec-fetch-site", "none")], b"").await;
        if !wrong_method.header("allow").is_some_and(|allow| allow.contains("POST")) {
            continue;
        }
        forms += 1;
        for from in foreign {
            let mut headers = vec![kind, ("cookie", staff.cookie.as_str())];
            headers.extend(from);
            let answer = send(place.app.address, "POST", path, &headers, b"").await;
            assert_eq!(answer.status, 403, "{path} {from:?}");
        }
        if path.starts_with("/admin") {
            let unsaid = [kind, ("cookie", staff.cookie.as_str())];
            assert_eq!(send(place.app.address, "POST", path, &unsaid, b"").await.status, 403, "{path}");
        }
    }
    assert!(forms >= 12, "{forms}");
    let ours = staff.posts_with("/admin/account/sessions", &[], &[("origin", &url)]).await;
    assert_ne!(ours.status, 403, "our own address is ours without Sec-Fetch-Site");
    place.app.deliver().await;
}
