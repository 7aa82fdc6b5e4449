//! Mails, rendered from the stored inquiry when they are sent. What one may carry is decided in one place, by `mail.detail`.

use std::ops::Deref;
use std::time::{Duration, SystemTime};

use askama::Template;
use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, Message};

use crate::clock::OpeningHours;
use crate::config::{ClinicView, Detail};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::content::{Caution, Content};
use crate::inquiry::{BestTime, ContactBy, Inquiry, Urgent};
use crate::outbox::{About, Kind, OwedMessage};
use crate::secret::SecretKey;
use crate::store::{Error, Store};

use super::account;

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
        #[derive(Template)]
        #[template(path = $text_file, whitespace = "preserve")]
        struct $text<'a>(&'a $words<'a>);

        #[derive(Template)]
        #[template(path = $html_file)]
        struct $html<'a>(&'a $words<'a>);

        impl<'a> Deref for $text<'a> {
            type Target = $words<'a>;
            fn deref(&self) -> &$words<'a> {
                self.0
            }
        }

        impl<'a> Deref for $html<'a> {
            type Target = $words<'a>;
            fn deref(&self) -> &$words<'a> {
                self.0
            }
        }

        impl $words<'_> {
            fn parts(&self) -> Result<(String, String), askama::Error> {
                Ok(($text(self).render()?, $html(self).render()?))
            }
        }
    };
}

pub(super) use mail;

mail!(Notice, NoticeText "mail/notice.txt", NoticeHtml "mail/notice.html");
mail!(Acknowledgement, AcknowledgementText "mail/acknowledgement.txt", AcknowledgementHtml "mail/acknowledgement.html");
mail!(Reply, ReplyText "mail/reply.txt", ReplyHtml "mail/reply.html");
mail!(Escalation, EscalationText "mail/escalation.txt", EscalationHtml "mail/escalation.html");
mail!(Digest, DigestText "mail/digest.txt", DigestHtml "mail/digest.html");
mail!(Test, TestText "mail/test.txt", TestHtml "mail/test.html");

struct Notice<'a> {
    clinic: &'a ClinicView,
    reference: &'a str,
    link: String,
    urgent: Option<&'static str>,
    answer_by: String,
    technique: Option<&'a str>,
    cautions: Vec<CautionLine<'a>>,
    contact: Option<NoticeContact<'a>>,
    words: Option<NoticeWords<'a>>,
}

struct CautionLine<'a> {
    level: &'static str,
    words: &'a str,
    applies: bool,
}

struct NoticeContact<'a> {
    name: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    contact_by: &'static str,
    voicemail: bool,
    best_time: Option<&'a str>,
}

struct NoticeWords<'a> {
    health: Vec<&'a str>,
    message: &'a str,
}

/// Repeats nothing the person typed: the address may not be theirs.
struct Acknowledgement<'a> {
    clinic: &'a ClinicView,
    reference: &'a str,
    groups: Vec<String>,
    receipt_link: String,
    answer_by: String,
}

struct Reply<'a> {
    clinic: &'a ClinicView,
    reference: &'a str,
    receipt_link: String,
    text: String,
}

/// Reference and link only, whatever `mail.detail` says: it may go beyond the staff.
struct Escalation<'a> {
    clinic: &'a ClinicView,
    reference: &'a str,
    link: String,
    is_urgent: bool,
    answer_by: String,
}

struct Digest<'a> {
    clinic: &'a ClinicView,
    many: i64,
    link: String,
}

struct Test<'a> {
    clinic: &'a ClinicView,
    public_url: &'a str,
}

/// Renders a message. The inner error says why it can never be sent.
///
/// # Errors
/// When the inquiry cannot be read.
pub async fn render(
    store: &Store,
    letterhead: &Letterhead,
    owed: &OwedMessage,
) -> Result<Result<Message, String>, Error> {
    let seq = match &owed.about {
        About::Inquiry { seq, .. } => *seq,
        About::Account(staff) => return account::render(store, letterhead, owed, staff).await,
    };
    let Some(inquiry) = store.inquiry_by_seq(seq).await? else {
        return Ok(Err("the inquiry is gone".to_owned()));
    };
    let reply = match owed.entry {
        Some(entry) => store.entry_words(entry).await?,
        None => None,
    };
    Ok(written(letterhead, owed, &inquiry, reply))
}

