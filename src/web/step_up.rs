//! The most sensitive actions ask again who it is, unless they did so a moment ago: an open screen is not its owner. What
//! was begun goes on afterwards, with every word that was typed.

use actix_web::body::MessageBody;
use actix_web::cookie::Cookie;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;

use super::body::{self, Fields};
use super::door::{BUSY, Door, TOO_MANY};
use super::events::What;
use super::kept::Wish;
use super::{Head, Site, desk_error, guard, page, routes, see_other};
use crate::desk::second_factor;
use crate::secret::{digest, random_secret};
use crate::staff::{Actor, StaffMember};
use crate::store::{self, OutboxCounts};

/// What the page adds to the form that was interrupted.
const PROOF: [&str; 3] = ["proof_password", "proof_code", "proof_user"];

#[derive(Template)]
#[template(path = "desk/step_up.html")]
struct StepUpPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    /// Where the form goes on to.
    action: &'a str,
    /// What was typed before, carried along.
    fields: Vec<(String, String)>,
    email: &'a str,
    has_second_factor: bool,
    /// What goes on when it is confirmed.
    what: &'static str,
    /// For whom it is done, where their account is not there yet.
    whom: Option<String>,
    error: Option<&'a str>,
}

/// Lets through who proved a moment ago who they are, and asks the others to do so.
pub(super) async fn fresh(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let door = request.extract::<Door>().await?;
    let Some(actor) = request.extensions().get::<Actor>().cloned() else {
        return Err(actix_web::error::ErrorInternalServerError("nobody is signed in here"));
    };
    // An answer about the method, or that this is for admins, needs no proof.
    if actor.is_fresh(door.now) {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let path = request.uri().path_and_query().map_or(routes::INBOX, |path| path.as_str()).to_owned();
    if !guard::changes_something(request.method()) {
        return Ok(request.into_response(see_other(&routes::confirm(&path))).map_into_boxed_body());
    }
    let payload = request.extract::<web::Payload>().await?;
    let fields = match body::read(request.request(), payload, body::DESK).await {
        Ok(fields) => fields,
        Err(unreadable) => return Ok(request.into_response(unreadable.page(&door.site)).map_into_boxed_body()),
    };
    match prove(&door, request.request(), &actor, &path, &fields).await {
        Ok(cookie) => {
            request.set_payload(again(&fields.without(&PROOF)));
            let mut response = next.call(request).await?.map_into_boxed_body();
            // A handler that began another session has set its own cookie.
            if response.response().cookies().all(|other| other.name() != cookie.name()) {
                response.response_mut().add_cookie(&cookie).map_err(actix_web::error::ErrorInternalServerError)?;
            }
            Ok(response)
        }
        Err(answer) => Ok(request.into_response(answer).map_into_boxed_body()),
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Where {
    #[serde(default)]
    next: String,
}

/// The page over something that was only asked for, such as a file.
pub(super) async fn show(door: Door, actor: web::ReqData<Actor>, to: Option<web::Query<Where>>) -> HttpResponse {
    let wish = Wish::page(&to.map(|to| to.into_inner().next).unwrap_or_default());
    if actor.is_fresh(door.now) {
        return see_other(&wish.next);
    }
    let fields = vec![("next".to_owned(), wish.next)];
    match owner(&door, &actor).await {
        Ok(owner) => step_up_page(&door.site, StatusCode::OK, routes::CONFIRM, fields, &owner, None),
        Err(answer) => answer,
    }
}

/// The answer to that page: on to what was asked for.
pub(super) async fn confirm(
    door: Door,
    actor: web::ReqData<Actor>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let fields = match body::read(&request, payload, body::DESK).await {
        Ok(fields) => fields,
        Err(unreadable) => return unreadable.page(&door.site),
    };
    match prove(&door, &request, &actor, routes::CONFIRM, &fields).await {
        Ok(cookie) => {
            let mut response = see_other(&Wish::page(&fields.text("next")).next);
            match response.add_cookie(&cookie) {
                Ok(()) => response,
                Err(_) => see_other(routes::LOGIN),
            }
        }
        Err(answer) => answer,
    }
}

/// The password or a code, given again: the session goes on under a new secret, whose cookie this gives.
async fn prove(
    door: &Door,
    request: &HttpRequest,
    actor: &Actor,
    action: &str,
    fields: &Fields,
) -> Result<Cookie<'static>, HttpResponse> {
    let owner = owner(door, actor).await?;
    let member = &owner.member;
    let ask = |status, why| step_up_page(&door.site, status, action, fields.without(&PROOF), &owner, why);
    let [password, code, _] = PROOF.map(|name| fields.text(name));
    if password.is_empty() && code.is_empty() {
        let is_first = !fields.has(PROOF[0]);
        let why = if is_first { None } else { Some("Enter your password or a code.") };
        return Err(ask(StatusCode::UNAUTHORIZED, why));
    }
    let visitor = door.insider(&member.email);
    if visitor.take(&door.tries.passwords, door.now).is_err() {
        door.notes.add_about(What::ProofThrottled, &member.id);
        return Err(ask(StatusCode::TOO_MANY_REQUESTS, Some(TOO_MANY)));
    }
    let right = if password.is_empty() {
        let accepted = second_factor::accepts(&door.store, &member.id, &code, door.now).await;
        accepted.map_err(|cause| desk_error::unavailable(&door.site, actor, &cause))?.is_some()
    } else {
        let verified = door.hasher.verify(&password, member.password_hash.clone()).await;
        verified.map_err(|_| ask(StatusCode::SERVICE_UNAVAILABLE, Some(BUSY)))?
    };
    if !right {
        door.proof_failed(&visitor, member);
        return Err(ask(StatusCode::UNAUTHORIZED, Some("The password or the code is not right.")));
    }
    visitor.succeeded(&door.tries.passwords);
    match renew(door, request, member).await {
        Ok(Some(secret)) => {
            door.notes.add_by(What::Proved, &member.id, if password.is_empty() { "code" } else { "password" });
            Ok(guard::cookie(&door.site, secret))
        }
        Ok(None) => Err(see_other(routes::LOGIN)),
        Err(cause) => Err(desk_error::unavailable(&door.site, actor, &cause)),
    }
}

async fn renew(door: &Door, request: &HttpRequest, member: &StaffMember) -> Result<Option<String>, store::Error> {
    let before = digest(&guard::secret(request, &door.site).unwrap_or_default());
    let secret = random_secret().map_err(store::Error::no_random)?;
    let mut tx = door.store.begin().await?;
    if !tx.renew_session(&before, &digest(&secret), door.now).await? {
        return Ok(None);
    }
    tx.add_audit(door.now, &member.id, "session.proved", &member.id, "").await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// Who is asked, and what their page shows beside the question.
struct Owner<'a> {
    actor: &'a Actor,
    member: StaffMember,
    outbox: OutboxCounts,
}

async fn owner<'a>(door: &Door, actor: &'a Actor) -> Result<Owner<'a>, HttpResponse> {
    let found = async {
        let member = door.store.staff_by_id(actor.id()).await?;
        Ok((member, door.store.outbox_counts().await?))
    };
    match found.await {
        Ok((Some(member), outbox)) => Ok(Owner { actor, member, outbox }),
        Ok((None, _)) => Err(see_other(routes::LOGIN)),
        Err(cause) => Err(desk_error::unavailable(&door.site, actor, &cause)),
    }
}

