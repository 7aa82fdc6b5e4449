//! One's own account: the name, another password, the second factor, and the sessions that are open.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::bench::Bench;
use super::body::{self, Fields};
use super::door::{BUSY, Door, TOO_MANY};
use super::sign_in::Arrival;
use super::{Head, Site, guard, page, routes, see_other, sign_in};
use crate::contact::EmailAddress;
use crate::desk::accounts;
use crate::outbox::AccountNews;
use crate::secret::digest;
use crate::staff::{Actor, Browser, Password, SHORTEST_ALONE, SHORTEST_WITH_CODE, StaffMember, read_name};
use crate::store::{self, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/account.html")]
struct AccountPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    email: &'a str,
    /// As it was typed, where that could not be taken.
    name: &'a str,
    name_error: Option<&'static str>,
    /// Whether they have just changed it.
    is_renamed: bool,
    sessions: Vec<Line>,
    /// Whether others have just been ended.
    has_ended_some: bool,
    /// Why the password was not changed.
    error: Option<String>,
    shortest: usize,
    has_second_factor: bool,
    codes_left: i64,
}

/// Of a session that was open already when browsers began to be noted. It ends within a working day.
const NOT_NOTED: &str = "A browser whose name was not noted yet";

/// In the address of the page, after sessions were ended.
const ENDED: &str = "ended=1";
/// The same after the name was changed.
const RENAMED: &str = "renamed=1";

