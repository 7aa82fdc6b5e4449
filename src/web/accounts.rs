//! Who may sign in: for admins. A password is never set by somebody else; a one-time link lets its owner set it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::bench::Bench;
use super::{Head, Site, body, error, page, routes, see_other};
use crate::contact::EmailAddress;
use crate::desk::accounts::{self, By, Disabled};
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
    error: Option<&'static str>,
    email: String,
    name: String,
    is_admin: bool,
}

pub(super) async fn show(bench: Bench) -> HttpResponse {
    if !bench.actor.is_admin() {
        return error::forbidden(&bench.site);
    }
    users(&bench, StatusCode::OK, Remark::default()).await
}

pub(super) async fn add(bench: Bench, request: HttpRequest, payload: web::Payload) -> HttpResponse {
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
    match accounts::add(&bench.store, By::Actor(&bench.actor), &address, shown, role, bench.now).await {
        Ok(Some(secret)) => users(&bench, StatusCode::OK, bench.link(&address, &secret)).await,
        Ok(None) => {
            users(&bench, StatusCode::UNPROCESSABLE_ENTITY, refuse("This email address has an account already.")).await
        }
        Err(cause) => error::unavailable(&bench.site, &cause),
    }
}

pub(super) async fn reset(bench: Bench, id: web::Path<String>) -> HttpResponse {
    let member = match bench.member(&id).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    match accounts::reset(&bench.store, By::Actor(&bench.actor), &member, bench.now).await {
        Ok(secret) => users(&bench, StatusCode::OK, bench.link(&member.email, &secret)).await,
        Err(cause) => error::unavailable(&bench.site, &cause),
    }
}

pub(super) async fn disable(bench: Bench, id: web::Path<String>) -> HttpResponse {
    let member = match bench.member(&id).await {
        Ok(member) => member,
        Err(answer) => return answer,
    };
    match accounts::disable(&bench.store, By::Actor(&bench.actor), &member, bench.now).await {
        Ok(Disabled::Done) => see_other(routes::USERS),
        Ok(Disabled::LastAdmin) => {
            let why =
                "This is the last admin. Add another admin first: without one nobody could look after the accounts.";
            users(&bench, StatusCode::CONFLICT, Remark { error: Some(why), ..Remark::default() }).await
        }
        Err(cause) => error::unavailable(&bench.site, &cause),
    }
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

    fn link(&self, email: &EmailAddress, secret: &str) -> Remark {
        let link = format!("{}{}", self.site.public_url, routes::welcome(secret));
        Remark { link: Some((email.as_str().to_owned(), link)), ..Remark::default() }
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
