//! Codes of an app for one's own account: set up with a QR code, confirmed by a first code, removed; and recovery codes,
//! which are shown once.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::bench::Bench;
use super::body;
use super::door::{BUSY, Door, TOO_MANY};
use super::sign_in::Arrival;
use super::{Head, Site, page, qr, routes, see_other, sign_in};
use crate::desk::second_factor;
use crate::staff::{Actor, SHORTEST_ALONE, StaffMember, TotpSecret};
use crate::store::OutboxCounts;

#[derive(Template)]
#[template(path = "desk/second_factor.html")]
struct SetUpPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    /// How wide the QR code is, and its path.
    code: Option<(i32, String)>,
    address: &'a str,
    spelled: String,
    error: Option<&'a str>,
    /// Whether there is no way around it.
    is_demanded: bool,
}

#[derive(Template)]
#[template(path = "desk/factor_first.html")]
struct FirstPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    /// Something was sent, and was not done.
    is_refusal: bool,
}

/// The page before all others where every account must have codes and this one has none.
pub(super) fn ask(site: &Site, actor: &Actor, status: StatusCode) -> HttpResponse {
    let head = Head::hidden("Set up codes first", routes::SECOND_FACTOR);
    page(status, &FirstPage { site, head, actor, is_refusal: status != StatusCode::OK })
}

#[derive(Template)]
#[template(path = "desk/recovery_codes.html")]
struct CodesPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    email: &'a str,
    codes: Vec<String>,
    is_new_factor: bool,
}

/// Makes a secret for an app to share. It counts only after a first code.
pub(super) async fn begin(bench: Bench) -> HttpResponse {
    match second_factor::begin(&bench.store, bench.actor.id()).await {
        Ok(Some(_)) => see_other(routes::SECOND_FACTOR),
        Ok(None) => see_other(routes::ACCOUNT),
        Err(cause) => bench.unavailable(&cause),
    }
}

/// The secret that was made, as a picture and as text.
pub(super) async fn show(bench: Bench) -> HttpResponse {
    match second_factor::begun(&bench.store, bench.actor.id()).await {
        Ok(Some(secret)) => set_up(&bench, &secret, StatusCode::OK, None).await,
        Ok(None) if bench.owes_a_factor() => ask(&bench.site, &bench.actor, StatusCode::OK),
        Ok(None) => see_other(routes::ACCOUNT),
        Err(cause) => bench.unavailable(&cause),
    }
}

