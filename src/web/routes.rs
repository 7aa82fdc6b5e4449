//! Every address on one screen, and the builders of links to them.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::guard::{Any, Get, Head};
use actix_web::http::header::LOCATION;
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, Route, web};

use super::bench::Bench;
use super::{
    account, accounts, audit, call_draft, contact, desk_error, error, guard, health, help, inbox, inquiry, insights,
    outbox, readers, reading, receipt, refused, second_factor as factor, sign_in, step_up, suitability, taken, told,
    welcome,
};
use crate::inquiry::Reference;
use crate::outbox::State;

pub(super) const HOME: &str = "/";
pub(super) const TECHNIQUES: &str = "/techniques";
pub(super) const SUITABILITY: &str = "/suitability";
pub(super) const CONTACT: &str = "/contact";
pub(super) const PRIVACY: &str = "/privacy";
pub(super) const ACCESSIBILITY: &str = "/accessibility";
pub(super) const SECURITY: &str = "/.well-known/security.txt";
pub(super) const ROBOTS: &str = "/robots.txt";
pub(super) const SITEMAP: &str = "/sitemap.xml";
pub(super) const INBOX: &str = "/admin/inquiries";
/// A change of several inquiries.
pub(super) const CHANGES: &str = "/admin/inquiries/changes";
pub(super) const NEW_INQUIRY: &str = "/admin/inquiries/new";
/// The same after a draft was discarded.
pub(super) const NEW_INQUIRY_AFTER_DISCARDING: &str = "/admin/inquiries/new?discarded=1";
pub(super) const NEW_INQUIRY_DRAFT: &str = "/admin/inquiries/new/draft";
pub(super) const INBOX_CSV: &str = "/admin/inquiries.csv";
pub(super) const MAIL: &str = "/admin/mail";
pub(super) const INSIGHTS: &str = "/admin/insights";
pub(super) const AUDIT: &str = "/admin/audit";
pub(super) const ACCOUNT: &str = "/admin/account";
pub(super) const SECOND_FACTOR: &str = "/admin/account/second-factor";
pub(super) const SECOND_FACTOR_CONFIRM: &str = "/admin/account/second-factor/confirm";
pub(super) const LOGOUT: &str = "/admin/logout";
pub(super) const CONFIRM: &str = "/admin/confirm";
pub(super) const HELP: &str = "/admin/help";
pub(super) const USERS: &str = "/admin/users";
pub(super) const LOGIN: &str = "/admin/login";

/// A technique's page.
pub(super) fn technique(slug: &str) -> String {
    format!("{TECHNIQUES}/{slug}")
}

/// The writer's secret page.
pub(super) fn receipt(key: &str) -> String {
    format!("/receipt/{key}")
}

/// One inquiry at the desk.
pub(super) fn inquiry(reference: &str) -> String {
    format!("{INBOX}/{reference}")
}

/// Where what is begun about an inquiry is kept, by the address of its page.
pub(super) fn inquiry_draft(path: &str) -> String {
    format!("{path}/draft")
}

/// The same with the box opened in which the address and the number are put right.
pub(super) fn correction(inquiry: &str) -> String {
    format!("{inquiry}?correct=1#email")
}

/// The same after something was done there: it says what, as far as that is newer than a line of its timeline.
pub(super) fn inquiry_after(reference: &str, seen: i64) -> String {
    format!("{INBOX}/{reference}?done={seen}")
}

/// The same with a question before what is written leaves.
pub(super) fn inquiry_asking(reference: &str, what: &str) -> String {
    format!("{INBOX}/{reference}?ask={what}")
}

/// The same after a change was undone.
pub(super) fn inquiry_after_undo(reference: &str, seen: i64) -> String {
    format!("{INBOX}/{reference}?undone={seen}")
}

/// The same after something was asked for that was so, or was done, before.
pub(super) fn inquiry_after_nothing(reference: &str, what: &str) -> String {
    format!("{INBOX}/{reference}?again={what}")
}

/// The same after something was discarded of a draft.
pub(super) fn inquiry_after_discarding(reference: &str, discarded: &str) -> String {
    format!("{INBOX}/{reference}?discarded={discarded}")
}

/// The same after one of its mails was tried again.
pub(super) fn inquiry_after_retry(reference: &Reference, mail: &str) -> String {
    let mail: String = url::form_urlencoded::byte_serialize(mail.as_bytes()).collect();
    format!("{INBOX}/{reference}?retried={mail}")
}

/// The mails of a state; all for none.
pub(super) fn mail(state: Option<State>) -> String {
    state.map_or(MAIL.to_owned(), |state| format!("{MAIL}?state={}", state.as_str()))
}

