//! An inquiry that somebody takes on the phone or in person: the rules of the form, and how consent was given.

use actix_web::http::StatusCode;
use actix_web::http::header::REFERER;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use tokio::sync::Notify;

use super::bench::Bench;
use super::body::Fields;
use super::call_draft::{DISCARD, LOOK_UP, call, carried_name, links, name, name_by, words};
use super::field_words::FieldWords;
use super::kept::AGAIN;
use super::reception::Reception;
use super::stored_call::{Last, Stored};
use super::{Head, Link, Site, page, refused, routes, see_other};
use crate::content::{Content, day_of_version};
use crate::desk::{self, Channel, Taker};
use crate::inquiry::{Field, FieldError, FieldFault, Reference};
use crate::secret::digest;
use crate::staff::Actor;
use crate::store::{Call, CallDraft, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/new.html")]
struct NewPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    content: &'a Content,
    sheet: Sheet<'a>,
    token: String,
    /// Other calls that they have begun and not stored.
    begun: Vec<Link>,
    /// The inquiry that was being read when the call came.
    read: Option<Reference>,
    /// What they took down before this, where that is not long ago.
    last: Option<Last>,
    /// The day of the privacy text that is valid now.
    privacy_day: String,
}

/// Says that a second inquiry is meant.
const SECOND: &str = "second";
/// Drafts that the page names.
pub(super) const BEGUN: usize = 5;

impl NewPage<'_> {
    /// What was stored before, where nothing stands in the form: somebody may have gone back to it.
    fn last_before_nothing(&self) -> Option<&Last> {
        self.last.as_ref().filter(|_| !self.sheet.call.is_begun())
    }

    fn error_for(&self, field: &str) -> Option<&str> {
        self.sheet.errors.iter().find(|error| error.field == field).map(|error| error.words.as_str())
    }
}

/// What the address may ask for.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// The draft with this name.
    draft: String,
    /// To say that one was discarded.
    discarded: String,
}

pub(super) async fn show(
    bench: Bench,
    reception: Reception,
    request: HttpRequest,
    wish: Option<web::Query<Wish>>,
) -> HttpResponse {
    let wish = wish.map(web::Query::into_inner).unwrap_or_default();
    let draft = match bench.store.call_draft(bench.actor.id(), &wish.draft).await {
        Ok(draft) => draft,
        Err(cause) => return bench.unavailable(&cause),
    };
    let said = match &draft {
        Some(draft) => Some(words(&bench, draft)),
        None if !wish.draft.is_empty() => Some("This draft is there no more: it was stored or discarded.".to_owned()),
        None if !wish.discarded.is_empty() => Some("The draft is discarded: nothing of it is kept.".to_owned()),
        None => None,
    };
    // One that does not open is left alone, for a day on which its key is found.
    if let Some(CallDraft { name, call: Some(call), .. }) = draft {
        let sheet = Sheet { said, is_draft: true, ..Sheet::of(&call, name) };
        return answer(&bench, &reception, StatusCode::OK, sheet).await;
    }
    let read = read_before(&request, &bench.site).map(|read| read.to_string()).unwrap_or_default();
    let call = Call { channel: Channel::Phone.as_str().to_owned(), read, ..Call::default() };
    answer(&bench, &reception, StatusCode::OK, Sheet { said, ..Sheet::of(&call, String::new()) }).await
}

/// The form about a call, and what its page says.
pub(super) struct Sheet<'a> {
    call: &'a Call,
    /// The name of the draft that its buttons keep; empty for a form of which there is none yet.
    draft: String,
    /// Whether that is there, and can be discarded.
    is_draft: bool,
    /// What is said of it.
    said: Option<String>,
    trouble: Option<&'a str>,
    errors: Vec<FieldWords>,
    /// What was stored from this very form before.
    stored: Option<Last>,
    /// Whether a second inquiry is meant: it is not asked about twice.
    is_second: bool,
}

impl<'a> Sheet<'a> {
    pub(super) fn of(call: &'a Call, draft: String) -> Self {
        Self {
            call,
            draft,
            is_draft: false,
            said: None,
            trouble: None,
            errors: Vec::new(),
            stored: None,
            is_second: false,
        }
    }

    /// The same after something did not work.
    pub(super) fn over(self, trouble: &'a str) -> Self {
        Self { trouble: Some(trouble), ..self }
    }
}

/// The inquiry on whose page somebody pressed what led here, or that was being read when the call before this one came.
/// Browsers tell that to pages of the same site alone.
pub(super) fn read_before(request: &HttpRequest, site: &Site) -> Option<Reference> {
    let from = request.headers().get(REFERER)?.to_str().ok()?.strip_prefix(&site.public_url)?;
    let page = from.strip_prefix(routes::INBOX)?.strip_prefix('/')?;
    let (reference, rest) = page.split_at(page.find(['/', '?', '#']).unwrap_or(page.len()));
    match rest.strip_prefix("/taken") {
        Some(call) => Reference::parse(call.strip_prefix("?read=")?),
        None => Reference::parse(reference),
    }
}

