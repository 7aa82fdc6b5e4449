//! Who may sign in: for admins. A password is never set by somebody else; a one-time link lets its owner set it.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;
use futures_util::future::LocalBoxFuture;

use super::bench::Bench;
use super::body::{Fields, refuse};
use super::door::Door;
use super::kept::AGAIN;
use super::{Head, Site, page, routes, see_other};
use crate::contact::EmailAddress;
use crate::desk::accounts::{self, By, Changed, Delivery, Newcomer, Reset};
use crate::staff::{Actor, Role, StaffMember, read_name};
use crate::store::{self, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/users.html")]
struct UsersPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    lines: Vec<Line>,
    remark: &'a Remark,
    mails_leave: bool,
}

#[derive(Template)]
#[template(path = "desk/user.html")]
struct UserPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    account: Line,
}

struct Line {
    member: StaffMember,
    last_seen: Option<String>,
    is_self: bool,
}

impl UsersPage<'_> {
    /// The page of the account with this address.
    fn account_of(&self, email: &str) -> Option<String> {
        let line = self.lines.iter().find(|line| line.member.email.as_str() == email)?;
        Some(format!("{}/{}#new-link", routes::USERS, line.member.id))
    }
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

/// What an admin wants done with an account: who they are, the account, and the form they sent. Nobody else gets it.
pub(super) struct Care {
    bench: Bench,
    door: Door,
    member: StaffMember,
    fields: Fields,
}

impl FromRequest for Care {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bench = Bench::extract(&request).await?;
            let door = Door::extract(&request).await?;
            let id = web::Path::<String>::extract(&request).await?;
            let member = bench.member(&id).await.map_err(refuse)?;
            let fields = Fields::from_request(&request, &mut payload).await?;
            Ok(Self { bench, door, member, fields })
        })
    }
}

pub(super) async fn show(bench: Bench) -> HttpResponse {
    if !bench.actor.is_admin() {
        return bench.forbidden().await;
    }
    users(&bench, StatusCode::OK, Remark::default()).await
}

/// One account, and what can be done with it.
pub(super) async fn one(bench: Bench, id: web::Path<String>) -> HttpResponse {
    match bench.member(&id).await {
        Ok(member) => bench.or_unavailable(user(&bench, member).await),
        Err(answer) => answer,
    }
}

async fn user(bench: &Bench, member: StaffMember) -> Result<HttpResponse, store::Error> {
    let head = Head::hidden(&member.name, &format!("{}/{}", routes::USERS, member.id));
    let outbox = bench.store.outbox_counts().await?;
    let user = UserPage { site: &bench.site, head, actor: &bench.actor, outbox, account: bench.account_line(member) };
    Ok(page(StatusCode::OK, &user))
}

pub(super) async fn add(bench: Bench, door: Door, fields: Fields) -> HttpResponse {
    if !bench.actor.is_admin() {
        return bench.forbidden().await;
    }
    let (email, name, role) =
        (fields.text("email"), fields.text("name").trim().to_owned(), Role::parse(&fields.text("role")));
    let remark = |error| Remark {
        error,
        email: email.clone(),
        name: name.clone(),
        is_admin: role == Some(Role::Admin),
        ..Remark::default()
    };
    if fields.has(AGAIN) {
        return users(&bench, StatusCode::OK, remark(None)).await;
    }
    let refuse = |why| remark(Some(why));
    let (Ok(address), Some(role)) = (EmailAddress::parse(&email), role) else {
        let why =
            if role.is_none() { "Choose a role." } else { "Enter the email address like this: name@example.org." };
        return users(&bench, StatusCode::UNPROCESSABLE_ENTITY, refuse(why)).await;
    };
    if read_name(&name).is_none() {
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
        Err(cause) => bench.unavailable(&cause),
    }
}

/// A new link in place of the password, and on request of the second factor.
pub(super) async fn reset(care: Care) -> HttpResponse {
    let Care { bench, door, member, fields } = &care;
    let what = if fields.text("factor") == "yes" { Reset::PasswordAndFactor } else { Reset::Password };
    let (by, delivery) = (By::Actor(&bench.actor), delivery(fields));
    match accounts::reset(&bench.store, &door.key, by, member, what, delivery, bench.now).await {
        Ok(Changed::Done(link)) => users(bench, StatusCode::OK, bench.told(door, &member.email, link)).await,
        Ok(Changed::LastAdmin) => last_admin(bench).await,
        Err(cause) => bench.unavailable(&cause),
    }
}

pub(super) async fn set_role(care: Care) -> HttpResponse {
    let Care { bench, member, fields, .. } = &care;
    let Some(role) = Role::parse(&fields.text("role")) else {
        let remark = Remark { error: Some("Choose a role."), ..Remark::default() };
        return users(bench, StatusCode::UNPROCESSABLE_ENTITY, remark).await;
    };
    let changed = accounts::set_role(&bench.store, By::Actor(&bench.actor), member, role, bench.now).await;
    after(&care, changed).await
}

pub(super) async fn end_sessions(care: Care) -> HttpResponse {
    let Care { bench, member, .. } = &care;
    let ended = accounts::end_sessions(&bench.store, By::Actor(&bench.actor), member, bench.now).await;
    after(&care, ended.map(Changed::Done)).await
}

pub(super) async fn disable(care: Care) -> HttpResponse {
    let Care { bench, member, .. } = &care;
    let disabled = accounts::disable(&bench.store, By::Actor(&bench.actor), member, bench.now).await;
    after(&care, disabled).await
}

pub(super) async fn enable(care: Care) -> HttpResponse {
    let Care { bench, member, .. } = &care;
    let enabled = accounts::enable(&bench.store, By::Actor(&bench.actor), member, bench.now).await;
    after(&care, enabled.map(Changed::Done)).await
}

async fn after(care: &Care, changed: Result<Changed<()>, store::Error>) -> HttpResponse {
    match changed {
        Ok(Changed::Done(())) => {
            care.door.bell.notify_one();
            see_other(routes::USERS)
        }
        Ok(Changed::LastAdmin) => last_admin(&care.bench).await,
        Err(cause) => care.bench.unavailable(&cause),
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
            return Err(self.forbidden().await);
        }
        match self.store.staff_by_id(id).await {
            Ok(Some(member)) => Ok(member),
            Ok(None) => Err(self.not_found().await),
            Err(cause) => Err(self.unavailable(&cause)),
        }
    }

    fn account_line(&self, member: StaffMember) -> Line {
        let last_seen = member.seen_at.map(|at| self.near(at));
        Line { last_seen, is_self: member.id == self.actor.id(), member }
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
    let lines = bench.store.staff().await?.into_iter().map(|member| bench.account_line(member));
    let users = UsersPage {
        site: &bench.site,
        head: Head::hidden("Accounts", routes::USERS),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        lines: lines.collect(),
        remark,
        mails_leave: bench.policy.mails_leave,
    };
    Ok(page(status, &users))
}
