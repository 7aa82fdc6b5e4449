//! Mails about inquiries, rendered from the stored inquiry when they are sent.

use jiff::Timestamp;
use lettre::Message;

use super::account;
use super::letterhead::{Letterhead, envelope, mail, mailbox, multipart};
use super::notice::notice;
use crate::config::ClinicView;
use crate::contact::EmailAddress;
use crate::inquiry::Inquiry;
use crate::outbox::{About, Kind, OwedMessage};
use crate::store::{Error, Store};

mail!(Acknowledgement, AcknowledgementText "mail/acknowledgement.txt", AcknowledgementHtml "mail/acknowledgement.html");
mail!(Reply, ReplyText "mail/reply.txt", ReplyHtml "mail/reply.html");
mail!(Escalation, EscalationText "mail/escalation.txt", EscalationHtml "mail/escalation.html");
mail!(Digest, DigestText "mail/digest.txt", DigestHtml "mail/digest.html");
mail!(Test, TestText "mail/test.txt", TestHtml "mail/test.html");

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