/// The mail about an inquiry that is at hand; `reply` is what staff answered.
///
/// # Errors
/// Why it can never be sent.
pub fn written(
    letterhead: &Letterhead,
    owed: &OwedMessage,
    inquiry: &Inquiry,
    reply: Option<String>,
) -> Result<Message, String> {
    match owed.kind {
        Kind::Notice => notice(letterhead, owed, inquiry),
        Kind::Acknowledgement => acknowledgement(letterhead, owed, inquiry),
        Kind::Escalation => escalation(letterhead, owed, inquiry),
        Kind::Digest => digest(letterhead, owed),
        Kind::Reply => reply_mail(letterhead, owed, inquiry, reply.unwrap_or_default()),
        Kind::Invitation | Kind::Test | Kind::Account(_) => Err("a mail about an account names an inquiry".to_owned()),
    }
}

/// The mail of `backwise mail test`.
///
/// # Errors
/// What cannot be written as a mail.
pub fn test_message(letterhead: &Letterhead, to: &EmailAddress, now: Timestamp) -> Result<Message, String> {
    test_mail(letterhead, &uuid::Uuid::now_v7().to_string(), to, now)
}

pub(super) fn test_mail(
    letterhead: &Letterhead,
    id: &str,
    to: &EmailAddress,
    at: Timestamp,
) -> Result<Message, String> {
    let words = Test { clinic: &letterhead.clinic, public_url: &letterhead.public_url };
    multipart(envelope(letterhead, id, at, to.as_str(), "Test mail from Backwise")?, id, words.parts())
}

fn notice(letterhead: &Letterhead, owed: &OwedMessage, inquiry: &Inquiry) -> Result<Message, String> {
    let to = owed.recipient.as_deref().ok_or("the message names no recipient")?;
    let notice = notice_words(letterhead, inquiry);
    let mut builder =
        envelope(letterhead, &owed.id, owed.created_at, to, &format!("New inquiry {}", inquiry.reference))?;
    if letterhead.detail != Detail::Link
        && let Some(writer) = inquiry.answers.contact.email()
        // In a Reply-To, letters outside ASCII would keep the notice from every mail server without SMTPUTF8.
        && writer.local_part().is_ascii()
    {
        builder = builder.reply_to(mailbox(None, writer.as_str())?);
    }
    multipart(builder, &owed.id, notice.parts())
}

/// `link` says where, `contact` adds who, `full` adds what.
fn notice_words<'a>(letterhead: &'a Letterhead, inquiry: &'a Inquiry) -> Notice<'a> {
    let answers = &inquiry.answers;
    let detail = letterhead.detail;
    let technique = answers.technique.as_deref().filter(|_| detail != Detail::Link);
    Notice {
        clinic: &letterhead.clinic,
        reference: inquiry.reference.as_str(),
        link: format!("{}/admin/inquiries/{}", letterhead.public_url, inquiry.reference),
        urgent: match answers.urgent {
            Urgent::No => None,
            Urgent::Yes => Some("The person says that they have a red flag now. Please look first."),
            Urgent::Unsure => Some("The person is not sure whether they have a red flag. Please look first."),
        },
        answer_by: letterhead.opening.written(inquiry.answer_by),
        technique: technique.map(|slug| letterhead.content.technique(slug).map_or(slug, |technique| technique.name())),
        cautions: if detail == Detail::Link { Vec::new() } else { cautions(letterhead, inquiry) },
        contact: (detail != Detail::Link).then(|| NoticeContact {
            name: answers.name.as_str(),
            email: answers.contact.email().map(EmailAddress::as_str),
            phone: answers.contact.phone().map(PhoneNumber::as_str),
            contact_by: if answers.contact.by() == ContactBy::Email { "by email" } else { "by phone" },
            voicemail: answers.voicemail,
            best_time: answers.best_time.as_ref().map(BestTime::as_str),
        }),
        words: (detail == Detail::Full).then(|| NoticeWords {
            health: answers
                .health
                .iter()
                .map(|slug| letterhead.content.condition(slug).map_or(slug.as_str(), |known| known.name()))
                .collect(),
            message: answers.message.as_str(),
        }),
    }
}

