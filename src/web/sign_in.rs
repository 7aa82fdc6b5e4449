//! Signing in and out. Known and unknown names are answered alike.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use ipnet::IpNet;
use jiff::Timestamp;

use super::body::{self, Fields};
use super::limits::client;
use super::tries::{Account, Tries, account};
use super::{Head, Site, error, guard, page, routes, see_other};
use crate::clock::Clock;
use crate::contact::EmailAddress;
use crate::secret::{SecretKey, digest, random_secret};
use crate::staff::{Actor, Hasher, StaffMember};
use crate::store::{self, Store};

/// Words that were typed when a session had ended.
pub(super) struct Kept {
    pub action: String,
    pub field: &'static str,
    pub words: String,
    /// Which version of the inquiry the page showed.
    pub version: String,
}

#[derive(Template)]
#[template(path = "desk/sign_in.html")]
struct SignInPage<'a> {
    site: &'a Site,
    head: Head,
    next: &'a str,
    email: &'a str,
    error: Option<&'a str>,
    kept: Option<&'a Kept>,
}

#[derive(Template)]
#[template(path = "desk/kept.html")]
struct KeptPage<'a> {
    site: &'a Site,
    head: Head,
    kept: &'a Kept,
}

fn sign_in_page(
    site: &Site,
    status: StatusCode,
    next: &str,
    email: &str,
    error: Option<&str>,
    kept: Option<&Kept>,
) -> HttpResponse {
    page(status, &SignInPage { site, head: Head::hidden("Sign in", routes::LOGIN), next, email, error, kept })
}

/// The sign-in page over a form whose words would otherwise be lost.
pub(super) fn again(site: &Site, next: &str, kept: Kept) -> HttpResponse {
    let error = "Your session has ended. Sign in again: your words are kept.";
    sign_in_page(site, StatusCode::UNAUTHORIZED, next, "", Some(error), Some(&kept))
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
    sign_in_page(&site, StatusCode::OK, inside(&next), "", None, None)
}

#[allow(clippy::too_many_arguments, reason = "a handler lists what it uses")]
pub(super) async fn sign_in(
    request: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
    store: web::Data<Store>,
    clock: web::Data<Clock>,
    hasher: web::Data<Hasher>,
    tries: web::Data<Tries>,
    key: web::Data<SecretKey>,
    trusted: web::Data<Vec<IpNet>>,
) -> HttpResponse {
    let fields = match read_form(&request, payload, &site).await {
        Ok(fields) => fields,
        Err(answer) => return answer,
    };
    let (email, next, kept) = (fields.text("email"), fields.text("next"), kept(&fields));
    let refuse = |status, why| sign_in_page(&site, status, inside(&next), &email, Some(why), kept.as_ref());
    let (account, client, now) = (account(&key, &email), client(&request, &trusted), clock.now());
    let is_known = guard::is_known_browser(&request, &site, &key, &account);
    if let Err(wait) = tries.take(account, client, is_known, now) {
        let mut response =
            refuse(StatusCode::TOO_MANY_REQUESTS, "Too many tries. Wait a quarter of an hour, then try again.");
        response.headers_mut().insert(RETRY_AFTER, (wait.as_secs().max(0) + 1).into());
        return response;
    }
    let member = match find(&store, &email).await {
        Ok(member) => member,
        Err(cause) => return error::unavailable(&site, &cause),
    };
    let hash = member.as_ref().and_then(|member| member.password_hash.clone());
    let right = match hasher.verify(&fields.text("password"), hash).await {
        Ok(right) => right,
        Err(_) => {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "Too many people sign in just now. Try again in a minute.");
        }
    };
    let wrong = "The email address or the password is not right.";
    let Some(member) = member.filter(|_| right) else { return refuse(StatusCode::UNAUTHORIZED, wrong) };
    tries.succeeded(account, client, is_known);
    match begin_session(&store, &member, guard::secret(&request, &site), now).await {
        Ok(Some(secret)) => signed_in(&site, &key, &account, secret, inside(&next), kept.as_ref()),
        Ok(None) => refuse(StatusCode::UNAUTHORIZED, wrong),
        Err(cause) => error::unavailable(&site, &cause),
    }
}

/// The account, when it may sign in; an address that is none belongs to nobody.
async fn find(store: &Store, email: &str) -> Result<Option<StaffMember>, store::Error> {
    let Ok(email) = EmailAddress::parse(email) else { return Ok(None) };
    Ok(store.staff_by_email(&email).await?.filter(|member| member.disabled_at.is_none()))
}

/// A new secret at every sign-in; one that the browser brought along ends. None when the account changed meanwhile: a
/// reset or a disabling must not be outrun by a sign-in that had begun before it.
pub(super) async fn begin_session(
    store: &Store,
    member: &StaffMember,
    before: Option<String>,
    now: Timestamp,
) -> Result<Option<String>, store::Error> {
    let secret = random_secret().map_err(store::Error::no_random)?;
    let mut tx = store.begin().await?;
    if !tx.still_has_password(&member.id, member.password_hash.as_deref().unwrap_or_default()).await? {
        return Ok(None);
    }
    if let Some(before) = before {
        tx.end_session(&digest(&before)).await?;
    }
    tx.add_session(&digest(&secret), &member.id, now).await?;
    tx.add_audit(now, &member.id, "session.begun", &member.id, "").await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// On to where they wanted to go, or to the words that waited.
pub(super) fn signed_in(
    site: &Site,
    key: &SecretKey,
    account: &Account,
    secret: String,
    next: &str,
    kept: Option<&Kept>,
) -> HttpResponse {
    let mut response = match kept {
        Some(kept) => page(StatusCode::OK, &KeptPage { site, head: Head::hidden("Your words are kept", next), kept }),
        None => see_other(next),
    };
    for cookie in [guard::cookie(site, secret), guard::browser_cookie(site, key, account)] {
        if let Err(cause) = response.add_cookie(&cookie) {
            tracing::error!(%cause, "a cookie could not be written");
        }
    }
    response
}

fn kept(fields: &Fields) -> Option<Kept> {
    let field = match fields.text("kept_field").as_str() {
        "note" => "note",
        "message" => "message",
        _ => return None,
    };
    let action = fields.text("kept_action");
    (inside(&action) == action).then(|| Kept {
        action,
        field,
        words: fields.text("kept_words"),
        version: fields.text("kept_version"),
    })
}

/// Only a page of the desk: a link must not make our sign-in lead to another site.
fn inside(next: &str) -> &str {
    let plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\') && !next.contains("//");
    let desk = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    if plain && desk && !next.starts_with(routes::LOGIN) { next } else { routes::INBOX }
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
    error::say(site, StatusCode::FORBIDDEN, "Signing in needs HTTPS", &words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_into_the_desk_and_nowhere_else() {
        assert_eq!(inside("/admin/inquiries/BW-7K3M-9QXT"), "/admin/inquiries/BW-7K3M-9QXT");
        assert_eq!(inside("/admin/inquiries?status=new&q=a"), "/admin/inquiries?status=new&q=a");
        for elsewhere in [
            "",
            "/",
            "//evil.example",
            "/admin//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/adminx",
            "/admin/a\r\nb",
            "/admin/login?next=/admin/login",
        ] {
            assert_eq!(inside(elsewhere), routes::INBOX, "{elsewhere}");
        }
    }
}
