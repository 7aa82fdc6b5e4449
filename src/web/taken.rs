//! An inquiry that somebody takes on the phone or in person: the rules of the form, and how consent was given.

use actix_web::http::StatusCode;
use actix_web::http::header::REFERER;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use tokio::sync::Notify;

use super::bench::Bench;
use super::body::Fields;
use super::contact::form;
use super::field_words::FieldWords;
use super::kept::AGAIN;
use super::reception::Reception;
use super::told::RECEIPT_SHOWN;
use super::{Head, Site, page, routes, see_other};
use crate::content::{Content, day_of_version};
use crate::desk::{self, Channel};
use crate::inquiry::{Field, FieldError, FieldFault, InquiryForm, Reference};
use crate::secret::digest;
use crate::staff::Actor;
use crate::store::{self, Done, EntryKind, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/new.html")]
struct NewPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    content: &'a Content,
    form: &'a InquiryForm,
    channel: &'a str,
    token: String,
    /// The inquiry that was being read when the call came.
    read: Option<&'a Reference>,
    /// What they took down before this, where that is not long ago.
    last: Option<Last>,
    /// The day of the privacy text that is valid now.
    privacy_day: String,
    trouble: Option<&'a str>,
    errors: Vec<FieldWords>,
}

/// An inquiry that was taken down before: whoever goes back to the form reads that it is stored.
struct Last {
    reference: Reference,
    /// The page that says what to tell the person.
    href: String,
    ago: String,
}

impl Last {
    async fn of(bench: &Bench) -> Result<Option<Self>, store::Error> {
        let done = bench.store.done_by(bench.actor.id(), 0, i64::MAX).await?;
        let taken = |done: &&Done| {
            let passed = bench.now.duration_since(done.entry.at);
            done.entry.kind == EntryKind::Received && passed < RECEIPT_SHOWN
        };
        Ok(done.iter().rfind(taken).map(|done| Self {
            reference: done.reference.clone(),
            href: routes::taken(&done.reference, None),
            ago: bench.age(done.entry.at),
        }))
    }
}

impl NewPage<'_> {
    fn error_for(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.words.as_str())
    }
}

pub(super) async fn show(bench: Bench, reception: Reception, request: HttpRequest) -> HttpResponse {
    let read = read_before(&request, &bench.site);
    let asked = Asked { form: InquiryForm::default(), channel: "phone".to_owned(), read };
    answer(&bench, &reception, StatusCode::OK, &asked, None, Vec::new()).await
}

/// What a form about a call holds.
struct Asked {
    form: InquiryForm,
    channel: String,
    read: Option<Reference>,
}

/// The inquiry on whose page somebody pressed what led here, or that was being read when the call before this one came.
/// Browsers tell that to pages of the same site alone.
fn read_before(request: &HttpRequest, site: &Site) -> Option<Reference> {
    let from = request.headers().get(REFERER)?.to_str().ok()?.strip_prefix(&site.public_url)?;
    let page = from.strip_prefix(routes::INBOX)?.strip_prefix('/')?;
    let (reference, rest) = page.split_at(page.find(['/', '?', '#']).unwrap_or(page.len()));
    match rest.strip_prefix("/taken") {
        Some(call) => Reference::parse(call.strip_prefix("?read=")?),
        None => Reference::parse(reference),
    }
}

pub(super) async fn take(bench: Bench, reception: Reception, fields: Fields, bell: web::Data<Notify>) -> HttpResponse {
    let read = Reference::parse(&fields.text("read"));
    let asked = Asked { form: form(&fields), channel: fields.text("channel"), read };
    if fields.has(AGAIN) {
        return answer(&bench, &reception, StatusCode::OK, &asked, None, Vec::new()).await;
    }
    let form = &asked.form;
    let channel = Channel::parse(&asked.channel);
    let (new, channel) = match (reception.parse(form), channel) {
        (Ok(new), Some(channel)) => (new, channel),
        (parsed, channel) => {
            let words = "Choose whether they called or came".to_owned();
            let mut errors: Vec<_> =
                channel.is_none().then_some(FieldWords { field: "channel", words }).into_iter().collect();
            errors.extend(parsed.err().unwrap_or_default().into_iter().map(|error| words_for(error, channel)));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return answer(&bench, &reception, status, &asked, None, errors).await;
        }
    };
    if let Some(why) = reception.doubt(&form.token) {
        reception.notes.add(why);
        let words = "This page was open for a long time. Look it over and press the button once more.";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return answer(&bench, &reception, status, &asked, Some(words), Vec::new()).await;
    }
    match desk::take(&bench.store, &reception.key, &bench.policy, &bench.actor, channel, &new, bench.now).await {
        Ok(receipt_key) => {
            bell.notify_one();
            match bench.store.inquiry_by_receipt(&digest(&receipt_key)).await {
                Ok(Some(inquiry)) => see_other(&routes::taken(&inquiry.reference, asked.read.as_ref())),
                Ok(None) => bench.not_found().await,
                Err(cause) => bench.unavailable(&cause),
            }
        }
        Err(cause) => {
            tracing::error!(%cause, "an inquiry could not be stored; who took it was told");
            let words = "This could not be stored. Everything is still here. Try again in a minute.";
            answer(&bench, &reception, StatusCode::SERVICE_UNAVAILABLE, &asked, Some(words), Vec::new()).await
        }
    }
}

/// Whoever is on the phone is asked for a number first.
fn words_for(error: FieldError, channel: Option<Channel>) -> FieldWords {
    let calls = channel == Some(Channel::Phone) && error.fault == FieldFault::NoWayToReach;
    FieldWords::of_them(if calls { FieldError { field: Field::Phone, ..error } } else { error })
}

/// The form with these words in it.
async fn answer(
    bench: &Bench,
    reception: &Reception,
    status: StatusCode,
    asked: &Asked,
    trouble: Option<&str>,
    errors: Vec<FieldWords>,
) -> HttpResponse {
    let Asked { form, channel, read } = asked;
    let token = match reception.token(form) {
        Ok(token) => token,
        Err(cause) => return reception.no_token(&cause),
    };
    let new_page = NewPage {
        site: &bench.site,
        head: Head::hidden("New inquiry", routes::NEW_INQUIRY),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await.unwrap_or_default(),
        content: &bench.content,
        form,
        channel,
        token,
        read: read.as_ref(),
        last: Last::of(bench).await.unwrap_or_default(),
        privacy_day: day_of_version(&bench.policy.consent_version),
        trouble,
        errors,
    };
    page(status, &new_page)
}