/// What could not be taken, for the page that says so.
enum Refused {
    Password(String),
    Name { typed: String, why: &'static str },
}

struct Line {
    name: String,
    /// The browser it began in.
    browser: String,
    begun: String,
    seen: String,
    is_this: bool,
}

pub(super) async fn show(bench: Bench, request: HttpRequest) -> HttpResponse {
    bench.or_unavailable(account_page(&bench, &request, StatusCode::OK, None).await)
}

/// Sets another name. It stands at once beside what they did before, too.
pub(super) async fn change_name(bench: Bench, request: HttpRequest, fields: Fields) -> HttpResponse {
    let typed = fields.text("name");
    let (name, why) = match read_name(&typed) {
        Some("") => (None, "Enter your name."),
        name => (name, "Your name can have 100 characters."),
    };
    let Some(name) = name else {
        let refused = Refused::Name { typed, why };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return bench.or_unavailable(account_page(&bench, &request, status, Some(refused)).await);
    };
    let stored = async {
        let Some(member) = bench.store.staff_by_id(bench.actor.id()).await? else { return Ok(()) };
        let mut tx = bench.store.begin().await?;
        accounts::rename(&mut tx, &member, name, bench.now).await?;
        tx.commit().await
    };
    bench.or_unavailable(stored.await.map(|()| see_other(&format!("{}?{RENAMED}", routes::ACCOUNT))))
}

/// Sets another password. Every session ends with the old one; this browser gets a new one.
pub(super) async fn change_password(
    bench: Bench,
    door: Door,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let fields = match body::read(&request, payload, body::DESK).await {
        Ok(fields) => fields,
        Err(unreadable) => return unreadable.page(&bench.site),
    };
    let member = match bench.store.staff_by_id(bench.actor.id()).await {
        Ok(Some(member)) => member,
        Ok(None) => return bench.not_found().await,
        Err(cause) => return bench.unavailable(&cause),
    };
    match checked(&bench, &door, &fields, &member).await {
        Ok(password) => {
            let Ok(hash) = door.hasher.hash(password).await else {
                return refuse(&bench, &request, StatusCode::SERVICE_UNAVAILABLE, BUSY).await;
            };
            set(&bench, &door, &request, member, hash).await
        }
        Err((status, why)) => refuse(&bench, &request, status, &why).await,
    }
}

/// The new password, once the present one was right.
async fn checked(
    bench: &Bench,
    door: &Door,
    fields: &Fields,
    member: &StaffMember,
) -> Result<Password, (StatusCode, String)> {
    let visitor = door.insider(&member.email);
    if visitor.take(&door.tries.passwords, bench.now).is_err() {
        return Err((StatusCode::TOO_MANY_REQUESTS, TOO_MANY.to_owned()));
    }
    let unprocessable = |why: &str| (StatusCode::UNPROCESSABLE_ENTITY, why.to_owned());
    match door.hasher.verify(&fields.text("current"), member.password_hash.clone()).await {
        Ok(true) => visitor.succeeded(&door.tries.passwords),
        Ok(false) => {
            door.proof_failed(&visitor, member);
            return Err(unprocessable("The present password is not right."));
        }
        Err(_) => return Err((StatusCode::SERVICE_UNAVAILABLE, BUSY.to_owned())),
    }
    if fields.text("password") != fields.text("password_again") {
        return Err(unprocessable("The two new passwords differ. Enter the same one twice."));
    }
    let own = [bench.site.clinic.name.as_str(), bench.site.clinic.city.as_str(), member.email.as_str()];
    Password::parse(&fields.text("password"), &own, shortest(member))
        .map_err(|fault| unprocessable(&format!("This password {fault}. Choose another one.")))
}

async fn set(bench: &Bench, door: &Door, request: &HttpRequest, mut member: StaffMember, hash: String) -> HttpResponse {
    let stored = async {
        let mut tx = bench.store.begin().await?;
        tx.set_password(&member.id, Some(&hash)).await?;
        accounts::tell(&mut tx, &member.id, AccountNews::PasswordChanged, bench.now).await?;
        tx.add_audit(bench.now, &member.id, "staff.password", &member.id, "").await?;
        tx.commit().await
    };
    if let Err(cause) = stored.await {
        return bench.unavailable(&cause);
    }
    door.bell.notify_one();
    member.password_hash = Some(hash);
    let arrival = Arrival::of(request, &bench.site);
    match sign_in::begin_session(&bench.store, &member, arrival, false, bench.now).await {
        Ok(Some(secret)) => sign_in::signed_in(door, &member, secret, see_other(routes::ACCOUNT)),
        Ok(None) => see_other(routes::LOGIN),
        Err(cause) => bench.unavailable(&cause),
    }
}

fn shortest(member: &StaffMember) -> usize {
    if member.has_second_factor { SHORTEST_WITH_CODE } else { SHORTEST_ALONE }
}

/// Ends one session of this account, or with none named every one but that which asks.
pub(super) async fn end_sessions(bench: Bench, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let fields = match body::read(&request, payload, body::DESK).await {
        Ok(fields) => fields,
        Err(unreadable) => return unreadable.page(&bench.site),
    };
    let this = digest(&guard::secret(&request, &bench.site).unwrap_or_default());
    let named = fields.text("session");
    let ended = async {
        let open = bench.store.sessions_of(bench.actor.id()).await?;
        let mut tx = bench.store.begin().await?;
        for session in open.iter().filter(|session| session.digest != this) {
            if named.is_empty() || name_of(session) == named {
                tx.end_session(&session.digest).await?;
            }
        }
        tx.add_audit(bench.now, bench.actor.id(), "session.others_ended", bench.actor.id(), "").await?;
        tx.commit().await
    };
    bench.or_unavailable(ended.await.map(|()| see_other(&format!("{}?{ENDED}", routes::ACCOUNT))))
}

/// What a form calls a session: enough of its digest to tell it from four others, and nothing that opens it.
fn name_of(session: &store::OpenSession) -> String {
    URL_SAFE_NO_PAD.encode(session.digest.get(..12).unwrap_or_default())
}

async fn refuse(bench: &Bench, request: &HttpRequest, status: StatusCode, why: &str) -> HttpResponse {
    bench.or_unavailable(account_page(bench, request, status, Some(Refused::Password(why.to_owned()))).await)
}

async fn account_page(
    bench: &Bench,
    request: &HttpRequest,
    status: StatusCode,
    refused: Option<Refused>,
) -> Result<HttpResponse, store::Error> {
    let this = digest(&guard::secret(request, &bench.site).unwrap_or_default());
    let member = bench.store.staff_by_id(bench.actor.id()).await?;
    let open = bench.store.sessions_of(bench.actor.id()).await?;
    let alive = open.iter().filter(|session| session.is_alive(bench.now));
    let mut sessions: Vec<_> = alive.collect();
    // The newest first, after that which asks.
    sessions.sort_by_key(|session| session.digest != this);
    let line = |session: &store::OpenSession| Line {
        name: name_of(session),
        browser: session.browser.as_ref().map_or_else(|| NOT_NOTED.to_owned(), Browser::to_string),
        begun: bench.near(session.created_at),
        seen: bench.near(session.seen_at),
        is_this: session.digest == this,
    };
    let (error, typed) = match refused {
        Some(Refused::Password(why)) => (Some(why), None),
        Some(Refused::Name { typed, why }) => (None, Some((typed, why))),
        None => (None, None),
    };
    let given = member.as_ref().map_or("", StaffMember::given_name);
    let account = AccountPage {
        site: &bench.site,
        head: Head::hidden("Your account", routes::ACCOUNT),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        email: member.as_ref().map_or("", |member| EmailAddress::as_str(&member.email)),
        name: typed.as_ref().map_or(given, |(typed, _)| typed),
        name_error: typed.as_ref().map(|(_, why)| *why),
        is_renamed: request.query_string() == RENAMED,
        sessions: sessions.into_iter().map(line).collect(),
        has_ended_some: request.query_string() == ENDED,
        error,
        shortest: member.as_ref().map_or(SHORTEST_ALONE, shortest),
        has_second_factor: member.as_ref().is_some_and(|member| member.has_second_factor),
        codes_left: bench.store.recovery_codes_left(bench.actor.id()).await?,
    };
    Ok(page(status, &account))
}