fn step_up_page(
    site: &Site,
    status: StatusCode,
    action: &str,
    fields: Vec<(String, String)>,
    owner: &Owner<'_>,
    error: Option<&str>,
) -> HttpResponse {
    let head = Head::hidden("Confirm that it is you", routes::CONFIRM);
    let Owner { actor, member, outbox } = owner;
    let (email, has_second_factor) = (member.email.as_str(), member.has_second_factor);
    let next = fields.iter().find(|(name, _)| action == routes::CONFIRM && name == "next");
    let what = what(next.map_or(action, |(_, next)| next));
    let whom = fields
        .iter()
        .find(|(name, _)| action == routes::USERS && name == "email")
        .map(|(_, email)| email.trim().to_owned());
    let whom = whom.filter(|email| !email.is_empty());
    let outbox = *outbox;
    page(status, &StepUpPage { site, head, actor, outbox, action, fields, email, has_second_factor, what, whom, error })
}

/// What is done at an address that asks for a proof.
fn what(address: &str) -> &'static str {
    let path = address.split('?').next().unwrap_or(address);
    match path.rsplit('/').next() {
        _ if path == routes::INBOX_CSV => "Download inquiries as a file",
        _ if path == routes::USERS => "Add an account",
        Some("readers.csv") => "Download who has read an inquiry",
        Some("erase") => "Erase an inquiry for good",
        Some("reset") => "Make a new link to an account",
        Some("role") => "Change what an account may do",
        Some("disable") => "Disable an account",
        Some("enable") => "Enable an account",
        Some("remove") => "Remove the codes for signing in",
        Some("recovery-codes") => "Make new recovery codes",
        Some("sessions") => "Sign out elsewhere",
        Some("second-factor" | "confirm") => "Set up codes for signing in",
        _ => "Go on",
    }
}

/// The form as it was, for the handler that was to read it.
fn again(fields: &[(String, String)]) -> Payload {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let bytes = web::Bytes::from(body.finish());
    Payload::Stream { payload: Box::pin(futures_util::stream::once(std::future::ready(Ok(bytes)))) }
}