/// The outbox beside a place, which is a key and a value, or after one of its mails was tried again.
pub(super) fn mail_with(state: Option<State>, rest: &[(&str, &str)]) -> String {
    let mut parts = url::form_urlencoded::Serializer::new(String::new());
    parts.extend_pairs(state.map(|state| ("state", state.as_str())));
    format!("{MAIL}?{}", parts.extend_pairs(rest).finish())
}

/// The page that asks whether a duplicate is to be merged into an inquiry, at its question: the next Tab is at the answer.
pub(super) fn merge(kept: &Reference, duplicate: &str) -> String {
    let duplicate: String = url::form_urlencoded::byte_serialize(duplicate.as_bytes()).collect();
    format!("{INBOX}/{kept}/merge?with={duplicate}#question")
}

/// What to tell the person whose inquiry was taken down while another one was being read.
pub(super) fn taken(reference: &Reference, read: Option<&Reference>) -> String {
    let path = format!("{INBOX}/{reference}/taken");
    read.map_or(path.clone(), |read| format!("{path}?read={read}"))
}

/// All inquiries that hold a name; the box of the search where none is known.
pub(super) fn look_up(name: &str) -> String {
    if name.is_empty() {
        return format!("{INBOX}?status=all#q");
    }
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("{INBOX}?status=all&q={name}#found")
}

/// The form for a call with a draft in it.
pub(super) fn call_draft(name: &str) -> String {
    format!("{NEW_INQUIRY}?draft={name}")
}

/// Who has read one inquiry.
pub(super) fn readers(reference: &str) -> String {
    format!("{AUDIT}/{reference}")
}

/// The same as a file.
pub(super) fn readers_file(reference: &str) -> String {
    format!("{AUDIT}/{reference}/readers.csv")
}

/// A one-time link, for setting a password.
pub(super) fn welcome(secret: &str) -> String {
    format!("/admin/welcome/{secret}")
}

/// The sign-in page, with where to go afterwards.
pub(super) fn sign_in(next: &str) -> String {
    format!("{LOGIN}?next={}", encoded(next))
}

/// The page over a form that was refused, and where it leads once it was shown.
pub(super) fn refused(name: &str, home: &str) -> String {
    format!("/admin/refused/{name}?page={}", encoded(home))
}

/// The page that asks again who it is, with where to go afterwards.
pub(super) fn confirm(next: &str) -> String {
    format!("{CONFIRM}?next={}", encoded(next))
}

/// An address as part of another one.
fn encoded(address: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(address, percent_encoding::NON_ALPHANUMERIC)
}

pub(super) fn all(app: &mut web::ServiceConfig) {
    app.service(form(SUITABILITY, read().to(reading::any), web::post().to(suitability::advise)))
        .service(form(CONTACT, read().to(contact::show), web::post().to(contact::submit)))
        .service(view("/receipt/{key}", read().to(receipt::show)))
        .service(action("/receipt/{key}/phone", web::post().to(receipt::correct_phone)))
        .service(action("/receipt/{key}/withdraw", web::post().to(receipt::withdraw)))
        .service(view("/healthz", read().to(health::alive)))
        .service(view("/readyz", read().to(health::ready)))
        .service(form(LOGIN, read().to(sign_in::show), web::post().to(sign_in::sign_in)))
        .service(form("/admin/welcome/{secret}", read().to(welcome::show), web::post().to(welcome::set_password)))
        .service(desk())
        .default_service(web::to(reading::any));
}

