//! The pages: true, complete, reachable, and the same headers everywhere.

use crate::app::App;
use crate::http::send;
use crate::people::Staff;

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
