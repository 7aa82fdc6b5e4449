//! The notice to staff: `mail.detail` decides here, and nowhere else, what of an inquiry leaves in a mail.

use lettre::Message;

use super::letterhead::{Letterhead, envelope, mail, mailbox, multipart};
use crate::config::{ClinicView, Detail};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::content::Caution;
use crate::inquiry::{BestTime, ContactBy, Inquiry, Urgent};
use crate::outbox::OwedMessage;

mail!(Notice, NoticeText "mail/notice.txt", NoticeHtml "mail/notice.html");

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

pub(super) fn notice(letterhead: &Letterhead, owed: &OwedMessage, inquiry: &Inquiry) -> Result<Message, String> {
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
        technique: technique.map(|slug| letterhead.content.technique_name(slug)),
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