fn desk() -> actix_web::Scope<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    web::scope("/admin")
        .wrap(actix_web::middleware::from_fn(guard::signed_in))
        .service(view("", read().to(inbox::home)))
        .service(view("/inquiries", read().to(inbox::show)))
        .service(view("/inquiries.csv", proved(read().to(inbox::csv))))
        .service(form("/inquiries/changes", read().to(inbox::confirm), web::post().to(inbox::change)))
        .service(form("/account", read().to(account::show), web::post().to(account::change_password)))
        .service(action("/account/name", web::post().to(account::change_name)))
        .service(action("/account/sessions", proved(web::post().to(account::end_sessions))))
        .service(form("/account/second-factor", proved(read().to(factor::show)), proved(web::post().to(factor::begin))))
        .service(action("/account/second-factor/confirm", proved(web::post().to(factor::confirm))))
        .service(action("/account/second-factor/remove", proved(web::post().to(factor::remove))))
        .service(action("/account/recovery-codes", proved(web::post().to(factor::renew_codes))))
        .service(form("/confirm", read().to(step_up::show), web::post().to(step_up::confirm)))
        .service(view("/audit", read().to(audit::show)))
        .service(view("/audit/{reference}", read().to(readers::show)))
        .service(view("/audit/{reference}/readers.csv", proved(read().to(readers::file))))
        .service(form("/inquiries/new", read().to(taken::show), web::post().to(taken::take)))
        .service(action("/inquiries/new/draft", web::post().to(call_draft::keep)))
        .service(view("/inquiries/{reference}", read().to(inquiry::show)))
        .service(view("/inquiries/{reference}/taken", read().to(told::show)))
        .service(action("/inquiries/{reference}/status", web::post().to(inquiry::status)))
        .service(action("/inquiries/{reference}/assign", web::post().to(inquiry::assign)))
        .service(action("/inquiries/{reference}/undo", web::post().to(inquiry::undo)))
        .service(action("/inquiries/{reference}/erase", proved(web::post().to(inquiry::erase))))
        .service(form("/inquiries/{reference}/merge", read().to(inquiry::ask), web::post().to(inquiry::merge)))
        .service(action("/inquiries/{reference}/separate", web::post().to(inquiry::separate)))
        .service(action("/inquiries/{reference}/contact", web::post().to(inquiry::correct)))
        .service(action("/inquiries/{reference}/notes", web::post().to(inquiry::note)))
        .service(action("/inquiries/{reference}/remove-note", web::post().to(inquiry::remove_note)))
        .service(action("/inquiries/{reference}/reply", web::post().to(inquiry::reply)))
        .service(action("/inquiries/{reference}/draft", web::post().to(inquiry::draft)))
        .service(action("/inquiries/{reference}/retry", web::post().to(inquiry::retry)))
        .service(view("/refused/{name}", read().to(refused::show)))
        .service(view("/help", read().to(help::show)))
        .service(view("/insights", read().to(insights::show)))
        .service(view("/insights.csv", read().to(insights::csv)))
        .service(view("/mail", read().to(outbox::show)))
        .service(action("/mail/test", web::post().to(outbox::test)))
        .service(action("/mail/{id}/retry", web::post().to(outbox::retry)))
        .service(form("/users", read().to(accounts::show), proved(web::post().to(accounts::add))))
        .service(view("/users/{id}", read().to(accounts::one)))
        .service(action("/users/{id}/reset", proved(web::post().to(accounts::reset))))
        .service(action("/users/{id}/role", proved(web::post().to(accounts::set_role))))
        .service(action("/users/{id}/sessions", proved(web::post().to(accounts::end_sessions))))
        .service(action("/users/{id}/disable", proved(web::post().to(accounts::disable))))
        .service(action("/users/{id}/enable", proved(web::post().to(accounts::enable))))
        .service(action("/logout", web::post().to(sign_in::sign_out)))
        .default_service(web::to(desk_error::nowhere))
}

/// GET and HEAD answer alike; actix leaves the body of a HEAD out.
fn read() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

/// For the most sensitive actions: whoever does not show again who they are does not get through.
fn proved(route: Route) -> Route {
    route.wrap(actix_web::middleware::from_fn(step_up::fresh))
}

fn view(path: &str, get: Route) -> actix_web::Resource {
    web::resource(path)
        .route(get)
        .default_service(web::to(|request: HttpRequest, bench: Option<Bench>| refuse(request, bench, "GET, HEAD")))
}

fn action(path: &str, post: Route) -> actix_web::Resource {
    web::resource(path)
        .route(post)
        .default_service(web::to(|request: HttpRequest, bench: Option<Bench>| refuse(request, bench, "POST")))
}

fn form(path: &str, get: Route, post: Route) -> actix_web::Resource {
    web::resource(path).route(get).route(post).default_service(web::to(|request: HttpRequest, bench: Option<Bench>| {
        refuse(request, bench, "GET, HEAD, POST")
    }))
}

/// Sends `/contact/` to `/contact`. A path that a browser could take for another site's address is left alone.
pub(super) async fn without_slash(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let path = request.uri().path();
    let trimmed = path.trim_end_matches('/');
    if path.ends_with("//")
        || trimmed.is_empty()
        || trimmed.len() == path.len()
        || trimmed.contains("//")
        || trimmed.contains('\\')
    {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let there = HttpResponse::PermanentRedirect().insert_header((LOCATION, format!("{trimmed}{query}"))).finish();
    Ok(request.into_response(there))
}

/// In the frame of the desk for who is at the desk; who still owes codes has not come so far.
async fn refuse(request: HttpRequest, bench: Option<Bench>, allow: &'static str) -> HttpResponse {
    match bench.filter(|bench| !bench.owes_a_factor()) {
        Some(bench) => bench.wrong_method(allow).await,
        None => error::wrong_method(&request, allow),
    }
}
