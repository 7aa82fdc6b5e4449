//! The door of the desk. A request comes through only from this site and with a live session; what it becomes inside
//! is an [`Actor`]. Words that a person typed while their session ended are kept through the sign-in.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::cookie::Cookie;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use jiff::{SignedDuration, Timestamp};

use super::body::Fields;
use super::events::{Notes, What};
use super::kept::Kept;
use super::origin::{self, Origin};
use super::{Site, body, desk_error, error, inbox, refused, routes, second_factor, see_other, sign_in};
use crate::clock::Clock;
use crate::inquiry::Reference;
use crate::secret::{SecretKey, digest, same};
use crate::staff::Actor;
use crate::store::{self, Store};

/// A session's last use is written at most this often: a click must not cost a write.
const TOUCHED_EVERY: SignedDuration = SignedDuration::from_secs(60);
const TOUCHED_WITHIN: Duration = Duration::from_millis(500);

/// Lets a signed-in person through.
pub(super) async fn signed_in(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (Some(site), Some(store), Some(clock)) = (
        request.app_data::<web::Data<Site>>().cloned(),
        request.app_data::<web::Data<Store>>().cloned(),
        request.app_data::<web::Data<Clock>>().cloned(),
    ) else {
        return Err(actix_web::error::ErrorInternalServerError(""));
    };
    if changes_something(request.method()) && origin::of(request.headers(), &site.public_url) != Origin::Ours {
        let answer = foreign(&request, &site, &store, clock.now()).await;
        return Ok(request.into_response(answer).map_into_boxed_body());
    }
    match actor(request.request(), &site, &store, clock.now()).await {
        Ok(Some(actor)) => {
            if owes_a_factor(&request, &actor) && !SETTING_UP.contains(&request.path()) {
                let answer = send_to_set_up(&request, &site, &actor);
                return Ok(request.into_response(answer).map_into_boxed_body());
            }
            request.extensions_mut().insert(actor);
            let sent_with = changes_something(request.method()).then(|| secret(request.request(), &site)).flatten();
            let mut response = next.call(request).await?.map_into_boxed_body();
            if let Some(secret) = sent_with {
                show_anew(&mut response, &cookie(&site, secret.clone()))?;
                response = refused::sent_on(response, &secret, clock.now());
            }
            Ok(response)
        }
        Ok(None) => {
            Notes::of(request.request()).add(What::NoSession);
            let answer = send_to_sign_in(&mut request, &site).await;
            Ok(request.into_response(answer).map_into_boxed_body())
        }
        Err(cause) => Ok(request.into_response(error::unavailable(&site, &cause)).map_into_boxed_body()),
    }
}

/// Gives the session's cookie once more with the answer to a form. Chromium keeps pages whole for "Back" although they say
/// `no-store`, and would show one as it was before the change; it lets go of them when a cookie that scripts cannot read is set,
/// even to what it was. Firefox keeps none of them, nor does Safari over HTTPS.
/// Source: <https://developer.chrome.com/docs/web-platform/bfcache-ccns>.
fn show_anew(response: &mut ServiceResponse, session: &Cookie<'static>) -> Result<(), Error> {
    // A handler that began another session, or ended this one, has set its own.
    if response.response().cookies().any(|other| other.name() == session.name()) {
        return Ok(());
    }
    response.response_mut().add_cookie(session).map_err(actix_web::error::ErrorInternalServerError)
}

/// Where an account that must set up codes may go: there, to show again who it is, and out.
const SETTING_UP: [&str; 4] = [routes::SECOND_FACTOR, routes::SECOND_FACTOR_CONFIRM, routes::CONFIRM, routes::LOGOUT];

/// What every account must have.
pub(super) struct Demands {
    pub second_factor: bool,
}

impl Demands {
    /// Whether this account must set up codes before anything else.
    pub(super) fn are_owed_by(&self, actor: &Actor) -> bool {
        self.second_factor && !actor.has_second_factor()
    }
}

fn owes_a_factor(request: &ServiceRequest, actor: &Actor) -> bool {
    let demanded = request.app_data::<web::Data<Demands>>().is_none_or(|demands| demands.second_factor);
    demanded && !actor.has_second_factor()
}

/// The page that refuses a form from elsewhere; None where it comes from this site. For the forms outside the door.
pub(super) fn refuse_foreign(request: &HttpRequest, site: &Site) -> Option<HttpResponse> {
    match origin::of(request.headers(), &site.public_url) {
        Origin::Ours => None,
        Origin::Foreign | Origin::Unsaid => Some(error::foreign(site)),
    }
}

/// The session's secret in the request's cookie.
pub(super) fn secret(request: &HttpRequest, site: &Site) -> Option<String> {
    request.cookie(cookie_name(site)).map(|cookie| cookie.value().to_owned())
}

/// The cookie that carries a session. Over plain HTTP, which sign-in allows on this machine only, browsers would
/// refuse the prefix and `Secure`.
pub(super) fn cookie(site: &Site, secret: String) -> Cookie<'static> {
    named(site, cookie_name(site), secret)
}

/// Says who gave the right password and owes a code. It opens nothing by itself.
pub(super) fn code_cookie(site: &Site, token: String) -> Cookie<'static> {
    named(site, code_cookie_name(site), token)
}

/// What that cookie of the request says.
pub(super) fn code_token(request: &HttpRequest, site: &Site) -> Option<String> {
    request.cookie(code_cookie_name(site)).map(|cookie| cookie.value().to_owned())
}

fn named(site: &Site, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .secure(site.is_https())
        .http_only(true)
        .same_site(actix_web::cookie::SameSite::Lax)
        .finish()
}