/// Which cautions the person ticked is a health answer: only `full` tells it.
fn cautions<'a>(letterhead: &'a Letterhead, inquiry: &Inquiry) -> Vec<CautionLine<'a>> {
    let ticked: &[String] = if letterhead.detail == Detail::Full { &inquiry.answers.health } else { &[] };
    let apply = letterhead.content.cautions_that_apply(inquiry.answers.technique.as_deref(), ticked).into_iter();
    let line = |(caution, applies): (&'a Caution, bool)| CautionLine {
        level: if caution.level().is_avoid() { "Avoid" } else { "Ask first" },
        words: caution.words(),
        applies,
    };
    apply.map(line).collect()
}

fn acknowledgement(letterhead: &Letterhead, owed: &OwedMessage, inquiry: &Inquiry) -> Result<Message, String> {
    let to = writer(inquiry)?;
    let words = Acknowledgement {
        clinic: &letterhead.clinic,
        reference: inquiry.reference.as_str(),
        groups: inquiry.reference.groups(),
        receipt_link: receipt_link(letterhead, inquiry),
        answer_by: letterhead.opening.written(inquiry.answer_by),
    };
    let subject = format!("Your message to {} has arrived", letterhead.clinic.name);
    let builder = envelope(letterhead, &owed.id, owed.created_at, to.as_str(), &subject)?
        .reply_to(mailbox(Some(&letterhead.clinic.name), letterhead.answers_to.as_str())?);
    multipart(builder, &owed.id, words.parts())
}

fn reply_mail(letterhead: &Letterhead, owed: &OwedMessage, inquiry: &Inquiry, text: String) -> Result<Message, String> {
    let to = writer(inquiry)?;
    let words = Reply {
        clinic: &letterhead.clinic,
        reference: inquiry.reference.as_str(),
        receipt_link: receipt_link(letterhead, inquiry),
        text,
    };
    let subject = format!("Answer to your message {}", inquiry.reference);
    let builder = envelope(letterhead, &owed.id, owed.created_at, to.as_str(), &subject)?
        .reply_to(mailbox(Some(&letterhead.clinic.name), letterhead.answers_to.as_str())?);
    multipart(builder, &owed.id, words.parts())
}

fn escalation(letterhead: &Letterhead, owed: &OwedMessage, inquiry: &Inquiry) -> Result<Message, String> {
    let to = owed.recipient.as_deref().ok_or("the message names no recipient")?;
    let words = Escalation {
        clinic: &letterhead.clinic,
        reference: inquiry.reference.as_str(),
        link: format!("{}/admin/inquiries/{}", letterhead.public_url, inquiry.reference),
        is_urgent: inquiry.answers.urgent.is_marked(),
        answer_by: letterhead.opening.written(inquiry.answer_by),
    };
    let subject = format!("Nobody opened inquiry {} in time", inquiry.reference);
    multipart(envelope(letterhead, &owed.id, owed.created_at, to, &subject)?, &owed.id, words.parts())
}

fn digest(letterhead: &Letterhead, owed: &OwedMessage) -> Result<Message, String> {
    let to = owed.recipient.as_deref().ok_or("the message names no recipient")?;
    let link = format!("{}/admin/inquiries?status=spam", letterhead.public_url);
    let words = Digest { clinic: &letterhead.clinic, many: owed.many.unwrap_or(1), link };
    let builder = envelope(letterhead, &owed.id, owed.created_at, to, "New suspected spam")?;
    multipart(builder, &owed.id, words.parts())
}

fn writer(inquiry: &Inquiry) -> Result<&EmailAddress, String> {
    inquiry.answers.contact.email().ok_or_else(|| "the person gave no address".to_owned())
}

fn receipt_link(letterhead: &Letterhead, inquiry: &Inquiry) -> String {
    let key = letterhead.key.receipt_key_of(&inquiry.submission, &inquiry.receipt_digest);
    format!("{}/receipt/{key}", letterhead.public_url)
}

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
fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, String> {
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
