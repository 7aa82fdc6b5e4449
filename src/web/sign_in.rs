//! Signing in and out. Known and unknown names are answered alike.

use actix_web::http::StatusCode;
use actix_web::http::header::USER_AGENT;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::Timestamp;

use super::body::{self, Fields};
use super::door::{BUSY, Door, TOO_MANY, Visitor, wait};
use super::events::{What, marked};
use super::kept::{Kept, Wish};
use super::{Head, Site, error, guard, page, routes, second_step, see_other};
use crate::clock::Clock;
use crate::contact::EmailAddress;
use crate::desk::accounts;
use crate::outbox::AccountNews;
use crate::secret::{digest, random_secret};
use crate::staff::{Actor, Browser, StaffMember};
use crate::store::{self, Store};

#[derive(Template)]
#[template(path = "desk/sign_in.html")]
struct SignInPage<'a> {
    site: &'a Site,
    head: Head,
    wish: &'a Wish,
    email: &'a str,
    error: Option<&'a str>,
    no_email: Option<&'a str>,
    no_password: Option<&'a str>,
}

pub(super) fn sign_in_page(
    site: &Site,
    status: StatusCode,
    wish: &Wish,
    email: &str,
    error: Option<&str>,
) -> HttpResponse {
    let head = Head::hidden("Sign in", routes::LOGIN);
    page(status, &SignInPage { site, head, wish, email, error, no_email: None, no_password: None })
}

/// The page over a form in which a field was left empty; no password is tried then. None where both are filled.
fn incomplete(site: &Site, wish: &Wish, email: &str, password: &str) -> Option<HttpResponse> {
    let no_email = email.trim().is_empty().then_some("Enter your email address");
    let no_password = password.is_empty().then_some("Enter your password");
    no_email.or(no_password)?;
    let head = Head::hidden("Sign in", routes::LOGIN);
    let again = SignInPage { site, head, wish, email, error: None, no_email, no_password };
    Some(page(StatusCode::UNPROCESSABLE_ENTITY, &again))
}

/// The sign-in page over a form whose words would otherwise be lost.
pub(super) fn again(site: &Site, next: &str, kept: Kept) -> HttpResponse {
    let error = "Your session has ended. Sign in again.";
    let wish = Wish { kept: Some(kept), ..Wish::page(next) };
    sign_in_page(site, StatusCode::UNAUTHORIZED, &wish, "", Some(error))
}

#[derive(serde::Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

pub(super) async fn show(site: web::Data<Site>, next: Option<web::Query<Next>>) -> HttpResponse {
    if !site.may_sign_in() {
        return needs_https(&site);
    }
    let next = next.map(|next| next.into_inner().next).unwrap_or_default();
    sign_in_page(&site, StatusCode::OK, &Wish::page(&next), "", None)
}

/// The password, and where the account asks for one, the code: with it or in a second step.
pub(super) async fn sign_in(request: HttpRequest, payload: web::Payload, door: Door) -> HttpResponse {
    let fields = match read_form(&request, payload, &door.site).await {
        Ok(fields) => fields,
        Err(answer) => return answer,
    };
    let wish = Wish::of(&fields);
    if fields.has("code") && !fields.has("password") {
        return second_step::finish(&door, &request, &fields.text("code"), &wish).await;
    }
    let (email, password) = (fields.text("email"), fields.text("password"));
    if let Some(answer) = incomplete(&door.site, &wish, &email, &password) {
        return answer;
    }
    let refuse = |status, why| sign_in_page(&door.site, status, &wish, &email, Some(why));
    let visitor = door.visitor(&request, &email);
    if let Err(pause) = visitor.take(&door.tries.passwords, door.now) {
        door.notes.add(What::SignInThrottled);
        return wait(refuse(StatusCode::TOO_MANY_REQUESTS, TOO_MANY), pause);
    }
    let member = match find(&door.store, &email).await {
        Ok(member) => member,
        Err(cause) => return error::unavailable(&door.site, &cause),
    };
    let member_who_may = member.clone().filter(|member| member.disabled_at.is_none());
    let hash = member_who_may.as_ref().and_then(|member| member.password_hash.clone());
    let Ok(right) = door.hasher.verify(&password, hash).await else {
        door.notes.add(What::SignInBusy);
        return refuse(StatusCode::SERVICE_UNAVAILABLE, BUSY);
    };
    match member_who_may {
        Some(member) if right => {
            visitor.succeeded(&door.tries.passwords);
            let code = fields.text("code");
            match (member.has_second_factor, code.is_empty()) {
                (false, _) => complete(&door, &request, &member, &visitor, &wish, "password").await,
                (true, true) => second_step::ask(&door, &member, &wish),
                (true, false) => second_step::check(&door, &request, &member, &code, &wish).await,
            }
        }
        who_may => {
            note_refusal(&door, member.as_ref());
            door.password_failed(&visitor, who_may);
            refuse(StatusCode::UNAUTHORIZED, "The email address or the password is not right.")
        }
    }
}

/// The log tells apart what the answer does not.
fn note_refusal(door: &Door, member: Option<&StaffMember>) {
    match member {
        None => door.notes.add(What::UnknownName),
        Some(member) if member.disabled_at.is_some() => door.notes.add_about(What::DisabledAccount, &member.id),
        Some(member) => door.notes.add_about(What::WrongPassword, &member.id),
    }
}

