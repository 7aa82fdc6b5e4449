//! The form. Every answer that is not "we have it" says what became of the words, and shows them again.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use ipnet::IpNet;
use jiff::SignedDuration;
use tokio::sync::Notify;

use super::body::{self, Fields};
use super::events::What;
use super::field_words::FieldWords;
use super::limits::{Window, client};
use super::origin::{self, Origin};
use super::reception::{ContactPage, Reception, Trouble};
use super::styles::Dress;
use super::{Head, encoding, headers, page, routes, see_other, structured};
use crate::desk;
use crate::inquiry::{InquiryForm, NewInquiry};
use crate::store::Store;

/// Inquiries accepted from each client address in the last hour.
pub(super) struct Accepted(Window<IpAddr>);

impl Accepted {
    pub(super) fn new(per_hour: u32) -> Self {
        Self(Window::new(usize::try_from(per_hour).unwrap_or(usize::MAX), SignedDuration::from_hours(1)))
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    technique: String,
}

/// The empty form; a link from a technique's page chooses that technique.
pub(super) async fn show(request: HttpRequest, reception: Reception, wish: Option<web::Query<Wish>>) -> HttpResponse {
    let technique = wish.map(|wish| wish.into_inner().technique).unwrap_or_default();
    let form = InquiryForm { technique, ..InquiryForm::default() };
    match reception.contact_page(&form, None, Vec::new()) {
        Ok(mut contact) => {
            let today = reception.policy.opening.local(reception.now).date();
            let data = |head: &Head| structured::contact(&reception.site, head, &reception.content, today);
            contact.head = contact.head.dressed(Dress::Asking).telling(data);
            whole(&request, &contact)
        }
        Err(cause) => reception.no_token(&cause),
    }
}

/// The empty form in one round trip: its style inside, and compressed. It holds a token but nothing that anybody typed;
/// a page that holds both must not be compressed (BREACH).
fn whole(request: &HttpRequest, contact: &ContactPage<'_>) -> HttpResponse {
    let mut response = page(StatusCode::OK, contact);
    if let Some(Ok(policy)) = contact.site.styles.inside(&Dress::Asking).map(headers::policy_with) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    encoding::compress(request, response)
}

/// How an inquiry leaves the form: into the store, then to its receipt.
pub(super) async fn submit(
    request: HttpRequest,
    payload: web::Payload,
    reception: Reception,
    store: web::Data<Store>,
    accepted: web::Data<Accepted>,
    trusted: web::Data<Vec<IpNet>>,
    bell: web::Data<Notify>,
) -> HttpResponse {
    let form = match body::read(&request, payload, body::PUBLIC).await {
        Ok(fields) => form(&fields),
        Err(unreadable) => return unreadable.page(&reception.site),
    };
    if form.urgent_seen == "back" {
        return reception.form(StatusCode::OK, &form, None, Vec::new());
    }
    let new = match reception.parse(&form) {
        Ok(new) => new,
        Err(errors) => {
            let errors = errors.into_iter().map(FieldWords::of).collect();
            return reception.form(StatusCode::UNPROCESSABLE_ENTITY, &form, None, errors);
        }
    };
    let known = tokio::time::timeout(reception.patience.looking, store.receipt_of(new.submission())).await;
    if let Ok(Ok(Some(kept))) = known {
        return see_other(&routes::receipt(&reception.key.receipt_key_of(new.submission(), &kept)));
    }
    let origin = origin::of(request.headers(), &reception.site.public_url);
    let untrusted = if origin == Origin::Foreign { Some(What::CrossSiteForm) } else { reception.doubt(&form.token) };
    if let Some(why) = untrusted {
        reception.notes.add(why);
        return reception.form(StatusCode::UNPROCESSABLE_ENTITY, &form, Some(Trouble::OldPage), Vec::new());
    }
    if new.answers().urgent.is_marked() && form.urgent_seen != "yes" {
        return reception.interruption(&form, new.answers().urgent);
    }
    if let Err(wait) = accepted.0.take(client(&request, &trusted), short(new.submission()), reception.now) {
        reception.notes.add(What::TooManyForms);
        let mut response = reception.form(StatusCode::TOO_MANY_REQUESTS, &form, Some(Trouble::TooMany), Vec::new());
        response.headers_mut().insert(RETRY_AFTER, (wait.as_secs().max(0) + 1).into());
        return response;
    }
    let mut signals = Vec::new();
    signals.extend((origin == Origin::Unsaid).then_some("no-origin"));
    if new.is_trapped() {
        reception.notes.add(What::Trap);
        signals.push("trap");
    }
    store_it(&reception, &store, &form, &new, &signals, &bell.into_inner()).await
}

async fn store_it(
    reception: &Reception,
    store: &Store,
    form: &InquiryForm,
    new: &NewInquiry,
    signals: &[&str],
    bell: &Arc<Notify>,
) -> HttpResponse {
    let receiving = desk::receive(store, &reception.key, &reception.policy, new, signals, reception.now);
    let trouble = match tokio::time::timeout(reception.patience.storing, receiving).await {
        Ok(Ok(receipt_key)) => {
            bell.notify_one();
            return see_other(&routes::receipt(&receipt_key));
        }
        Ok(Err(cause)) => {
            tracing::error!(%cause, "an inquiry could not be stored; its writer was told");
            Trouble::NotStored
        }
        Err(_) => {
            tracing::error!("an inquiry could not be stored in time; its writer was told");
            Trouble::Unknown
        }
    };
    reception.form(StatusCode::SERVICE_UNAVAILABLE, form, Some(trouble), Vec::new())
}

/// The raw answers among the fields that were sent.
pub(super) fn form(fields: &Fields) -> InquiryForm {
    InquiryForm {
        urgent: fields.text("urgent"),
        urgent_seen: fields.text("urgent_seen"),
        name: fields.text("name"),
        email: fields.text("email"),
        phone: fields.text("phone"),
        contact_by: fields.text("contact_by"),
        voicemail: fields.text("voicemail"),
        technique: fields.text("technique"),
        best_time: fields.text("best_time"),
        health: fields.texts("health"),
        message: fields.text("message"),
        consent: fields.text("consent"),
        blank: fields.text("blank"),
        token: fields.text("token"),
    }
}

/// Enough of a submission to tell it from the few others of one address.
fn short(submission: &[u8; 32]) -> u64 {
    submission.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
