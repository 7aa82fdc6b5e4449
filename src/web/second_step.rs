//! The second step of a sign-in: a code, where the account asks for one. Between the steps there is no session, only a
//! signed word that says who gave the right password a moment ago; it opens nothing without a code.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

use super::door::{Door, TOO_MANY, wait};
use super::events::What;
use super::kept::Wish;
use super::{Head, Site, error, guard, page, routes, sign_in};
use crate::clock::from_milliseconds;
use crate::desk::second_factor::{self, Factor};
use crate::secret::{SecretKey, same};
use crate::staff::StaffMember;
use crate::store::{self, Store};

/// Time to find the phone.
const WITHIN: SignedDuration = SignedDuration::from_mins(10);

#[derive(Template)]
#[template(path = "desk/second_step.html")]
struct CodePage<'a> {
    site: &'a Site,
    head: Head,
    wish: &'a Wish,
    error: Option<&'a str>,
}

/// The page that asks for the code of somebody whose password was right.
pub(super) fn ask(door: &Door, member: &StaffMember, wish: &Wish) -> HttpResponse {
    let mut response = code_page(&door.site, StatusCode::OK, wish, None);
    let cookie = guard::code_cookie(&door.site, token(&door.key, member, door.now));
    if let Err(cause) = response.add_cookie(&cookie) {
        tracing::error!(%cause, "a cookie could not be written");
    }
    response
}

/// The code alone, from that page.
pub(super) async fn finish(door: &Door, request: &HttpRequest, code: &str, wish: &Wish) -> HttpResponse {
    let token = guard::code_token(request, &door.site).unwrap_or_default();
    match owes_a_code(&door.store, &door.key, &token, door.now).await {
        Ok(Some(member)) => check(door, request, &member, code, wish).await,
        Ok(None) => {
            door.notes.add(What::LateCode);
            let why = "That took too long, or the browser keeps no cookies. Sign in again.";
            sign_in::sign_in_page(&door.site, StatusCode::UNAUTHORIZED, wish, "", Some(why))
        }
        Err(cause) => error::unavailable(&door.site, &cause),
    }
}

/// The code of somebody whose password was right.
pub(super) async fn check(
    door: &Door,
    request: &HttpRequest,
    member: &StaffMember,
    code: &str,
    wish: &Wish,
) -> HttpResponse {
    let refuse = |status, why| code_page(&door.site, status, wish, Some(why));
    let visitor = door.visitor(request, member.email.as_str());
    if let Err(pause) = visitor.take(&door.tries.codes, door.now) {
        door.notes.add_about(What::SignInThrottled, &member.id);
        return wait(refuse(StatusCode::TOO_MANY_REQUESTS, TOO_MANY), pause);
    }
    match second_factor::accepts(&door.store, &member.id, code, door.now).await {
        Ok(Some(factor)) => {
            visitor.succeeded(&door.tries.codes);
            let factors = match factor {
                Factor::App => "password, code",
                Factor::Recovery => "password, recovery code",
            };
            sign_in::complete(door, request, member, &visitor, wish, factors).await
        }
        Ok(None) => {
            door.notes.add_about(What::WrongCode, &member.id);
            door.code_failed(&visitor, member);
            let why = "This code is not right, or was used already. Wait for the next one of your app.";
            let mut response = refuse(StatusCode::UNAUTHORIZED, why);
            let cookie = guard::code_cookie(&door.site, token(&door.key, member, door.now));
            if let Err(cause) = response.add_cookie(&cookie) {
                tracing::error!(%cause, "a cookie could not be written");
            }
            response
        }
        Err(cause) => error::unavailable(&door.site, &cause),
    }
}

fn code_page(site: &Site, status: StatusCode, wish: &Wish, error: Option<&str>) -> HttpResponse {
    page(status, &CodePage { site, head: Head::hidden("Enter your code", routes::LOGIN), wish, error })
}

/// Who, since when, and a MAC over both and the password's hash: with another password it is void.
fn token(key: &SecretKey, member: &StaffMember, now: Timestamp) -> String {
    let at = now.as_millisecond().to_string();
    let mac = URL_SAFE_NO_PAD.encode(mac(key, member, &at));
    format!("{}.{at}.{mac}", member.id)
}

fn mac(key: &SecretKey, member: &StaffMember, at: &str) -> [u8; 32] {
    let hash = member.password_hash.as_deref().unwrap_or_default();
    key.mac("second step", &[member.id.as_bytes(), at.as_bytes(), hash.as_bytes()])
}

async fn owes_a_code(
    store: &Store,
    key: &SecretKey,
    token: &str,
    now: Timestamp,
) -> Result<Option<StaffMember>, store::Error> {
    let mut parts = token.split('.');
    let (Some(id), Some(at), Some(sign), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let Some(given_at) = at.parse().ok().map(from_milliseconds) else { return Ok(None) };
    if now.duration_since(given_at).abs() >= WITHIN {
        return Ok(None);
    }
    let member = store.staff_by_id(id).await?.filter(|member| member.disabled_at.is_none());
    let member = member.filter(|member| member.password_hash.is_some() && member.has_second_factor);
    Ok(member.filter(|member| same(URL_SAFE_NO_PAD.encode(mac(key, member, at)).as_bytes(), sign.as_bytes())))
}