/// The first code. From then on the account asks for one, and this browser goes on with a new session.
pub(super) async fn confirm(bench: Bench, door: Door, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let fields = match body::read(&request, payload, body::DESK).await {
        Ok(fields) => fields,
        Err(unreadable) => return unreadable.page(&bench.site),
    };
    let secret = match second_factor::begun(&bench.store, bench.actor.id()).await {
        Ok(Some(secret)) => secret,
        Ok(None) => return see_other(routes::ACCOUNT),
        Err(cause) => return bench.unavailable(&cause),
    };
    let confirmed = second_factor::confirm(&bench.store, bench.actor.id(), &fields.text("code"), bench.now).await;
    match confirmed {
        Ok(Some(codes)) => {
            door.bell.notify_one();
            with_new_session(&bench, &door, &request, Some(codes)).await
        }
        Ok(None) => {
            let why =
                "This code is not right. Look whether your phone's clock is, and enter the code that it shows now.";
            set_up(&bench, &secret, StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await
        }
        Err(cause) => bench.unavailable(&cause),
    }
}

/// Takes the second factor away, once the password is right and long enough to stand alone.
pub(super) async fn remove(bench: Bench, door: Door, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let fields = match body::read(&request, payload, body::DESK).await {
        Ok(fields) => fields,
        Err(unreadable) => return unreadable.page(&bench.site),
    };
    let refuse = async |status, why: &str| bench.say(status, "The second factor is still there", &[why]).await;
    let member = match owner(&bench).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    let password = fields.text("current");
    let visitor = door.insider(&member.email);
    if visitor.take(&door.tries.passwords, bench.now).is_err() {
        return refuse(StatusCode::TOO_MANY_REQUESTS, TOO_MANY).await;
    }
    match door.hasher.verify(&password, member.password_hash.clone()).await {
        Ok(true) => visitor.succeeded(&door.tries.passwords),
        Ok(false) => {
            door.proof_failed(&visitor, &member);
            return refuse(StatusCode::UNPROCESSABLE_ENTITY, "The password is not right. Go back and try again.").await;
        }
        Err(_) => return refuse(StatusCode::SERVICE_UNAVAILABLE, BUSY).await,
    }
    if password.chars().count() < SHORTEST_ALONE {
        let why = format!("Your password is too short to stand alone. Set one of {SHORTEST_ALONE} characters first.");
        return refuse(StatusCode::CONFLICT, &why).await;
    }
    match second_factor::remove(&bench.store, bench.actor.id(), bench.now).await {
        Ok(()) => {
            door.bell.notify_one();
            with_new_session(&bench, &door, &request, None).await
        }
        Err(cause) => bench.unavailable(&cause),
    }
}

/// Ten new recovery codes.
pub(super) async fn renew_codes(bench: Bench, door: Door) -> HttpResponse {
    let member = match owner(&bench).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    if !member.has_second_factor {
        return see_other(routes::ACCOUNT);
    }
    match second_factor::renew_codes(&bench.store, bench.actor.id(), bench.now).await {
        Ok(codes) => {
            door.bell.notify_one();
            codes_page(&bench, &member, codes, false).await
        }
        Err(cause) => bench.unavailable(&cause),
    }
}

/// Every session ended with the change; the browser that made it gets a new one.
async fn with_new_session(
    bench: &Bench,
    door: &Door,
    request: &HttpRequest,
    codes: Option<Vec<String>>,
) -> HttpResponse {
    let member = match owner(bench).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    let arrival = Arrival::of(request, &bench.site);
    let answer = match codes {
        Some(codes) => codes_page(bench, &member, codes, true).await,
        None => see_other(routes::ACCOUNT),
    };
    match sign_in::begin_session(&bench.store, &member, arrival, false, bench.now).await {
        Ok(Some(secret)) => sign_in::signed_in(door, &member, secret, answer),
        // Whatever became of the session, codes that are shown once must be shown.
        Ok(None) | Err(_) => answer,
    }
}

async fn owner(bench: &Bench) -> Result<StaffMember, HttpResponse> {
    match bench.store.staff_by_id(bench.actor.id()).await {
        Ok(Some(member)) => Ok(member),
        Ok(None) => Err(see_other(routes::LOGIN)),
        Err(cause) => Err(bench.unavailable(&cause)),
    }
}

async fn set_up(bench: &Bench, secret: &TotpSecret, status: StatusCode, error: Option<&str>) -> HttpResponse {
    let member = match owner(bench).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    let address = secret.address(&bench.site.clinic.name, &member.email).unwrap_or_default();
    let set_up = SetUpPage {
        site: &bench.site,
        head: Head::hidden("Set up codes", routes::SECOND_FACTOR),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await.unwrap_or_default(),
        code: qr::path(&address),
        address: &address,
        spelled: secret.spelled(),
        error,
        is_demanded: bench.demands.second_factor,
    };
    page(status, &set_up)
}

async fn codes_page(bench: &Bench, member: &StaffMember, codes: Vec<String>, is_new_factor: bool) -> HttpResponse {
    let codes = CodesPage {
        site: &bench.site,
        head: Head::hidden("Your recovery codes", routes::ACCOUNT),
        actor: &bench.actor,
        // The codes are shown once: nothing else may keep them from being shown.
        outbox: bench.store.outbox_counts().await.unwrap_or_default(),
        email: member.email.as_str(),
        codes,
        is_new_factor,
    };
    page(StatusCode::OK, &codes)
}
