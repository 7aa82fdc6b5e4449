//! How every mail is built: what stands on top, headers that follow from the row, and the same words as text and as HTML.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, Message};

use crate::clock::OpeningHours;
use crate::config::{ClinicView, Detail};
use crate::contact::EmailAddress;
use crate::content::Content;
use crate::secret::SecretKey;

/// What every mail needs to know.
#[derive(Debug)]
pub struct Letterhead {
    /// Who we are.
    pub clinic: ClinicView,
    /// How people reach the site; links and Message-IDs are made of it.
    pub public_url: String,
    /// Sender of every mail.
    pub from: EmailAddress,
    /// Where answers to a reply go.
    pub answers_to: EmailAddress,
    /// How much a notice carries.
    pub detail: Detail,
    /// The clinic's zone.
    pub opening: OpeningHours,
    /// Names of techniques, and their cautions.
    pub content: Content,
    /// For receipt links.
    pub key: SecretKey,
}

/// The same words as text and as HTML; a template reads the fields of the words it is given.
macro_rules! mail {
    ($words:ident, $text:ident $text_file:literal, $html:ident $html_file:literal) => {
        #[derive(askama::Template)]
        #[template(path = $text_file, whitespace = "preserve")]
        struct $text<'a>(&'a $words<'a>);

        #[derive(askama::Template)]
        #[template(path = $html_file)]
        struct $html<'a>(&'a $words<'a>);

        impl<'a> std::ops::Deref for $text<'a> {
            type Target = $words<'a>;
            fn deref(&self) -> &$words<'a> {
                self.0
            }
        }

        impl<'a> std::ops::Deref for $html<'a> {
            type Target = $words<'a>;
            fn deref(&self) -> &$words<'a> {
                self.0
            }
        }

        impl $words<'_> {
            fn parts(&self) -> Result<(String, String), askama::Error> {
                use askama::Template;
                Ok(($text(self).render()?, $html(self).render()?))
            }
        }
    };
}

pub(super) use mail;

/// The headers all mails share. Message-ID and Date come from the row, so that a repeat is recognisable.
pub(super) fn envelope(
    letterhead: &Letterhead,
    id: &str,
    at: Timestamp,
    to: &str,
    subject: &str,
) -> Result<MessageBuilder, String> {
    let host = letterhead.public_url.split("//").nth(1).unwrap_or("localhost");
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let (from, to) = (mailbox(Some(&letterhead.clinic.name), letterhead.from.as_str())?, mailbox(None, to)?);
    // Told outright: read back from the headers, an address such as "a b"@example.org would be lost.
    let route = Envelope::new(Some(from.email.clone()), vec![to.email.clone()]).map_err(|e| e.to_string())?;
    Ok(Message::builder()
        .envelope(route)
        .from(from)
        .to(to)
        .subject(subject)
        .message_id(Some(format!("<{id}@{host}>")))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())))
}

/// Domains are written as mail servers know them (IDNA), so that only a local part can need SMTPUTF8.
pub(super) fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, String> {
    let unwritable = || "the address cannot be written into a mail".to_owned();
    let (user, domain) = address.rsplit_once('@').ok_or_else(unwritable)?;
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => url::Host::parse(domain).map_err(|_| unwritable())?.to_string(),
    };
    let address = Address::new(user, domain).map_err(|_| unwritable())?;
    Ok(Mailbox::new(name.map(str::to_owned), address))
}

/// The boundary comes from the row too: a repeat is the same to the byte.
pub(super) fn multipart(
    builder: MessageBuilder,
    id: &str,
    parts: Result<(String, String), askama::Error>,
) -> Result<Message, String> {
    let (text, html) = parts.map_err(|e| e.to_string())?;
    let body = MultiPart::builder().kind(MultiPartKind::Alternative).boundary(format!("part-{id}"));
    let body = body.singlepart(SinglePart::plain(text)).singlepart(SinglePart::html(html));
    builder.multipart(body).map_err(|e| e.to_string())
}
