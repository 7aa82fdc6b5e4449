//! Who may sign in: for admins. A password is never set by somebody else; a one-time link lets its owner set it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::bench::Bench;
use super::body::{self, Fields};
use super::door::Door;
use super::{Head, Site, error, page, routes, see_other};
use crate::contact::EmailAddress;
use crate::desk::accounts::{self, By, Changed, Delivery, Newcomer, Reset};
use crate::staff::{Actor, Role, StaffMember};
use crate::store::{self, OutboxCounts};

/// Characters of a name.
const LONGEST_NAME: usize = 100;

#[derive(Template)]
#[template(path = "desk/users.html")]
struct UsersPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    lines: Vec<Line>,
    remark: &'a Remark,
}

struct Line {
    member: StaffMember,
    last_seen: Option<String>,
    is_self: bool,
}

/// What the page says besides listing the accounts.
#[derive(Default)]
struct Remark {
    /// Whose new one-time link, and the link; it is shown once.
    link: Option<(String, String)>,
    /// Who gets a link by mail.
    mailed_to: Option<String>,
    error: Option<&'static str>,
    email: String,
    name: String,
    is_admin: bool,
}

const LAST_ADMIN: &str =
    "This is the last admin. Make somebody else an admin first: without one nobody could look after the accounts.";

pub(super) async fn show(bench: Bench) -> HttpResponse {
    if !bench.actor.is_admin() {
        return error::forbidden(&bench.site);
    }
    users(&bench, StatusCode::OK, Remark::default()).await
}

pub(super) async fn add(bench: Bench, door: Door, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    if !bench.actor.is_admin() {
        return error::forbidden(&bench.site);
    }
    let fields = match body::read(&request, payload, body::DESK).await {
        Ok(fields) => fields,
        Err(unreadable) => return unreadable.page(&bench.site),
    };
    let (email, name, role) =
        (fields.text("email"), fields.text("name").trim().to_owned(), Role::parse(&fields.text("role")));
    let refuse = |why| Remark {
        error: Some(why),
        email: email.clone(),
        name: name.clone(),
        is_admin: role == Some(Role::Admin),
        ..Remark::default()
    };
    let (Ok(address), Some(role)) = (EmailAddress::parse(&email), role) else {
        let why =
            if role.is_none() { "Choose a role." } else { "Enter the email address like this: name@example.org." };
        return users(&bench, StatusCode::UNPROCESSABLE_ENTITY, refuse(why)).await;
    };
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return users(&bench, StatusCode::UNPROCESSABLE_ENTITY, refuse("A name can have 100 characters.")).await;
    }
    let shown = if name.is_empty() { address.as_str() } else { &name };
    let new = Newcomer { email: &address, name: shown, role };
    let added =
        accounts::add(&bench.store, &door.key, By::Actor(&bench.actor), new, delivery(&fields), bench.now).await;
    match added {
        Ok(Some(link)) => users(&bench, StatusCode::OK, bench.told(&door, &address, link)).await,
        Ok(None) => {
            users(&bench, StatusCode::UNPROCESSABLE_ENTITY, refuse("This email address has an account already.")).await
        }
        Err(cause) => error::unavailable(&bench.site, &cause),
    }
}

