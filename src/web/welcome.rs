//! A one-time link: whoever holds it sets the password of an account, or makes the first one. Opening the link, as
//! mail programs do on their own, uses nothing up.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::Timestamp;

use super::body::Fields;
use super::tries::account;
use super::{Head, Site, error, guard, page, routes, sign_in};
use crate::clock::Clock;
use crate::contact::EmailAddress;
use crate::secret::{SecretKey, digest, same};
use crate::staff::{Hasher, Password, Role, SHORTEST_PASSWORD, StaffMember};
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
    name: &'a str,
    error: Option<String>,
    shortest: usize,
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
}

async fn guest(store: &Store, key: &SecretKey, secret: &str, now: Timestamp) -> Result<Option<Guest>, store::Error> {
    if same(secret.as_bytes(), key.first_admin_secret().as_bytes()) {
        return Ok(store.has_no_staff().await?.then_some(Guest::FirstAdmin));
    }
    Ok(store.welcomed(&digest(secret), now).await?.map(Guest::Member))
}

pub(super) async fn show(
    secret: web::Path<String>,
    site: web::Data<Site>,
    store: web::Data<Store>,
    key: web::Data<SecretKey>,
    clock: web::Data<Clock>,
) -> HttpResponse {
    if !site.may_sign_in() {
        return sign_in::needs_https(&site);
    }
    match guest(&store, &key, &secret, clock.now()).await {
        Ok(Some(guest)) => welcome_page(&site, StatusCode::OK, &secret, guest.member(), "", "", None),
        Ok(None) => used_up(&site),
        Err(cause) => error::unavailable(&site, &cause),
    }
}

#[allow(clippy::too_many_arguments, reason = "a handler lists what it uses")]
pub(super) async fn set_password(
    request: HttpRequest,
    payload: web::Payload,
    secret: web::Path<String>,
    site: web::Data<Site>,
    store: web::Data<Store>,
    key: web::Data<SecretKey>,
    clock: web::Data<Clock>,
    hasher: web::Data<Hasher>,
) -> HttpResponse {
    let fields = match sign_in::read_form(&request, payload, &site).await {
        Ok(fields) => fields,
        Err(answer) => return answer,
    };
    let now = clock.now();
    let guest = match guest(&store, &key, &secret, now).await {
        Ok(Some(guest)) => guest,
        Ok(None) => return used_up(&site),
        Err(cause) => return error::unavailable(&site, &cause),
    };
    let (email, name) = (fields.text("email"), fields.text("name"));
    let refuse = |status, why: String| welcome_page(&site, status, &secret, guest.member(), &email, &name, Some(why));
    let (password, newcomer) = match chosen(&fields, &guest, &site) {
        Ok(chosen) => chosen,
        Err(why) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, why),
    };
    let Ok(hash) = hasher.hash(password).await else {
        return refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many people sign in just now. Try again in a minute.".to_owned(),
        );
    };
    match use_link(&store, &secret, &guest, newcomer.as_ref(), &hash, now).await {
        Ok(Some(staff)) => begin(&request, &site, &store, &key, &staff, now).await,
        Ok(None) => used_up(&site),
        Err(cause) => error::unavailable(&site, &cause),
    }
}

/// The password, and for the first admin who they are.
fn chosen(fields: &Fields, guest: &Guest, site: &Site) -> Result<(Password, Option<(EmailAddress, String)>), String> {
    let (email, name) = (fields.text("email"), fields.text("name"));
    let newcomer = match guest {
        Guest::Member(_) => None,
        Guest::FirstAdmin => {
            let email =
                EmailAddress::parse(&email).map_err(|_| "Enter your email address like this: name@example.org.")?;
            let name = name.trim();
            Some((email, if name.is_empty() { "Admin".to_owned() } else { name.to_owned() }))
        }
    };
    if newcomer.as_ref().is_some_and(|(_, name)| name.chars().count() > 100 || name.chars().any(char::is_control)) {
        return Err("Your name can have 100 characters.".to_owned());
    }
    let address = newcomer.as_ref().map(|(email, _)| email).or(guest.member().map(|member| &member.email));
    let own = [site.clinic.name.as_str(), site.clinic.city.as_str(), address.map_or("", EmailAddress::as_str)];
    let password = Password::parse(&fields.text("password"), &own)
        .map_err(|fault| format!("This password {fault}. Choose another one."))?;
    if fields.text("password") != fields.text("password_again") {
        return Err("The two passwords differ. Enter the same one twice.".to_owned());
    }
    Ok((password, newcomer))
}

/// One request gets the link; of two at once the second finds it used.
async fn use_link(
    store: &Store,
    secret: &str,
    guest: &Guest,
    newcomer: Option<&(EmailAddress, String)>,
    hash: &str,
    now: Timestamp,
) -> Result<Option<String>, store::Error> {
    let mut tx = store.begin().await?;
    let staff = match (guest, newcomer) {
        (Guest::Member(member), _) => tx.use_welcome(&digest(secret), now).await?.then(|| member.id.clone()),
        (Guest::FirstAdmin, Some((email, name))) if tx.has_no_staff().await? => {
            let staff = tx.add_staff(email, name, Role::Admin, now).await?;
            if let Some(staff) = &staff {
                tx.add_audit(now, staff, "staff.added", staff, "admin, by the first link").await?;
            }
            staff
        }
        (Guest::FirstAdmin, _) => None,
    };
    let Some(staff) = staff else { return Ok(None) };
    tx.set_password(&staff, Some(hash)).await?;
    tx.add_audit(now, &staff, "staff.password", &staff, "").await?;
    tx.commit().await?;
    Ok(Some(staff))
}

async fn begin(
    request: &HttpRequest,
    site: &Site,
    store: &Store,
    key: &SecretKey,
    staff: &str,
    now: Timestamp,
) -> HttpResponse {
    let member = match store.staff_by_id(staff).await {
        Ok(Some(member)) => member,
        Ok(None) => return used_up(site),
        Err(cause) => return error::unavailable(site, &cause),
    };
    let account = account(key, member.email.as_str());
    match sign_in::begin_session(store, &member, guard::secret(request, site), now).await {
        Ok(Some(secret)) => sign_in::signed_in(site, key, &account, secret, routes::INBOX, None),
        Ok(None) => used_up(site),
        Err(cause) => error::unavailable(site, &cause),
    }
}

fn welcome_page(
    site: &Site,
    status: StatusCode,
    secret: &str,
    member: Option<&StaffMember>,
    email: &str,
    name: &str,
    error: Option<String>,
) -> HttpResponse {
    let path = routes::welcome(secret);
    let head = Head::hidden("Set your password", &path);
    page(status, &WelcomePage { site, head, path, member, email, name, error, shortest: SHORTEST_PASSWORD })
}

fn used_up(site: &Site) -> HttpResponse {
    let words = [
        "This link was used already, is too old, or misses a letter.",
        "An admin of your clinic can make a new one on the users page. On the server, “backwise user reset” makes one too.",
    ];
    error::say(site, StatusCode::GONE, "This link no longer works", &words)
}
