//! The form. Every answer that is not "we have it" says what became of the words, and shows them again.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::body::{self, Fields};
use super::events::{Notes, What};
use super::field_words::FieldWords;
use super::limits::{Window, client};
use super::origin::{self, Origin};
use super::styles::Dress;
use super::{Head, Site, encoding, error, headers, page, routes, see_other, structured};
use crate::clock::Clock;
use crate::content::{ContactWords, Content};
use crate::desk::{self, Policy};
use crate::inquiry::{Choices, InquiryForm, NewInquiry, Urgent, answer_by};
use crate::patience::Patience;
use crate::secret::{SecretKey, TOKEN_LIFETIME};
use crate::store::Store;

/// Inquiries accepted from each client address in the last hour.
pub(super) struct Accepted(Window<IpAddr>);

impl Accepted {
    pub(super) fn new(per_hour: u32) -> Self {
        Self(Window::new(usize::try_from(per_hour).unwrap_or(usize::MAX), SignedDuration::from_hours(1)))
    }
}

#[derive(Template)]
#[template(path = "pages/contact.html")]
struct ContactPage<'a> {
    site: &'a Site,
    head: Head,
    content: &'a Content,
    words: &'a ContactWords,
    form: &'a InquiryForm,
    token: String,
    answer_by: String,
    trouble: Option<Trouble>,
    errors: Vec<FieldWords>,
}

impl ContactPage<'_> {
    fn error_for(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.words.as_str())
    }

    /// The title of a page that needs attention says so first, since screen readers begin with it.
    fn is_trouble(&self) -> bool {
        self.trouble.is_some() || !self.errors.is_empty()
    }
}

/// Why nothing was sent although every field is right.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// The page is a week old, from another place, or was sent by another site.
    OldPage,
    TooMany,
    NotStored,
    /// The database did not say in time whether it is stored.
    Unknown,
}

#[derive(Template)]
#[template(path = "pages/interruption.html")]
struct InterruptionPage<'a> {
    site: &'a Site,
    head: Head,
    content: &'a Content,
    words: &'a ContactWords,
    form: &'a InquiryForm,
    is_sure: bool,
}

/// What every answer about the form needs.
#[derive(Clone)]
pub(super) struct Reception {
    site: web::Data<Site>,
    content: web::Data<Content>,
    key: web::Data<SecretKey>,
    policy: web::Data<Policy>,
    pub(super) notes: Notes,
    patience: Patience,
    now: Timestamp,
}

impl actix_web::FromRequest for Reception {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let part = || {
            Some(Self {
                site: request.app_data::<web::Data<Site>>()?.clone(),
                content: request.app_data::<web::Data<Content>>()?.clone(),
                key: request.app_data::<web::Data<SecretKey>>()?.clone(),
                policy: request.app_data::<web::Data<Policy>>()?.clone(),
                notes: Notes::of(request),
                patience: *request.app_data::<Patience>()?,
                now: request.app_data::<web::Data<Clock>>()?.now(),
            })
        };
        std::future::ready(part().ok_or_else(|| actix_web::error::ErrorInternalServerError("")))
    }
}

impl Reception {
    /// The form with these words in it.
    fn form(
        &self,
        status: StatusCode,
        form: &InquiryForm,
        trouble: Option<Trouble>,
        errors: Vec<FieldWords>,
    ) -> HttpResponse {
        match self.contact_page(form, trouble, errors) {
            Ok(contact) => page(status, &contact),
            Err(cause) => self.no_token(&cause),
        }
    }

    pub(super) fn no_token(&self, cause: &std::io::Error) -> HttpResponse {
        tracing::error!(%cause, "no token could be made");
        let words = ["Please try again in a minute, or call us."];
        error::say(&self.site, StatusCode::SERVICE_UNAVAILABLE, "That did not work", &words)
    }

    /// The page of the form, under the token it came with as long as that is good.
    ///
    /// # Errors
    /// When the system gives no random numbers for a new token.
    fn contact_page<'a>(
        &'a self,
        form: &'a InquiryForm,
        trouble: Option<Trouble>,
        errors: Vec<FieldWords>,
    ) -> std::io::Result<ContactPage<'a>> {
        let token = self.token(form)?;
        let words = self.content.contact();
        let promise = answer_by(self.now, self.policy.reply_within_hours, &self.policy.opening);
        let answer_by = self.policy.opening.written_soon(promise);
        let head = Head::new(words.title(), words.description(), routes::CONTACT);
        let (site, content) = (&self.site, &self.content);
        Ok(ContactPage { site, head, content, words, form, token, answer_by, trouble, errors })
    }

    /// The token of a form, as long as it is good, or a new one.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn token(&self, form: &InquiryForm) -> std::io::Result<String> {
        match self.is_good(&form.token) {
            true => Ok(form.token.clone()),
            false => self.key.issue_token(self.now, &self.policy.consent_version),
        }
    }

    pub(super) fn key(&self) -> &SecretKey {
        &self.key
    }

    pub(super) fn is_good(&self, token: &str) -> bool {
        self.doubt(token).is_none()
    }

    /// What is wrong with a token.
    pub(super) fn doubt(&self, token: &str) -> Option<What> {
        if token.is_empty() {
            return Some(What::NoToken);
        }
        let Some(ours) = self.key.read_token(token) else { return Some(What::ForeignToken) };
        // A little in the future is a second server's clock; more is a clock that was set back.
        (self.now.duration_since(ours.issued_at) >= TOKEN_LIFETIME).then_some(What::OldToken)
    }

    fn interruption(&self, form: &InquiryForm, urgent: Urgent) -> HttpResponse {
        let words = self.content.contact();
        let head = Head::hidden(words.interruption().heading(), routes::CONTACT);
        let is_sure = urgent == Urgent::Yes;
        let interruption = InterruptionPage { site: &self.site, head, content: &self.content, words, form, is_sure };
        page(StatusCode::OK, &interruption)
    }

    pub(super) fn parse(&self, form: &InquiryForm) -> Result<NewInquiry, Vec<FieldWords>> {
        let slugs = |slug: &crate::content::Slug| slug.as_str().to_owned();
        let techniques: Vec<String> =
            self.content.techniques().iter().map(|technique| slugs(technique.slug())).collect();
        let conditions: Vec<String> =
            self.content.conditions().iter().map(|condition| slugs(condition.slug())).collect();
        let choices = Choices { techniques: &techniques, conditions: &conditions };
        // What they agree to is what they had before them, however long ago.
        let shown = self.key.read_token(&form.token).and_then(|token| token.privacy_version);
        let parsed = form.parse(choices).map(|new| new.agreeing_to(shown));
        parsed.map_err(|errors| errors.into_iter().map(FieldWords::of).collect())
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
        Ok(contact) => {
            let today = reception.policy.opening.local(reception.now).date();
            let data = |head: &Head| structured::contact(&reception.site, head, &reception.content, today);
            let head = contact.head.dressed(Dress::Asking).telling(data);
            whole(&request, ContactPage { head, ..contact })
        }
        Err(cause) => reception.no_token(&cause),
    }
}

/// The empty form in one round trip: its style inside, and compressed. It holds a token but nothing that anybody typed;
/// a page that holds both must not be compressed (BREACH).
fn whole(request: &HttpRequest, contact: ContactPage<'_>) -> HttpResponse {
    let mut response = page(StatusCode::OK, &contact);
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
        Err(errors) => return reception.form(StatusCode::UNPROCESSABLE_ENTITY, &form, None, errors),
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
