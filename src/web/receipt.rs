//! The writer's secret page: what was done and what happens next. It shows nothing that they typed, and reading it,
//! by them or by a program that fetches links, changes nothing. From here they correct their phone number or withdraw.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::Timestamp;

use super::events::{What, marked};
use super::origin::{self, Origin};
use super::{Head, Site, body, error, page, routes, see_other};
use crate::clock::Clock;
use crate::contact::PhoneNumber;
use crate::desk::{self, Eraser, Policy};
use crate::inquiry::{Inquiry, Status};
use crate::outbox::{Kind, State};
use crate::secret::digest;
use crate::store::{self, EntryKind, Store};

#[derive(Template)]
#[template(path = "pages/receipt.html")]
struct ReceiptPage<'a> {
    site: &'a Site,
    head: Head,
    path: String,
    reference: &'a str,
    groups: Vec<String>,
    received: String,
    opened: Option<String>,
    answered: Option<String>,
    answer_by: String,
    /// Nothing more will happen by itself.
    is_done: bool,
    was_answered: bool,
    is_late: bool,
    is_urgent: bool,
    answered_by_mail: bool,
    /// It is answered together with another one of theirs.
    is_merged: bool,
    phone_corrected: Option<String>,
    /// A number that could not be taken, as it was typed.
    wrong_phone: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "pages/withdrawn.html")]
struct WithdrawnPage<'a> {
    site: &'a Site,
    head: Head,
    reference: &'a str,
}

/// What every request about a receipt needs.
pub(super) struct Counter {
    key: String,
    site: web::Data<Site>,
    store: web::Data<Store>,
    policy: web::Data<Policy>,
    now: Timestamp,
}

impl actix_web::FromRequest for Counter {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let counter = || {
            Some(Self {
                key: request.match_info().get("key")?.to_owned(),
                site: request.app_data::<web::Data<Site>>()?.clone(),
                store: request.app_data::<web::Data<Store>>()?.clone(),
                policy: request.app_data::<web::Data<Policy>>()?.clone(),
                now: request.app_data::<web::Data<Clock>>()?.now(),
            })
        };
        std::future::ready(counter().ok_or_else(|| actix_web::error::ErrorInternalServerError("no receipt here")))
    }
}

pub(super) async fn show(counter: Counter) -> HttpResponse {
    match counter.inquiry().await {
        Ok(inquiry) => counter.or_unavailable(counter.page(StatusCode::OK, &inquiry, None).await),
        Err(answer) => answer,
    }
}

pub(super) async fn correct_phone(counter: Counter, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    if let Some(refusal) = counter.refuse_foreign(&request) {
        return refusal;
    }
    let typed = match body::read(&request, payload, body::PUBLIC).await {
        Ok(fields) => fields.text("phone"),
        Err(unreadable) => return unreadable.page(&counter.site),
    };
    let inquiry = match counter.inquiry().await {
        Ok(inquiry) => inquiry,
        Err(answer) => return answer,
    };
    let Ok(phone) = PhoneNumber::parse(&typed) else {
        return counter.or_unavailable(counter.page(StatusCode::UNPROCESSABLE_ENTITY, &inquiry, Some(&typed)).await);
    };
    let corrected = desk::correct_phone(&counter.store, &inquiry, &phone, counter.now).await;
    counter.or_unavailable(corrected.map(|()| see_other(&routes::receipt(&counter.key))))
}

/// Erases the inquiry at once: who presses the button has read beside it what goes.
pub(super) async fn withdraw(counter: Counter, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = counter.refuse_foreign(&request) {
        return refusal;
    }
    let inquiry = match counter.inquiry().await {
        Ok(inquiry) => inquiry,
        Err(answer) => return answer,
    };
    let erased = desk::erase(&counter.store, Eraser::Writer, &inquiry, counter.now).await;
    let head = Head::hidden("Your message is erased", &routes::receipt(&counter.key));
    let withdrawn = WithdrawnPage { site: &counter.site, head, reference: inquiry.reference.as_str() };
    counter.or_unavailable(erased.map(|_| page(StatusCode::OK, &withdrawn)))
}

impl Counter {
    async fn inquiry(&self) -> Result<Inquiry, HttpResponse> {
        match self.store.inquiry_by_receipt(&digest(&self.key)).await {
            Ok(Some(inquiry)) => Ok(inquiry),
            Ok(None) => {
                let words = [
                    "There is no receipt at this address. Perhaps a letter of it is missing, or the message was erased.",
                    "If you sent a message, use the whole address from your email, or call us.",
                ];
                let answer = error::say(&self.site, StatusCode::NOT_FOUND, "We could not find that receipt", &words);
                Err(marked(answer, What::UnknownReceipt))
            }
            Err(cause) => Err(error::unavailable(&self.site, &cause)),
        }
    }

    /// The address is a secret that another site does not know; one that does not say where it comes from is old.
    fn refuse_foreign(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let origin = origin::of(request.headers(), &self.site.public_url);
        (origin == Origin::Foreign).then(|| error::foreign(&self.site))
    }

    fn or_unavailable(&self, answer: Result<HttpResponse, store::Error>) -> HttpResponse {
        answer.unwrap_or_else(|cause| error::unavailable(&self.site, &cause))
    }

    async fn page(
        &self,
        status: StatusCode,
        inquiry: &Inquiry,
        wrong_phone: Option<&str>,
    ) -> Result<HttpResponse, store::Error> {
        let written = |at: Timestamp| self.policy.opening.written(at);
        let timeline = self.store.timeline(inquiry.seq).await?;
        let corrected = timeline.iter().rfind(|entry| entry.kind == EntryKind::Phone);
        // Of two messages that are dealt with as one, both receipts tell how far we are; neither names the other.
        let kept = match &inquiry.merged_into {
            Some(kept) => self.store.inquiry(kept).await?,
            None => None,
        };
        let told = kept.as_ref().unwrap_or(inquiry);
        let mails = self.store.messages_of(told.seq).await?;
        let is_sent = mails.iter().any(|mail| mail.kind == Kind::Reply && mail.state == State::Sent);
        // Suspected spam gets the receipt everyone gets: who sends it learns nothing.
        let is_done = matches!(told.status, Status::Answered | Status::Closed);
        let path = routes::receipt(&self.key);
        let receipt = ReceiptPage {
            site: &self.site,
            head: Head::hidden("We have your message", &path),
            path,
            reference: inquiry.reference.as_str(),
            groups: inquiry.reference.groups(),
            received: written(inquiry.received_at),
            opened: inquiry.opened_at.map(written),
            answered: told.answered_at.map(written),
            answer_by: written(told.answer_by),
            is_done,
            is_late: !is_done && told.is_overdue(self.now),
            is_urgent: inquiry.answers.urgent.is_marked(),
            was_answered: told.answered_at.is_some(),
            is_merged: kept.is_some(),
            answered_by_mail: is_sent,
            phone_corrected: corrected.map(|entry| written(entry.at)),
            wrong_phone,
        };
        Ok(page(status, &receipt))
    }
}