/// A new link in place of the password, and on request of the second factor.
pub(super) async fn reset(
    bench: Bench,
    door: Door,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> HttpResponse {
    let (member, fields) = match bench.member_and_form(&id, &request, payload).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let what = if fields.text("factor") == "yes" { Reset::PasswordAndFactor } else { Reset::Password };
    let (by, delivery) = (By::Actor(&bench.actor), delivery(&fields));
    match accounts::reset(&bench.store, &door.key, by, &member, what, delivery, bench.now).await {
        Ok(Changed::Done(link)) => users(&bench, StatusCode::OK, bench.told(&door, &member.email, link)).await,
        Ok(Changed::LastAdmin) => last_admin(&bench).await,
        Err(cause) => error::unavailable(&bench.site, &cause),
    }
}

pub(super) async fn set_role(
    bench: Bench,
    door: Door,
    request: HttpRequest,
    payload: web::Payload,
    id: web::Path<String>,
) -> HttpResponse {
    let (member, fields) = match bench.member_and_form(&id, &request, payload).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let Some(role) = Role::parse(&fields.text("role")) else {
        let remark = Remark { error: Some("Choose a role."), ..Remark::default() };
        return users(&bench, StatusCode::UNPROCESSABLE_ENTITY, remark).await;
    };
    let changed = accounts::set_role(&bench.store, By::Actor(&bench.actor), &member, role, bench.now).await;
    after(&bench, &door, changed).await
}

pub(super) async fn end_sessions(bench: Bench, door: Door, id: web::Path<String>) -> HttpResponse {
    let member = match bench.member(&id).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    let ended = accounts::end_sessions(&bench.store, By::Actor(&bench.actor), &member, bench.now).await;
    after(&bench, &door, ended.map(Changed::Done)).await
}

pub(super) async fn disable(bench: Bench, door: Door, id: web::Path<String>) -> HttpResponse {
    let member = match bench.member(&id).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    let disabled = accounts::disable(&bench.store, By::Actor(&bench.actor), &member, bench.now).await;
    after(&bench, &door, disabled).await
}

pub(super) async fn enable(bench: Bench, door: Door, id: web::Path<String>) -> HttpResponse {
    let member = match bench.member(&id).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    let enabled = accounts::enable(&bench.store, By::Actor(&bench.actor), &member, bench.now).await;
    after(&bench, &door, enabled.map(Changed::Done)).await
}

async fn after(bench: &Bench, door: &Door, changed: Result<Changed<()>, store::Error>) -> HttpResponse {
    match changed {
        Ok(Changed::Done(())) => {
            door.bell.notify_one();
            see_other(routes::USERS)
        }
        Ok(Changed::LastAdmin) => last_admin(bench).await,
        Err(cause) => error::unavailable(&bench.site, &cause),
    }
}

async fn last_admin(bench: &Bench) -> HttpResponse {
    users(bench, StatusCode::CONFLICT, Remark { error: Some(LAST_ADMIN), ..Remark::default() }).await
}

/// Mailed when the form says so: then not even the admin sees the link.
fn delivery(fields: &Fields) -> Delivery {
    if fields.text("how") == "mail" { Delivery::Mailed } else { Delivery::Shown }
}

impl Bench {
    /// The account, for an admin.
    async fn member(&self, id: &str) -> Result<StaffMember, HttpResponse> {
        if !self.actor.is_admin() {
            return Err(error::forbidden(&self.site));
        }
        match self.store.staff_by_id(id).await {
            Ok(Some(member)) => Ok(member),
            Ok(None) => Err(error::not_found(&self.site)),
            Err(cause) => Err(error::unavailable(&self.site, &cause)),
        }
    }

    async fn member_and_form(
        &self,
        id: &str,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<(StaffMember, Fields), HttpResponse> {
        let member = self.member(id).await?;
        let fields = body::read(request, payload, body::DESK).await;
        fields.map(|fields| (member, fields)).map_err(|unreadable| unreadable.page(&self.site))
    }

    fn told(&self, door: &Door, email: &EmailAddress, link: accounts::Link) -> Remark {
        door.bell.notify_one();
        let to = email.as_str().to_owned();
        match link {
            accounts::Link::Mailed => Remark { mailed_to: Some(to), ..Remark::default() },
            accounts::Link::Secret(secret) => {
                let link = format!("{}{}", self.site.public_url, routes::welcome(&secret));
                Remark { link: Some((to, link)), ..Remark::default() }
            }
        }
    }
}

async fn users(bench: &Bench, status: StatusCode, remark: Remark) -> HttpResponse {
    bench.or_unavailable(list(bench, status, &remark).await)
}

async fn list(bench: &Bench, status: StatusCode, remark: &Remark) -> Result<HttpResponse, store::Error> {
    let lines = bench.store.staff().await?.into_iter().map(|member| Line {
        last_seen: member.seen_at.map(|at| bench.soon(at)),
        is_self: member.id == bench.actor.id(),
        member,
    });
    let users = UsersPage {
        site: &bench.site,
        head: Head::hidden("Users", routes::USERS),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        lines: lines.collect(),
        remark,
    };
    Ok(page(status, &users))
}
