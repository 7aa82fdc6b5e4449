//! The headers of every response, errors included. A response that says nothing about caching is private.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::Site;
use super::styles::Stylesheet;

const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// The policy of a page that carries this style inside, named by its hash.
pub(super) fn policy_with(style: &Stylesheet) -> Result<HeaderValue, InvalidHeaderValue> {
    HeaderValue::try_from(CSP.replacen("style-src 'self'", &format!("style-src 'self' {}", style.source()), 1))
}

const EVERYWHERE: [(&str, &str); 3] = [
    ("x-content-type-options", "nosniff"),
    // `no-referrer` would make Chromium send `Origin: null` with our own form.
    ("referrer-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

const ON_PAGES: [(&str, &str); 3] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Adds them to whatever comes back; handlers and extractors that fail give responses too. What is no HTTP never gets here:
/// the protocol layer answers it, and `wire` adds [`lines`].
pub(super) async fn add(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let secure = request.app_data::<web::Data<Site>>().is_some_and(|site| site.is_https());
    let hidden = ["/admin", "/receipt"].iter().any(|start| request.match_info().as_str().starts_with(start));
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    set_all(headers, &EVERYWHERE);
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        set_all(headers, &ON_PAGES);
    }
    if secure {
        set_all(headers, &[("strict-transport-security", HSTS)]);
    }
    if hidden {
        set_all(headers, &[("x-robots-tag", "noindex, nofollow")]);
    }
    set_unless_said(headers, header::CONTENT_SECURITY_POLICY, CSP);
    set_unless_said(headers, header::CACHE_CONTROL, "no-store");
    Ok(response)
}

/// The lines that a sentence in plain text needs when no handler of ours says it.
pub(super) fn lines(promises_https: bool) -> String {
    let own = [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "no-store"),
        ("content-security-policy", CSP),
    ];
    let promise = promises_https.then_some(("strict-transport-security", HSTS));
    own.into_iter().chain(EVERYWHERE).chain(promise).map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

fn set_unless_said(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn set_all(headers: &mut HeaderMap, values: &[(&'static str, &'static str)]) {
    for (name, value) in values {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}
