//! One's own account: another password, and the sessions that are open.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use ipnet::IpNet;

use super::bench::Bench;
use super::body::{self, Fields};
use super::limits::client;
use super::tries::{Tries, account};
use super::{Head, Site, error, guard, page, routes, see_other, sign_in};
use crate::contact::EmailAddress;
use crate::secret::{SecretKey, digest};
use crate::staff::{Actor, Hasher, Password, SHORTEST_PASSWORD, StaffMember};
use crate::store::{self, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/account.html")]
struct AccountPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    email: &'a str,
    sessions: Vec<Line>,
    error: Option<String>,
    shortest: usize,
}

struct Line {
    begun: String,
    seen: String,
    is_this: bool,
}

/// What a change of the password needs besides the bench.
pub(super) struct Keys {
    hasher: web::Data<Hasher>,
    tries: web::Data<Tries>,
    key: web::Data<SecretKey>,
    client: IpAddr,
}

impl actix_web::FromRequest for Keys {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let keys = || {
            Some(Self {
                hasher: request.app_data::<web::Data<Hasher>>()?.clone(),
                tries: request.app_data::<web::Data<Tries>>()?.clone(),
                key: request.app_data::<web::Data<SecretKey>>()?.clone(),
                client: client(request, request.app_data::<web::Data<Vec<IpNet>>>()?),
            })
        };
        std::future::ready(keys().ok_or_else(|| actix_web::error::ErrorInternalServerError("no keys here")))
    }
}

pub(super) async fn show(bench: Bench, request: HttpRequest) -> HttpResponse {
    bench.or_unavailable(account_page(&bench, &request, StatusCode::OK, None).await)
}

/// Sets another password. Every session ends with the old one; this browser gets a new one.
pub(super) async fn change_password(
    bench: Bench,
    keys: Keys,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let fields = match body::read(&request, payload, body::DESK).await {
        Ok(fields) => fields,
        Err(unreadable) => return unreadable.page(&bench.site),
    };
    let member = match bench.store.staff_by_id(bench.actor.id()).await {
        Ok(Some(member)) => member,
        Ok(None) => return error::not_found(&bench.site),
        Err(cause) => return error::unavailable(&bench.site, &cause),
    };
    match checked(&bench, &keys, &fields, &member).await {
        Ok(password) => {
            let Ok(hash) = keys.hasher.hash(password).await else {
                return refuse(
                    &bench,
                    &request,
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Too many people sign in just now. Try again in a minute.",
                )
                .await;
            };
            set(&bench, &keys, &request, member, hash).await
        }
        Err((status, why)) => refuse(&bench, &request, status, &why).await,
    }
}

/// The new password, once the present one was right.
async fn checked(
    bench: &Bench,
    keys: &Keys,
    fields: &Fields,
    member: &StaffMember,
) -> Result<Password, (StatusCode, String)> {
    let account = account(&keys.key, member.email.as_str());
    if keys.tries.take(account, keys.client, true, bench.now).is_err() {
        return Err((
            StatusCode::TOO_MANY_REQUESTS,
            "Too many tries. Wait a quarter of an hour, then try again.".to_owned(),
        ));
    }
    let unprocessable = |why: &str| (StatusCode::UNPROCESSABLE_ENTITY, why.to_owned());
    match keys.hasher.verify(&fields.text("current"), member.password_hash.clone()).await {
        Ok(true) => keys.tries.succeeded(account, keys.client, true),
        Ok(false) => return Err(unprocessable("The present password is not right.")),
        Err(_) => {
            return Err((
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many people sign in just now. Try again in a minute.".to_owned(),
            ));
        }
    }
    if fields.text("password") != fields.text("password_again") {
        return Err(unprocessable("The two new passwords differ. Enter the same one twice."));
    }
    let own = [bench.site.clinic.name.as_str(), bench.site.clinic.city.as_str(), member.email.as_str()];
    Password::parse(&fields.text("password"), &own)
        .map_err(|fault| unprocessable(&format!("This password {fault}. Choose another one.")))
}

async fn set(bench: &Bench, keys: &Keys, request: &HttpRequest, mut member: StaffMember, hash: String) -> HttpResponse {
    let stored = async {
        let mut tx = bench.store.begin().await?;
        tx.set_password(&member.id, Some(&hash)).await?;
        tx.add_audit(bench.now, &member.id, "staff.password", &member.id, "").await?;
        tx.commit().await
    };
    if let Err(cause) = stored.await {
        return error::unavailable(&bench.site, &cause);
    }
    member.password_hash = Some(hash);
    match sign_in::begin_session(&bench.store, &member, guard::secret(request, &bench.site), bench.now).await {
        Ok(Some(secret)) => {
            let account = account(&keys.key, member.email.as_str());
            sign_in::signed_in(&bench.site, &keys.key, &account, secret, routes::ACCOUNT, None)
        }
        Ok(None) => see_other(routes::LOGIN),
        Err(cause) => error::unavailable(&bench.site, &cause),
    }
}

/// Ends every session of this account but the one that asks.
pub(super) async fn end_others(bench: Bench, request: HttpRequest) -> HttpResponse {
    let this = digest(&guard::secret(&request, &bench.site).unwrap_or_default());
    let ended = async {
        let others =
            bench.store.sessions_of(bench.actor.id()).await?.into_iter().filter(|session| session.digest != this);
        let mut tx = bench.store.begin().await?;
        for session in others {
            tx.end_session(&session.digest).await?;
        }
        tx.add_audit(bench.now, bench.actor.id(), "session.others_ended", bench.actor.id(), "").await?;
        tx.commit().await
    };
    bench.or_unavailable(ended.await.map(|()| see_other(routes::ACCOUNT)))
}

async fn refuse(bench: &Bench, request: &HttpRequest, status: StatusCode, why: &str) -> HttpResponse {
    bench.or_unavailable(account_page(bench, request, status, Some(why.to_owned())).await)
}

async fn account_page(
    bench: &Bench,
    request: &HttpRequest,
    status: StatusCode,
    error: Option<String>,
) -> Result<HttpResponse, store::Error> {
    let this = digest(&guard::secret(request, &bench.site).unwrap_or_default());
    let member = bench.store.staff_by_id(bench.actor.id()).await?;
    let open = bench.store.sessions_of(bench.actor.id()).await?;
    let alive = open.iter().filter(|session| session.is_alive(bench.now));
    let line = |session: &store::OpenSession| Line {
        begun: bench.soon(session.created_at),
        seen: bench.soon(session.seen_at),
        is_this: session.digest == this,
    };
    let account = AccountPage {
        site: &bench.site,
        head: Head::hidden("Your account", routes::ACCOUNT),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        email: member.as_ref().map_or("", |member| EmailAddress::as_str(&member.email)),
        sessions: alive.map(line).collect(),
        error,
        shortest: SHORTEST_PASSWORD,
    };
    Ok(page(status, &account))
}
