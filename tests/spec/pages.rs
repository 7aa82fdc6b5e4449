//! The pages: true, complete, reachable, and the same headers everywhere.

use crate::app::App;
use crate::http::{Answer, between, send};
use crate::people::{Staff, somebody_asks};

const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";
/// Every page that is ready before the first request.
pub const PUBLIC: [&str; 8] = [
    "/",
    "/techniques",
    "/techniques/deep-tissue",
    "/techniques/swedish",
    "/techniques/hot-stone",
    "/suitability",
    "/privacy",
    "/accessibility",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_link_and_anchor_leads_somewhere() {
    let app = App::start().await;
    for path in PUBLIC.into_iter().chain(["/contact"]) {
        let page = app.get(path).await.text();
        for href in page.split(" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let (target, anchor) = href.split_once('#').unwrap_or((href, ""));
            if target.starts_with("http") && !target.starts_with(&app.url) || target.contains(':') {
                continue;
            }
            let there = if target.is_empty() { page.clone() } else { app.get(target).await.text() };
            assert!(target.is_empty() || [200, 304].contains(&app.get(target).await.status), "{path}: {href}");
            assert!(anchor.is_empty() || there.contains(&format!("id=\"{anchor}\"")), "{path}: {href}");
        }
    }
}

fn check_headers(answer: &Answer, what: &str) {
    let is = |name: &str, value: &str| assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    // A page with its style inside names this style's hash, and allows nothing else besides.
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let hash = between(policy, " 'sha256-", "'").map(|hash| format!(" 'sha256-{hash}'")).unwrap_or_default();
    assert_eq!(policy.replace(&hash, ""), CSP, "{what}");
    assert!(hash.is_empty() || what.ends_with(" 200") && !what.contains("dmin"), "{what}: {policy}");
    is("x-content-type-options", "nosniff");
    is("referrer-policy", "same-origin");
    is("cross-origin-resource-policy", "same-origin");
    if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        is("cross-origin-opener-policy", "same-origin");
        is("x-frame-options", "DENY");
        is("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    }
    for absent in ["server", "x-powered-by", "access-control-allow-origin", "strict-transport-security"] {
        assert_eq!(answer.header(absent), None, "{what}: {absent}");
    }
    assert!(answer.header("cache-control").is_some(), "{what} says nothing about caching");
    let is_stored = answer.header("cache-control") != Some("no-store");
    assert!(is_stored || answer.header("etag").is_none(), "{what}: an ETag on no-store");
    let is_hidden = what.contains("dmin") || what.contains(" /receipt");
    assert_eq!(answer.header("x-robots-tag"), is_hidden.then_some("noindex, nofollow"), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_of_its_kind() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    let stylesheet = between(&app.get("/unknown").await.text(), "rel=\"stylesheet\" href=\"", "\"").unwrap();
    let mut requests: Vec<(&str, String)> = Vec::new();
    let more = [
        "/contact",
        "/robots.txt",
        "/.well-known/security.txt",
        "/sitemap.xml",
        "/favicon.svg",
        "/favicon.ico",
        "/healthz",
        "/readyz",
        "/unknown",
        "/contact/",
        "/admin",
    ];
    let desk = [
        "/admin/login",
        "/admin/inquiries",
        "/admin/mail",
        "/admin/users",
        "/admin/audit",
        "/admin/account",
        "/admin/inquiries.csv",
        "/admin/unknown",
        "/admin/welcome/x",
        "/%61dmin/login",
    ];
    for path in PUBLIC.into_iter().chain(more).chain(desk).chain([receipt.as_str(), &inquiry, &stylesheet]) {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
            requests.push((method, path.to_owned()));
        }
    }
    for (method, path) in &requests {
        let headers = [("cookie", staff.cookie.as_str()), ("accept-encoding", "br")];
        let answer = send(app.address, method, path, &headers, b"").await;
        check_headers(&answer, &format!("{method} {path} {}", answer.status));
        if *method == "HEAD" {
            assert!(answer.body.is_empty(), "{path}");
        }
        let is_public = !path.starts_with("/admin");
        assert!(!is_public || answer.header("set-cookie").is_none(), "{path} sets a cookie");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_address_with_a_wrong_method_names_the_right_ones() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let rows = [
        ("DELETE", "/", "GET, HEAD"),
        ("POST", "/techniques", "GET, HEAD"),
        ("PUT", "/contact", "GET, HEAD, POST"),
        ("DELETE", "/suitability", "GET, HEAD, POST"),
        ("POST", "/receipt/x", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
        ("PUT", "/admin/login", "GET, HEAD, POST"),
        ("POST", "/admin/inquiries", "GET, HEAD"),
        ("GET", "/admin/logout", "POST"),
        ("GET", "/admin/inquiries/BW-2222-2222/status", "POST"),
    ];
    for (method, path, allow) in rows {
        let headers = [("cookie", staff.cookie.as_str()), ("sec-fetch-site", "same-origin")];
        let answer = send(app.address, method, path, &headers, b"").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_pages_are_cached_compressed_and_confirmed() {
    let app = App::start().await;
    for path in PUBLIC {
        let get = async |headers: &[(&str, &str)]| send(app.address, "GET", path, headers, b"").await;
        let plain = get(&[]).await;
        assert_eq!(
            (plain.header("cache-control"), plain.header("vary")),
            (Some("public, max-age=300"), Some("Accept-Encoding"))
        );
        let mut etags = vec![plain.header("etag").unwrap().to_owned()];
        for (accept, encoding) in [("br, gzip", "br"), ("gzip", "gzip")] {
            let packed = get(&[("accept-encoding", accept)]).await;
            assert_eq!(packed.header("content-encoding"), Some(encoding));
            assert!(packed.body.len() < plain.body.len() / 2, "{path} {encoding}");
            etags.push(packed.header("etag").unwrap().to_owned());
            let again = get(&[("accept-encoding", accept), ("if-none-match", etags.last().unwrap())]).await;
            assert_eq!((again.status, again.body.len()), (304, 0));
            assert_eq!(again.header("etag"), etags.last().map(String::as_str));
        }
        etags.dedup();
        assert_eq!(etags.len(), 3, "each encoding has its own strong ETag");
        assert_eq!(get(&[("if-none-match", "\"other\"")]).await.status, 200);
    }
}

/// The empty form may travel compressed; a page with a token beside what somebody typed may not (BREACH).
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_typed_never_travels_compressed_beside_a_token() {
    let app = App::start().await;
    let accept = ("accept-encoding", "br, gzip");
    for path in ["/contact", "/contact?technique=swedish"] {
        let form = send(app.address, "GET", path, &[accept], b"").await;
        assert_eq!((form.header("content-encoding"), form.header("cache-control")), (Some("br"), Some("no-store")));
        assert_eq!(form.header("etag"), None);
    }
    let form = send(app.address, "GET", "/contact", &[("accept-encoding", "gzip")], b"").await;
    assert_eq!(form.header("content-encoding"), Some("gzip"));
    let kind = ("content-type", "application/x-www-form-urlencoded");
    for (path, body) in [
        ("/contact", "name=typed"),
        ("/contact", "name=typed&urgent_seen=back"),
        ("/suitability", "health=sunburn&urgent=no"),
    ] {
        let page = send(app.address, "POST", path, &[accept, kind], body.as_bytes()).await;
        assert_eq!((page.header("content-encoding"), page.header("cache-control")), (None, Some("no-store")), "{path}");
        assert!(page.text().contains("rel=\"stylesheet\"") && !page.text().contains("<style>"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_a_hole_learns_whom_to_tell() {
    let app = App::with(&[("BACKWISE_SERVER__PUBLIC_URL", "https://clinic.example")]).await;
    let answer = app.get("/.well-known/security.txt").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    insta::assert_snapshot!(answer.text(), @r"
    Contact: mailto:hello@clinic.example
    Expires: 2027-11-19T10:00:00Z
    Preferred-Languages: en
    Canonical: https://clinic.example/.well-known/security.txt
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_with_a_slash_too_many_lead_home_and_nowhere_else() {
    let app = App::start().await;
    for (path, there) in
        [("/contact/", "/contact"), ("/techniques/swedish/?a=b", "/techniques/swedish?a=b"), ("/unknown/", "/unknown")]
    {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.location()), (308, there));
    }
    for path in ["//evil.example/", "/\\evil.example/", "/a//evil.example/", "///"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 404, "{path} {:?}", answer.header("location"));
    }
}
