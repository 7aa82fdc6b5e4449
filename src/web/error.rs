//! Pages for when something is not as hoped: what happened, what is safe, what to do next. Causes are logged once, never shown.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::events::{What, marked};
use super::styles::Dress;
use super::{Head, Site, headers, page};
use crate::store;

#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorPage<'a> {
    site: &'a Site,
    head: Head,
    heading: &'a str,
    words: &'a [&'a str],
}

/// What a page says in the frame of the site and in that of the desk alike.
pub(super) struct Words {
    pub status: StatusCode,
    pub heading: &'static str,
    pub words: &'static [&'static str],
}

pub(super) const FOREIGN: Words = Words {
    status: StatusCode::FORBIDDEN,
    heading: "Not from here",
    words: &["This request came from another site, so nothing was changed.", "Open the desk itself and do it there."],
};

pub(super) const UNAVAILABLE: Words = Words {
    status: StatusCode::SERVICE_UNAVAILABLE,
    heading: "That did not work",
    words: &[
        "Something on our side does not work at the moment. Nothing was changed.",
        "Please try again in a minute.",
    ],
};

pub(super) const WRONG_METHOD: Words = Words {
    status: StatusCode::METHOD_NOT_ALLOWED,
    heading: "That does not work here",
    words: &["This address cannot be used that way. Nothing was sent or changed."],
};

impl Words {
    fn in_the_site(&self, site: &Site) -> HttpResponse {
        say(site, self.status, self.heading, self.words)
    }
}

/// A page with a heading and a few sentences.
pub(super) fn say(site: &Site, status: StatusCode, heading: &str, words: &[&str]) -> HttpResponse {
    page(status, &ErrorPage { site, head: Head::hidden(heading, ""), heading, words })
}

pub(super) fn not_found(site: &Site) -> HttpResponse {
    let words = [
        "There is no page at this address. Perhaps it was moved, or a letter is missing.",
        "The links above lead to everything we have.",
    ];
    say(site, StatusCode::NOT_FOUND, "We could not find that page", &words)
}

pub(super) fn foreign(site: &Site) -> HttpResponse {
    marked(FOREIGN.in_the_site(site), What::CrossSite)
}

/// Words came without encryption. The page carries its style inside, for everything else is at the other address.
pub(super) fn unencrypted(site: &Site, address: &str) -> HttpResponse {
    let heading = "This address is not encrypted";
    let there = format!("Please open {address} and send it from there.");
    let words = ["What you sent was not read, and nothing was changed.", &there];
    let head = Head::hidden(heading, "").dressed(Dress::Reading);
    let mut response = page(StatusCode::FORBIDDEN, &ErrorPage { site, head, heading, words: &words });
    if let Some(Ok(policy)) = site.styles.inside(&Dress::Reading).map(headers::policy_with) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    marked(response, What::Unencrypted)
}

/// The store failed: logged here, once.
pub(super) fn unavailable(site: &Site, error: &store::Error) -> HttpResponse {
    log_failure(error);
    UNAVAILABLE.in_the_site(site)
}

pub(super) fn log_failure(error: &store::Error) {
    tracing::error!(%error, "the store failed");
}

pub(super) fn wrong_method(request: &HttpRequest, allow: &'static str) -> HttpResponse {
    let Some(site) = request.app_data::<web::Data<Site>>() else { return HttpResponse::MethodNotAllowed().finish() };
    allowing(WRONG_METHOD.in_the_site(site), allow)
}

/// Says what the address can be used for instead.
pub(super) fn allowing(mut response: HttpResponse, allow: &'static str) -> HttpResponse {
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    response
}
