//! A one-time link: whoever holds it sets the password of an account, or makes the first one. Opening the link, as
//! mail programs do on their own, uses nothing up.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::Timestamp;

use super::body::Fields;
use super::door::{BUSY, Door};
use super::events::{What, marked};
use super::kept::Wish;
use super::sign_in::Arrival;
use super::{Head, Site, error, page, routes, second_step, sign_in};
use crate::contact::EmailAddress;
use crate::desk::accounts;
use crate::outbox::AccountNews;
use crate::secret::{SecretKey, digest, same};
use crate::staff::{Password, Role, SHORTEST_ALONE, SHORTEST_WITH_CODE, StaffMember, read_name};
use crate::store::{self, Store};

#[derive(Template)]
#[template(path = "desk/welcome.html")]
struct WelcomePage<'a> {
    site: &'a Site,
    head: Head,
    path: String,
    /// None for the first admin, who says who they are.
    member: Option<&'a StaffMember>,
    email: &'a str,
    /// None where it is not asked.
    name: Option<&'a str>,
    fault: Option<Fault>,
    shortest: usize,
}

/// What is wrong, and in which field; one of no field is told on top alone.
struct Fault {
    field: &'static str,
    words: String,
}

impl WelcomePage<'_> {
    fn error(&self, field: &str) -> Option<&str> {
        self.fault.as_ref().filter(|fault| fault.field == field).map(|fault| fault.words.as_str())
    }
}

/// Who the guest says they are.
struct Who {
    email: EmailAddress,
    /// Empty where none was given.
    name: String,
}

/// Whose link it is.
enum Guest {
    FirstAdmin,
    Member(StaffMember),
}

impl Guest {
    fn member(&self) -> Option<&StaffMember> {
        match self {
            Self::FirstAdmin => None,
            Self::Member(member) => Some(member),
        }
    }

    /// Whether the link is for a first password: whoever only needs a new one keeps their name.
    fn is_new(&self) -> bool {
        self.member().is_none_or(|member| member.seen_at.is_none())
    }

    /// Characters of the shortest password they may set.
    fn shortest(&self) -> usize {
        let has_code = self.member().is_some_and(|member| member.has_second_factor);
        if has_code { SHORTEST_WITH_CODE } else { SHORTEST_ALONE }
    }
}

async fn guest(store: &Store, key: &SecretKey, secret: &str, now: Timestamp) -> Result<Option<Guest>, store::Error> {
    if same(secret.as_bytes(), key.first_admin_secret().as_bytes()) {
        return Ok(store.has_no_staff().await?.then_some(Guest::FirstAdmin));
    }
    Ok(store.welcomed(&digest(secret), now).await?.map(Guest::Member))
}

pub(super) async fn show(secret: web::Path<String>, door: Door) -> HttpResponse {
    if !door.site.may_sign_in() {
        return sign_in::needs_https(&door.site);
    }
    match guest(&door.store, &door.key, &secret, door.now).await {
        Ok(Some(guest)) => {
            let name = guest.member().map_or("", StaffMember::given_name);
            welcome_page(&door.site, StatusCode::OK, &secret, &guest, "", name, None)
        }
        Ok(None) => used_up(&door.site),
        Err(cause) => error::unavailable(&door.site, &cause),
    }
}

pub(super) async fn set_password(
    request: HttpRequest,
    payload: web::Payload,
    secret: web::Path<String>,
    door: Door,
) -> HttpResponse {
    let site = &door.site;
    let fields = match sign_in::read_form(&request, payload, site).await {
        Ok(fields) => fields,
        Err(answer) => return answer,
    };
    let guest = match guest(&door.store, &door.key, &secret, door.now).await {
        Ok(Some(guest)) => guest,
        Ok(None) => return used_up(site),
        Err(cause) => return error::unavailable(site, &cause),
    };
    let (email, name) = (fields.text("email"), fields.text("name"));
    let refuse = |status, fault| welcome_page(site, status, &secret, &guest, &email, &name, Some(fault));
    let (password, who) = match chosen(&fields, &guest, site) {
        Ok(chosen) => chosen,
        Err(why) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, why),
    };
    let Ok(hash) = door.hasher.hash(password).await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, wrong("", BUSY));
    };
    match use_link(&door.store, &secret, &guest, &who, &hash, door.now).await {
        Ok(Some(staff)) => begin(&request, &door, &staff).await,
        Ok(None) => used_up(site),
        Err(cause) => error::unavailable(site, &cause),
    }
}