/// The account, disabled or not; an address that is none belongs to nobody.
async fn find(store: &Store, email: &str) -> Result<Option<StaffMember>, store::Error> {
    let Ok(email) = EmailAddress::parse(email) else { return Ok(None) };
    store.staff_by_email(&email).await
}

/// Everything was right: a session begins. `factors` says what was shown, for the log.
pub(super) async fn complete(
    door: &Door,
    request: &HttpRequest,
    member: &StaffMember,
    visitor: &Visitor,
    wish: &Wish,
    factors: &'static str,
) -> HttpResponse {
    // Somebody who was never here has no browser that is known.
    let is_new_browser = !visitor.is_known_browser && member.seen_at.is_some();
    match begin_session(&door.store, member, Arrival::of(request, &door.site), is_new_browser, door.now).await {
        Ok(Some(secret)) => {
            if is_new_browser {
                door.bell.notify_one();
            }
            door.notes.add_by(What::SignedIn, &member.id, factors);
            let answer = wish.fulfil(door, &secret).await;
            signed_in(door, member, secret, answer)
        }
        Ok(None) => {
            let why = "The account was changed at the same moment. Sign in again.";
            sign_in_page(&door.site, StatusCode::UNAUTHORIZED, wish, "", Some(why))
        }
        Err(cause) => error::unavailable(&door.site, &cause),
    }
}

/// What a browser brings along to a session that begins.
pub(super) struct Arrival {
    /// The secret of the session before, which ends.
    before: Option<String>,
    browser: Browser,
}

impl Arrival {
    pub(super) fn of(request: &HttpRequest, site: &Site) -> Self {
        let said = request.headers().get(USER_AGENT).and_then(|said| said.to_str().ok());
        Self { before: guard::secret(request, site), browser: Browser::of(said.unwrap_or_default()) }
    }
}

/// A new secret at every sign-in; one that the browser brought along ends. None when the account changed meanwhile: a
/// reset or a disabling must not be outrun by a sign-in that had begun before it.
pub(super) async fn begin_session(
    store: &Store,
    member: &StaffMember,
    arrival: Arrival,
    is_new_browser: bool,
    now: Timestamp,
) -> Result<Option<String>, store::Error> {
    let secret = random_secret().map_err(store::Error::no_random)?;
    let mut tx = store.begin().await?;
    if !tx.still_has_password(&member.id, member.password_hash.as_deref().unwrap_or_default()).await? {
        return Ok(None);
    }
    if let Some(before) = arrival.before {
        tx.end_session(&digest(&before)).await?;
    }
    tx.add_session(&digest(&secret), &member.id, &arrival.browser, now).await?;
    if is_new_browser {
        accounts::tell(&mut tx, &member.id, AccountNews::NewBrowser, now).await?;
    }
    tx.add_audit(now, &member.id, "session.begun", &member.id, "").await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// The answer, with the session's cookie and the mark of a browser that is known from now on.
pub(super) fn signed_in(door: &Door, member: &StaffMember, secret: String, mut response: HttpResponse) -> HttpResponse {
    let visitor = door.insider(&member.email);
    let mut code = guard::code_cookie(&door.site, String::new());
    code.make_removal();
    let session = guard::cookie(&door.site, secret);
    let browser = guard::browser_cookie(&door.site, &door.key, &visitor.account);
    let code = member.has_second_factor.then_some(code);
    for cookie in [session, browser].into_iter().chain(code) {
        if let Err(cause) = response.add_cookie(&cookie) {
            tracing::error!(%cause, "a cookie could not be written");
        }
    }
    response
}

pub(super) async fn sign_out(
    request: HttpRequest,
    actor: web::ReqData<Actor>,
    site: web::Data<Site>,
    store: web::Data<Store>,
    clock: web::Data<Clock>,
) -> HttpResponse {
    let secret = guard::secret(&request, &site).unwrap_or_default();
    let ended = async {
        let mut tx = store.begin().await?;
        tx.end_session(&digest(&secret)).await?;
        tx.add_audit(clock.now(), actor.id(), "session.ended", actor.id(), "").await?;
        tx.commit().await
    };
    if let Err(cause) = ended.await {
        return error::unavailable(&site, &cause);
    }
    let mut response = see_other(routes::LOGIN);
    let mut gone = guard::cookie(&site, String::new());
    gone.make_removal();
    if let Err(cause) = response.add_cookie(&gone) {
        tracing::error!(%cause, "the session's cookie could not be taken away");
    }
    let clear = actix_web::http::header::HeaderValue::from_static("\"cache\", \"cookies\", \"storage\"");
    response.headers_mut().insert(actix_web::http::header::HeaderName::from_static("clear-site-data"), clear);
    response
}

/// A form with a password: from this site only, and over a way on which nobody else can read it.
pub(super) async fn read_form(
    request: &HttpRequest,
    payload: web::Payload,
    site: &Site,
) -> Result<Fields, HttpResponse> {
    if let Some(refusal) = guard::refuse_foreign(request, site) {
        return Err(refusal);
    }
    if !site.may_sign_in() {
        return Err(needs_https(site));
    }
    body::read(request, payload, body::DESK).await.map_err(|unreadable| unreadable.page(site))
}

pub(super) fn needs_https(site: &Site) -> HttpResponse {
    let words = [
        "The desk cannot be used over plain HTTP. Others on the way could read everything.",
        "Put a proxy with HTTPS before Backwise and set server.public_url to its https:// address.",
    ];
    marked(error::say(site, StatusCode::FORBIDDEN, "Signing in needs HTTPS", &words), What::SignInUnencrypted)
}
