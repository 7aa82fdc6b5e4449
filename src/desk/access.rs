//! Who has read a person's words: the entries of the audit log that are about one inquiry, for the clinic to hand to the
//! person who wrote it. It stays answerable after the inquiry is erased, for the log keeps the reference.

use std::collections::HashMap;
use std::io;

use jiff::Timestamp;

use super::export::{csv_begin, csv_guarded_line};
use crate::inquiry::Reference;
use crate::staff::Actor;
use crate::store::{AuditEntry, Error, Store};

/// What somebody did with an inquiry.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Access {
    /// When.
    #[serde(serialize_with = "as_text")]
    pub at: Timestamp,
    /// A name, or `the writer`, `the operator`, `the retention rule`.
    pub who: String,
    /// The log's word for it, such as `inquiry.viewed`. `inquiries.exported` was an export of many, which may have held it.
    pub action: String,
    /// What else is known, such as `new>open`.
    pub detail: String,
}

fn as_text<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// Everything that was done with an inquiry, in order; empty when the log never heard of it.
///
/// # Errors
/// When the database cannot be read.
pub async fn accesses(store: &Store, reference: &Reference) -> Result<Vec<Access>, Error> {
    let mut entries = store.audit_about(reference.as_str()).await?;
    if let Some(gone) = entries.iter().rposition(|entry| entry.action == "inquiry.erased") {
        // An export after that could not hold it any more.
        let until = entries[gone].seq;
        entries.retain(|entry| entry.seq <= until || entry.subject == reference.as_str());
    }
    let members = store.staff().await?;
    let names: HashMap<&str, &str> = members.iter().map(|member| (member.id.as_str(), member.name.as_str())).collect();
    Ok(entries.into_iter().map(|entry| access(entry, &names)).collect())
}

fn access(entry: AuditEntry, names: &HashMap<&str, &str>) -> Access {
    let who = match entry.actor.as_str() {
        "writer" => "the writer",
        "operator" => "the operator",
        "retention" => "the retention rule",
        id => names.get(id).copied().unwrap_or(id),
    };
    Access { at: entry.at, who: who.to_owned(), action: entry.action, detail: entry.detail }
}

/// Records that an admin made such a list, before they get it.
///
/// # Errors
/// When it cannot be recorded; then it must not be handed out.
pub async fn record_listing(store: &Store, actor: &Actor, reference: &Reference, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    tx.add_audit(now, actor.id(), "inquiry.access_listed", reference.as_str(), "").await?;
    tx.commit().await
}

/// The list as a CSV file, safe to open in a spreadsheet.
///
/// # Errors
/// None that is known; the writer of lines could fail.
pub fn csv_of_accesses(accesses: &[Access]) -> io::Result<Vec<u8>> {
    let mut file = csv_begin(&["at", "who", "action", "detail"])?;
    for access in accesses {
        file.extend(csv_guarded_line(&[&access.at.to_string(), &access.who, &access.action, &access.detail])?);
    }
    Ok(file)
}