/// The password, and who they say they are.
fn chosen(fields: &Fields, guest: &Guest, site: &Site) -> Result<(Password, Who), Fault> {
    let email = match guest {
        Guest::Member(member) => member.email.clone(),
        Guest::FirstAdmin => EmailAddress::parse(&fields.text("email"))
            .map_err(|_| wrong("email", "Enter your email address like this: name@example.org."))?,
    };
    let typed = if guest.is_new() { fields.text("name") } else { String::new() };
    let name = read_name(&typed).ok_or_else(|| wrong("name", "Your name can have 100 characters."))?.to_owned();
    let own = [site.clinic.name.as_str(), site.clinic.city.as_str(), email.as_str()];
    let password = Password::parse(&fields.text("password"), &own, guest.shortest())
        .map_err(|fault| wrong("password", &format!("This password {fault}. Choose another one.")))?;
    if fields.text("password") != fields.text("password_again") {
        return Err(wrong("password_again", "The two passwords differ. Enter the same one twice."));
    }
    Ok((password, Who { email, name }))
}

fn wrong(field: &'static str, words: &str) -> Fault {
    Fault { field, words: words.to_owned() }
}

/// One request gets the link; of two at once the second finds it used.
async fn use_link(
    store: &Store,
    secret: &str,
    guest: &Guest,
    who: &Who,
    hash: &str,
    now: Timestamp,
) -> Result<Option<String>, store::Error> {
    let mut tx = store.begin().await?;
    let staff = match guest {
        Guest::Member(member) => tx.use_welcome(&digest(secret), now).await?.then(|| member.id.clone()),
        Guest::FirstAdmin if tx.has_no_staff().await? => {
            let name = if who.name.is_empty() { "Admin" } else { &who.name };
            let staff = tx.add_staff(&who.email, name, Role::Admin, now).await?;
            if let Some(staff) = &staff {
                tx.add_audit(now, staff, "staff.added", staff, "admin, by the first link").await?;
            }
            staff
        }
        Guest::FirstAdmin => None,
    };
    let Some(staff) = staff else { return Ok(None) };
    tx.set_password(&staff, Some(hash)).await?;
    if let Some(member) = guest.member().filter(|_| !who.name.is_empty()) {
        accounts::rename(&mut tx, member, &who.name, now).await?;
    }
    if guest.member().is_some_and(|member| member.seen_at.is_some()) {
        accounts::tell(&mut tx, &staff, AccountNews::PasswordChanged, now).await?;
    }
    tx.add_audit(now, &staff, "staff.password", &staff, "").await?;
    tx.commit().await?;
    Ok(Some(staff))
}

/// A link is no second factor: where the account asks for a code, so does this.
async fn begin(request: &HttpRequest, door: &Door, staff: &str) -> HttpResponse {
    door.bell.notify_one();
    let member = match door.store.staff_by_id(staff).await {
        Ok(Some(member)) => member,
        Ok(None) => return used_up(&door.site),
        Err(cause) => return error::unavailable(&door.site, &cause),
    };
    let wish = Wish::page(routes::INBOX);
    if member.has_second_factor {
        return second_step::ask(door, &member, &wish);
    }
    let arrival = Arrival::of(request, &door.site);
    match sign_in::begin_session(&door.store, &member, arrival, false, door.now).await {
        Ok(Some(secret)) => {
            door.notes.add_by(What::SignedIn, &member.id, "link");
            let answer = wish.fulfil(door, &secret).await;
            sign_in::signed_in(door, &member, secret, answer)
        }
        Ok(None) => used_up(&door.site),
        Err(cause) => error::unavailable(&door.site, &cause),
    }
}

fn welcome_page(
    site: &Site,
    status: StatusCode,
    secret: &str,
    guest: &Guest,
    email: &str,
    name: &str,
    fault: Option<Fault>,
) -> HttpResponse {
    let path = routes::welcome(secret);
    let (member, shortest, name) = (guest.member(), guest.shortest(), guest.is_new().then_some(name));
    let head = Head::hidden(if member.is_some() { "Set your password" } else { "Make the first admin" }, &path);
    page(status, &WelcomePage { site, head, path, member, email, name, fault, shortest })
}

fn used_up(site: &Site) -> HttpResponse {
    let words = [
        "This link was used already, is too old, or misses a letter.",
        "An admin of your clinic can make a new one on the users page. On the server, “backwise user reset” makes one too.",
    ];
    marked(error::say(site, StatusCode::GONE, "This link no longer works", &words), What::DeadLink)
}