pub(super) async fn take(bench: Bench, reception: Reception, fields: Fields, bell: web::Data<Notify>) -> HttpResponse {
    let (call, draft) = (call(&fields), name(&fields));
    let form = carried_name(&fields).unwrap_or_default();
    let sheet = Sheet::of(&call, draft.clone());
    if fields.has(AGAIN) {
        return answer(&bench, &reception, StatusCode::OK, sheet).await;
    }
    let channel = Channel::parse(&call.channel);
    let (new, channel) = match (reception.parse(&call.form), channel) {
        (Ok(new), Some(channel)) => (new, channel),
        (parsed, channel) => {
            let words = "Choose whether they called or came".to_owned();
            let mut errors: Vec<_> =
                channel.is_none().then_some(FieldWords { field: "channel", words }).into_iter().collect();
            errors.extend(parsed.err().unwrap_or_default().into_iter().map(|error| words_for(error, channel)));
            return refuse(&bench, &reception, Sheet { errors, ..sheet }, fields.has(SECOND)).await;
        }
    };
    if let Some(why) = reception.doubt(&call.form.token) {
        reception.notes.add(why);
        let words = "This page was open for a long time. Look it over and press the button once more.";
        return refuse(&bench, &reception, sheet.over(words), fields.has(SECOND)).await;
    }
    if !fields.has(SECOND) {
        match Stored::from(&bench, &draft, &call.form).await {
            Ok(Some(stored)) if stored.inquiry.submission != *new.submission() => {
                return tell(&bench, &reception, StatusCode::CONFLICT, sheet, stored).await;
            }
            Ok(_) => {}
            Err(cause) => return bench.unavailable(&cause),
        }
    }
    let taker = Taker { actor: &bench.actor, channel, draft: &draft, form: &form };
    match desk::take(&bench.store, &reception.key, &bench.policy, taker, &new, bench.now).await {
        Ok(receipt_key) => {
            bell.notify_one();
            match bench.store.inquiry_by_receipt(&digest(&receipt_key)).await {
                Ok(Some(inquiry)) => {
                    see_other(&routes::taken(&inquiry.reference, Reference::parse(&call.read).as_ref()))
                }
                Ok(None) => bench.not_found().await,
                Err(cause) => bench.unavailable(&cause),
            }
        }
        Err(cause) => {
            tracing::error!(%cause, "an inquiry could not be stored; who took it was told");
            let words = "This could not be stored. Everything is still here. Try again in a minute.";
            let sheet = sheet.over(words);
            answer(&bench, &reception, StatusCode::SERVICE_UNAVAILABLE, sheet).await
        }
    }
}

/// The form over what cannot be stored as it is. It is kept before: whoever leaves it from here loses nothing.
/// What is stored already is told first: an old page that a browser sends once more lacks what was mended since.
async fn refuse(bench: &Bench, reception: &Reception, sheet: Sheet<'_>, is_second: bool) -> HttpResponse {
    let stored = Stored::from(bench, &sheet.draft, &sheet.call.form).await.unwrap_or_default();
    if let Some(stored) = stored.filter(|_| !is_second) {
        let sheet = Sheet { trouble: None, errors: Vec::new(), ..sheet };
        return tell(bench, reception, StatusCode::UNPROCESSABLE_ENTITY, sheet, stored).await;
    }
    let sheet = Sheet { is_second, ..sheet_kept(bench, sheet).await };
    answer(bench, reception, StatusCode::UNPROCESSABLE_ENTITY, sheet).await
}

/// The form over what is stored already. What is new in it is kept.
async fn tell(
    bench: &Bench,
    reception: &Reception,
    status: StatusCode,
    sheet: Sheet<'_>,
    stored: Stored,
) -> HttpResponse {
    let sheet = if stored.holds(&sheet.call.form) { sheet } else { sheet_kept(bench, sheet).await };
    answer(bench, reception, status, Sheet { stored: Some(stored.told), ..sheet }).await
}

/// The form with what stands in it kept as a draft.
async fn sheet_kept<'a>(bench: &Bench, sheet: Sheet<'a>) -> Sheet<'a> {
    let kept = desk::keep_call(&bench.store, &bench.actor, &sheet.draft, sheet.call, bench.now).await;
    if let Err(cause) = &kept {
        tracing::error!(%cause, "a draft of a call could not be kept; it stands on the page");
    }
    Sheet { is_draft: kept.is_ok() && sheet.call.is_begun(), ..sheet }
}

/// Whoever is on the phone is asked for a number first.
fn words_for(error: FieldError, channel: Option<Channel>) -> FieldWords {
    let calls = channel == Some(Channel::Phone) && error.fault == FieldFault::NoWayToReach;
    FieldWords::of_them(if calls { FieldError { field: Field::Phone, ..error } } else { error })
}

/// The page of the form.
pub(super) async fn answer(bench: &Bench, reception: &Reception, status: StatusCode, sheet: Sheet<'_>) -> HttpResponse {
    let token = match reception.token(&sheet.call.form) {
        Ok(token) => token,
        Err(cause) => return reception.no_token(&cause),
    };
    let draft = if sheet.draft.is_empty() { name_by(&token) } else { sheet.draft };
    let sheet = Sheet { draft, ..sheet };
    let mut begun = links(bench, BEGUN + 1).await.unwrap_or_default();
    let own = routes::call_draft(&sheet.draft);
    begun.retain(|link| link.href.split('#').next() != Some(own.as_str()));
    begun.truncate(BEGUN);
    let new_page = NewPage {
        site: &bench.site,
        head: Head::hidden("New inquiry", routes::NEW_INQUIRY).keeping("typed", routes::NEW_INQUIRY_DRAFT.to_owned()),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await.unwrap_or_default(),
        content: &bench.content,
        token,
        begun,
        read: Reference::parse(&sheet.call.read),
        last: if sheet.stored.is_none() { Last::of(bench, None).await.unwrap_or_default() } else { None },
        privacy_day: day_of_version(&bench.policy.consent_version),
        sheet,
    };
    let home =
        if new_page.sheet.is_draft { routes::call_draft(&new_page.sheet.draft) } else { routes::NEW_INQUIRY.into() };
    refused::leading(home, page(status, &new_page))
}
