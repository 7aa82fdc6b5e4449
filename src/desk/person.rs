//! Everything about one person, for them to have (GDPR, article 15): what they answered, what was noted and replied, the
//! mails about it, and who has read it. One flat list, so that it reads alike as JSON lines and in a spreadsheet.

use std::io;

use jiff::Timestamp;

use super::access::accesses;
use super::export::{ExportFormat, answers_of, csv_begin, csv_guarded_line};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::Reference;
use crate::store::{EntryKind, Error, Store};

/// One thing that is kept about a person.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// `answer`, `timeline`, `mail` or `access`.
    pub kind: &'static str,
    /// The inquiry it belongs to.
    pub reference: String,
    /// When.
    pub at: String,
    /// Who wrote or did it; of a mail, who gets it.
    pub who: String,
    /// The field, what happened, which mail, what was done.
    pub what: String,
    /// The words, or how it ended.
    pub words: String,
}

/// All that is kept about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Everything {
    /// One thing after the other.
    pub kept: Vec<Kept>,
    /// The references of inquiries that hold a value which does not open: they are not in it.
    pub left_out: Vec<String>,
}

/// Everything about the person with this address, inquiry by inquiry, with what was merged with one of them; None when nobody wrote from it. That it was handed
/// out is recorded with each inquiry first.
///
/// # Errors
/// When the database cannot be read, or the entry not be written.
pub async fn everything_about(
    store: &Store,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<Option<Everything>, Error> {
    let references = store.references_of_person(email).await?;
    handed_out(store, &references, Vec::new(), now).await
}

/// The same for who gave this number. Inquiries that do not open may be theirs: they count as left out.
///
/// # Errors
/// When the database cannot be read, or the entry not be written.
pub async fn everything_about_number(
    store: &Store,
    number: &PhoneNumber,
    now: Timestamp,
) -> Result<Option<Everything>, Error> {
    let (references, unreadable) = store.references_of_number(number).await?;
    handed_out(store, &references, unreadable, now).await
}

async fn handed_out(
    store: &Store,
    references: &[Reference],
    mut left_out: Vec<String>,
    now: Timestamp,
) -> Result<Option<Everything>, Error> {
    if references.is_empty() && left_out.is_empty() {
        return Ok(None);
    }
    let mut tx = store.begin().await?;
    for reference in references {
        tx.add_audit(now, "operator", "inquiry.exported", reference.as_str(), "").await?;
    }
    tx.commit().await?;
    let mut all = Vec::new();
    for reference in references {
        match about(store, reference).await {
            Ok(kept) => all.extend(kept),
            Err(Error::Damaged(_)) if left_out.contains(&reference.to_string()) => {}
            Err(Error::Damaged(_)) => left_out.push(reference.to_string()),
            Err(other) => return Err(other),
        }
    }
    Ok(Some(Everything { kept: all, left_out }))
}

async fn about(store: &Store, reference: &Reference) -> Result<Vec<Kept>, Error> {
    let Some(inquiry) = store.inquiry(reference).await? else { return Ok(Vec::new()) };
    let reference = inquiry.reference.as_str();
    let kept = |kind, at: Timestamp, who: &str, what: &str, words: &str| Kept {
        kind,
        reference: reference.to_owned(),
        at: at.to_string(),
        who: who.to_owned(),
        what: what.to_owned(),
        words: words.to_owned(),
    };
    let mut all = Vec::new();
    for (field, words) in answers_of(&inquiry) {
        all.push(kept("answer", inquiry.received_at, "the writer", field, &words));
    }
    for entry in store.timeline(inquiry.seq).await? {
        let who = entry.staff_name.as_deref().unwrap_or_default();
        // The name of a form is ours and tells nothing about anybody.
        let words = if entry.kind == EntryKind::Received { "" } else { &entry.words };
        all.push(kept("timeline", entry.at, who, entry.kind.as_str(), words));
    }
    for mail in store.messages_of(inquiry.seq).await? {
        let to = mail.recipient.as_deref().unwrap_or("the writer");
        let at = mail.settled_at.unwrap_or(mail.created_at);
        all.push(kept("mail", at, to, mail.kind.as_str(), mail.state.as_str()));
    }
    for access in accesses(store, &inquiry.reference).await? {
        all.push(kept("access", access.at, &access.who, &access.action, &access.detail));
    }
    Ok(all)
}

/// The list as a file of the format.
///
/// # Errors
/// None that is known; the writers of lines could fail.
pub fn file_of(all: &[Kept], format: ExportFormat) -> io::Result<Vec<u8>> {
    if format == ExportFormat::JsonLines {
        let lines = all.iter().map(|kept| Ok(serde_json::to_string(kept)? + "\n"));
        return lines.collect::<io::Result<String>>().map(String::into_bytes);
    }
    let mut file = csv_begin(&["kind", "reference", "at", "who", "what", "words"])?;
    for Kept { kind, reference, at, who, what, words } in all {
        file.extend(csv_guarded_line(&[kind, reference, at, who, what, words])?);
    }
    Ok(file)
}