/// How long a browser is remembered that signed in.
const REMEMBERED: actix_web::cookie::time::Duration = actix_web::cookie::time::Duration::days(180);

/// Says that this browser signed in to this account before. It opens nothing; it only keeps the owner from waiting
/// behind strangers who try passwords (OWASP, "Device cookies").
pub(super) fn browser_cookie(site: &Site, key: &SecretKey, account: &[u8]) -> Cookie<'static> {
    let mut cookie = named(site, browser_cookie_name(site), key.browser_mark(account));
    cookie.set_max_age(REMEMBERED);
    cookie
}

/// Whether the browser signed in to this account before.
pub(super) fn is_known_browser(request: &HttpRequest, site: &Site, key: &SecretKey, account: &[u8]) -> bool {
    let mark = request.cookie(browser_cookie_name(site));
    mark.is_some_and(|mark| same(mark.value().as_bytes(), key.browser_mark(account).as_bytes()))
}

fn browser_cookie_name(site: &Site) -> &'static str {
    if site.is_https() { "__Host-browser" } else { "browser" }
}

fn code_cookie_name(site: &Site) -> &'static str {
    if site.is_https() { "__Host-code" } else { "code" }
}

fn cookie_name(site: &Site) -> &'static str {
    if site.is_https() { "__Host-session" } else { "session" }
}

pub(super) fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The page that refuses a form from elsewhere. Who is signed in gets it at the desk; it is no use of their session, for
/// another site sent it.
async fn foreign(request: &ServiceRequest, site: &Site, store: &Store, now: Timestamp) -> HttpResponse {
    match proven(request.request(), site, store, now).await {
        Ok(Some((actor, _))) if !owes_a_factor(request, &actor) => desk_error::foreign(site, store, &actor).await,
        _ => error::foreign(site),
    }
}

async fn actor(
    request: &HttpRequest,
    site: &Site,
    store: &Store,
    now: Timestamp,
) -> Result<Option<Actor>, store::Error> {
    let Some((actor, used_at)) = proven(request, site, store, now).await? else { return Ok(None) };
    if now.duration_since(used_at).abs() >= TOUCHED_EVERY {
        // Reading goes on while the database cannot be written; the session then ends a little earlier.
        let digest = digest(&secret(request, site).unwrap_or_default());
        let _not_now = tokio::time::timeout(TOUCHED_WITHIN, touch(store, &digest, now)).await;
    }
    Ok(Some(actor))
}

/// Whose session it is, and when it was last used.
async fn proven(
    request: &HttpRequest,
    site: &Site,
    store: &Store,
    now: Timestamp,
) -> Result<Option<(Actor, Timestamp)>, store::Error> {
    let Some(secret) = secret(request, site) else { return Ok(None) };
    let Some(session) = store.session(&digest(&secret)).await? else { return Ok(None) };
    Ok(Actor::prove(&session, now).map(|actor| (actor, session.seen_at)))
}

async fn touch(store: &Store, digest: &[u8], now: Timestamp) -> Result<(), store::Error> {
    let mut tx = store.begin().await?;
    tx.touch_session(digest, now).await?;
    tx.commit().await
}

/// Codes first. Words in a form stay in the browser, which shows them again on the way back.
fn send_to_set_up(request: &ServiceRequest, site: &Site, actor: &Actor) -> HttpResponse {
    Notes::of(request.request()).add_about(What::NoFactor, actor.id());
    match changes_something(request.method()) {
        true => second_factor::ask(site, actor, StatusCode::FORBIDDEN),
        false => see_other(routes::SECOND_FACTOR),
    }
}

/// A page is found again after the sign-in; words in a form are carried through it.
async fn send_to_sign_in(request: &mut ServiceRequest, site: &Site) -> HttpResponse {
    if !changes_something(request.method()) {
        return see_other(&routes::sign_in(&page_wished_for(request.request(), site)));
    }
    let path = request.path().to_owned();
    if path == routes::CHANGES {
        return send_to_sign_in_and_confirm(request, site).await;
    }
    let read = match request.extract::<web::Payload>().await {
        Ok(payload) => body::read(request.request(), payload, body::DESK).await,
        Err(_) => Ok(Fields::default()),
    };
    match (Kept::page_of(&path), read) {
        (Some(next), Ok(fields)) if !Kept::is_bare(&path, &fields) => {
            let next = next.to_owned();
            sign_in::again(site, &next, Kept { action: path, fields })
        }
        (Some(_), Err(unreadable)) => unreadable.page(site),
        (_, fields) => see_other(&routes::sign_in(&Kept::page_of_button(&path, &fields.unwrap_or_default()))),
    }
}

/// With the view of the inbox in which it was pressed: the page of the sign-in lies between.
fn page_wished_for(request: &HttpRequest, site: &Site) -> String {
    let page = request.uri().path_and_query().map_or(routes::INBOX, |path| path.as_str());
    let reference = page.strip_prefix(routes::INBOX).and_then(|rest| rest.strip_prefix('/'));
    match reference.and_then(Reference::parse) {
        Some(_) => inbox::WayBack::before(request, site).along(page),
        None => page.to_owned(),
    }
}

/// What was ticked is found again on the page that asks for confirmation.
async fn send_to_sign_in_and_confirm(request: &mut ServiceRequest, site: &Site) -> HttpResponse {
    let Ok(payload) = request.extract::<web::Payload>().await else {
        return see_other(&routes::sign_in(routes::INBOX));
    };
    match body::read(request.request(), payload, body::DESK).await {
        Ok(fields) => see_other(&routes::sign_in(&inbox::changes_address(&fields))),
        Err(unreadable) => unreadable.page(site),
    }
}
