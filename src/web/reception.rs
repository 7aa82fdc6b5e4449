//! Reception: what every answer about the form needs, and the pages it gives while nothing is sent yet.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::Timestamp;

use super::events::{Notes, What};
use super::field_words::FieldWords;
use super::{Head, Site, error, page, routes};
use crate::clock::Clock;
use crate::content::{ContactWords, Content};
use crate::desk::Policy;
use crate::inquiry::{Choices, FieldError, InquiryForm, NewInquiry, Urgent, answer_by};
use crate::patience::Patience;
use crate::secret::{SecretKey, TOKEN_LIFETIME};

#[derive(Template)]
#[template(path = "pages/contact.html")]
pub(super) struct ContactPage<'a> {
    pub(super) site: &'a Site,
    pub(super) head: Head,
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
pub(super) enum Trouble {
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
    pub(super) site: web::Data<Site>,
    pub(super) content: web::Data<Content>,
    pub(super) key: web::Data<SecretKey>,
    pub(super) policy: web::Data<Policy>,
    pub(super) notes: Notes,
    pub(super) patience: Patience,
    pub(super) now: Timestamp,
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
    pub(super) fn form(
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
    pub(super) fn contact_page<'a>(
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

    pub(super) fn interruption(&self, form: &InquiryForm, urgent: Urgent) -> HttpResponse {
        let words = self.content.contact();
        let head = Head::hidden(words.interruption().heading(), routes::CONTACT);
        let is_sure = urgent == Urgent::Yes;
        let interruption = InterruptionPage { site: &self.site, head, content: &self.content, words, form, is_sure };
        page(StatusCode::OK, &interruption)
    }

    pub(super) fn parse(&self, form: &InquiryForm) -> Result<NewInquiry, Vec<FieldError>> {
        let slugs = |slug: &crate::content::Slug| slug.as_str().to_owned();
        let techniques: Vec<String> =
            self.content.techniques().iter().map(|technique| slugs(technique.slug())).collect();
        let conditions: Vec<String> =
            self.content.conditions().iter().map(|condition| slugs(condition.slug())).collect();
        let choices = Choices { techniques: &techniques, conditions: &conditions };
        // What they agree to is what they had before them, however long ago.
        let shown = self.key.read_token(&form.token).and_then(|token| token.privacy_version);
        form.parse(choices).map(|new| new.agreeing_to(shown))
    }
}
