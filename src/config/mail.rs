//! `[mail]`: the way out, who receives, and how much a mail may say.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

use super::read::{Reader, Refusal};
use crate::contact::EmailAddress;

/// `[mail]`
#[derive(Clone, Debug)]
pub struct Mail {
    /// How mail leaves.
    pub route: Route,
    /// Sender of every mail.
    pub from: EmailAddress,
    /// Who receives inquiries.
    pub staff: Vec<EmailAddress>,
    /// How much of an inquiry a staff mail carries.
    pub detail: Detail,
    /// Whether the person who wrote gets an acknowledgement.
    pub acknowledge: bool,
    /// Who is told of an inquiry that nobody opened in time; empty for nobody.
    pub escalate_to: Vec<EmailAddress>,
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub enum Route {
    /// One `.eml` file a mail.
    Folder(PathBuf),
    /// A mail server.
    Smtp(Smtp),
}

/// A mail server and how to talk with it.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether and how the connection is encrypted.
    pub security: Security,
    /// User name and password, when it asks for them.
    pub credentials: Option<(String, SecretString)>,
    /// A PEM file with a private authority to trust besides the public ones.
    pub ca: Option<PathBuf>,
}

/// How a connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (`smtps://`).
    Implicit,
    /// STARTTLS, required: a server that does not offer it gets no mail.
    StartTls,
    /// None (`?tls=none`).
    Plain,
}

/// How much of an inquiry a staff mail carries (`mail.detail`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// Name and how to reach them; no health answers, no message.
    Contact,
    /// Reference, urgency and a link.
    Link,
}

impl Mail {
    pub(super) fn read(reader: &mut Reader, data_dir: &Path) -> Option<Self> {
        let mail = Self {
            route: reader.optional("mail.url", route).unwrap_or_else(|| Route::Folder(data_dir.join("mail"))),
            from: reader.parsed("mail.from", "no-reply@localhost", address)?,
            staff: reader.list("mail.staff", &["desk@localhost"], address),
            detail: reader.parsed("mail.detail", "full", detail)?,
            acknowledge: reader.flag("mail.acknowledge", true),
            escalate_to: reader.list("mail.escalate_to", &[], address),
        };
        if mail.staff.is_empty() && !reader.has_fault("mail.staff") {
            reader.fault("mail.staff", "is empty, so nobody would hear of an inquiry", "list at least one address");
        }
        if mail.detail == Detail::Full && mail.route.is_readable_on_the_way() {
            reader.fault(
                "mail.detail",
                "is full, but mail.url sends unencrypted beyond this machine, and health words must not travel in the clear",
                "use smtps:// or STARTTLS, or set mail.detail to contact or link",
            );
        }
        Some(mail)
    }
}

impl Route {
    /// Whether strangers on the network could read a mail.
    pub fn is_readable_on_the_way(&self) -> bool {
        matches!(self, Self::Smtp(smtp) if smtp.security == Security::Plain && !is_loopback(&smtp.host))
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn address(text: &str) -> Result<EmailAddress, Refusal> {
    EmailAddress::parse(text).map_err(|_| ("is not an email address", "write for example desk@clinic.example"))
}

fn detail(text: &str) -> Result<Detail, Refusal> {
    match text {
        "full" => Ok(Detail::Full),
        "contact" => Ok(Detail::Contact),
        "link" => Ok(Detail::Link),
        _ => Err(("is no level of detail", "write full, contact or link")),
    }
}

/// Problems never show the URL: it may hold a password.
fn route(text: &str) -> Result<Route, Refusal> {
    if let Some(folder) = text.strip_prefix("file://") {
        return match folder.is_empty() {
            false => Ok(Route::Folder(PathBuf::from(folder))),
            true => Err(("names no folder", "write file://FOLDER")),
        };
    }
    let url = Url::parse(text).map_err(|_| ("is not a URL", "write smtps://user:password@host, or file://FOLDER"))?;
    smtp(&url).map(Route::Smtp)
}

fn smtp(url: &Url) -> Result<Smtp, Refusal> {
    let (security, ca) = options(url)?;
    let default_port = match security {
        Security::Implicit => 465,
        Security::StartTls => 587,
        Security::Plain => 25,
    };
    let host = match url.host() {
        Some(Host::Ipv6(ip)) => ip.to_string(),
        Some(host) => host.to_string(),
        None => return Err(("names no mail server", "write smtps://host")),
    };
    Ok(Smtp { host, port: url.port().unwrap_or(default_port), security, credentials: credentials(url)?, ca })
}

fn options(url: &Url) -> Result<(Security, Option<PathBuf>), Refusal> {
    let mut security = match url.scheme() {
        "smtps" => Security::Implicit,
        "smtp" => Security::StartTls,
        _ => return Err(("is no way to send mail that we know", "write smtp://, smtps:// or file://")),
    };
    let mut ca = None;
    for (name, value) in url.query_pairs() {
        match (name.as_ref(), value.as_ref()) {
            ("tls", "none") if security != Security::Implicit => security = Security::Plain,
            ("tls", "required") => {}
            ("ca", file) if !file.is_empty() => ca = Some(PathBuf::from(file)),
            _ => return Err(("has an option we do not know", "use ?tls=none (with smtp://) or ?ca=FILE")),
        }
    }
    Ok((security, ca))
}

fn credentials(url: &Url) -> Result<Option<(String, SecretString)>, Refusal> {
    let refusal = ("has a user or password that is not valid UTF-8", "percent-encode it as UTF-8");
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned()).map_err(|_| refusal);
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => Ok(Some((decode(user)?, SecretString::from(decode(password)?)))),
        _ => Err(("has a user without a password, or the reverse", "write smtps://user:password@host")),
    }
}
