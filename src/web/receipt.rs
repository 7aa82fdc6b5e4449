//! The writer's secret page: what was done and what happens next. It shows nothing that they typed, and reading it,
//! by them or by a program that fetches links, changes nothing.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::Timestamp;

use super::{Head, Site, error, page, routes};
use crate::clock::Clock;
use crate::desk::Policy;
use crate::inquiry::{Inquiry, Status};
use crate::secret::digest;
use crate::store::Store;

#[derive(Template)]
#[template(path = "pages/receipt.html")]
struct ReceiptPage<'a> {
    site: &'a Site,
    head: Head,
    reference: &'a str,
    groups: Vec<String>,
    received: String,
    opened: Option<String>,
    answered: Option<String>,
    answer_by: String,
    /// Answered, or closed without an answer by mail.
    is_done: bool,
    is_late: bool,
    is_urgent: bool,
    answered_by_mail: bool,
}

pub(super) async fn show(
    key: web::Path<String>,
    site: web::Data<Site>,
    store: web::Data<Store>,
    policy: web::Data<Policy>,
    clock: web::Data<Clock>,
) -> HttpResponse {
    match store.inquiry_by_receipt(&digest(&key)).await {
        Ok(Some(inquiry)) => receipt(&site, &policy, &inquiry, &routes::receipt(&key), clock.now()),
        Ok(None) => {
            let words = [
                "There is no receipt at this address. Perhaps a letter of it is missing.",
                "If you sent a message, use the whole address from your email, or call us.",
            ];
            error::say(&site, StatusCode::NOT_FOUND, "We could not find that receipt", &words)
        }
        Err(cause) => error::unavailable(&site, &cause),
    }
}

fn receipt(site: &Site, policy: &Policy, inquiry: &Inquiry, path: &str, now: Timestamp) -> HttpResponse {
    let written = |at: Timestamp| policy.opening.written(at);
    // Suspected spam gets the receipt everyone gets: who sends it learns nothing.
    let is_done = matches!(inquiry.status, Status::Answered | Status::Closed);
    let receipt = ReceiptPage {
        site,
        head: Head::hidden("We have your message", path),
        reference: inquiry.reference.as_str(),
        groups: inquiry.reference.groups(),
        received: written(inquiry.received_at),
        opened: inquiry.opened_at.map(written),
        answered: inquiry.answered_at.map(written),
        answer_by: written(inquiry.answer_by),
        is_done,
        is_late: !is_done && inquiry.is_overdue(now),
        is_urgent: inquiry.answers.urgent.is_marked(),
        answered_by_mail: inquiry.answered_at.is_some() && inquiry.answers.contact.email().is_some(),
    };
    page(StatusCode::OK, &receipt)
}
