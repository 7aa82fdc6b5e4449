//! What a member of staff has taken down of a call or a visit and not stored: drafts that are not about an inquiry yet. Sealed
//! like one; nobody else's is ever shown.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

use super::row::Columns;
use super::sealing::seal;
use super::{Error, Sealing, Store, Tx, reading, writing};
use crate::contact::EmailAddress;
use crate::inquiry::InquiryForm;
use crate::secret::Place;

/// The form for somebody who calls or stands before the desk, as typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What they say.
    pub form: InquiryForm,
    /// How they reach the clinic.
    pub channel: String,
    /// The inquiry that was being read when they came, as typed; empty for none.
    pub read: String,
}

/// One of them as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct CallDraft {
    /// What tells it from the others of its writer.
    pub name: String,
    /// None where it does not open.
    pub call: Option<Call>,
    /// When it was last kept.
    pub kept_at: Timestamp,
}

impl Call {
    /// Whether anything of the person is in it; how they reach the clinic is chosen before they say a word.
    pub fn is_begun(&self) -> bool {
        let InquiryForm { urgent, name, email, phone, contact_by, voicemail, technique, best_time, .. } = &self.form;
        let InquiryForm { health, message, consent, .. } = &self.form;
        let single = [urgent, name, email, phone, contact_by, voicemail, technique, best_time, message, consent];
        single.into_iter().chain(health).any(|answer| !answer.trim().is_empty())
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call(…)")
    }
}

impl fmt::Debug for CallDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallDraft({})", self.kept_at)
    }
}

fn id(staff: &str, name: &str) -> String {
    format!("{staff}.{name}")
}

fn place(id: &str) -> Place<'_> {
    Place::new("call_draft", "form", id)
}

const SELECT: &str = "SELECT id, staff, form, kept_at FROM call_draft ";

impl Store {
    /// A draft of a member of staff.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn call_draft(&self, staff: &str, name: &str) -> Result<Option<CallDraft>, Error> {
        let (id, sealing) = (id(staff, name), self.sealing());
        reading!(self, db => {
            let mut query = QueryBuilder::new(SELECT);
            query.push("WHERE id = ").push_bind(id);
            query.build().fetch_optional(db).await?.map(|row| call_draft(&row, sealing)).transpose()
        })
    }

    /// The drafts of a member of staff, the latest first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn call_drafts(&self, staff: &str, limit: usize) -> Result<Vec<CallDraft>, Error> {
        let (limit, sealing) = (i64::try_from(limit).unwrap_or(i64::MAX), self.sealing());
        reading!(self, db => {
            let mut query = QueryBuilder::new(SELECT);
            query.push("WHERE staff = ").push_bind(staff.to_owned());
            query.push(" ORDER BY kept_at DESC, id LIMIT ").push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| call_draft(row, sealing)).collect()
        })
    }
}

/// One that does not open has its place in the list all the same.
fn call_draft(row: &impl Columns, sealing: &Sealing) -> Result<CallDraft, Error> {
    let (id, staff) = (row.text("id")?, row.text("staff")?);
    let name = id.strip_prefix(&staff).and_then(|rest| rest.strip_prefix('.')).ok_or(Error::Damaged("draft"))?;
    let call = sealing.text(row, place(&id)).ok().and_then(|form| serde_json::from_str(&form).ok());
    Ok(CallDraft { name: name.to_owned(), call, kept_at: row.time("kept_at")? })
}

impl Tx {
    /// Keeps a draft in place of the one of this name before.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn keep_call_draft(&mut self, staff: &str, name: &str, call: &Call, now: Timestamp) -> Result<(), Error> {
        let (id, key) = (id(staff, name), self.sealing_key().await?);
        let form = serde_json::to_string(call).map_err(|_| Error::Damaged("form"))?;
        let form = seal(&key, place(&id), &form)?;
        let at = now.as_millisecond();
        writing!(self, db => {
            sqlx::query("INSERT INTO call_draft (id, staff, form, kept_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET form = excluded.form, kept_at = excluded.kept_at")
                .bind(id).bind(staff.to_owned()).bind(form).bind(at).execute(db).await?;
        });
        Ok(())
    }

    /// Takes a draft away, since it is stored or not wanted any more.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn discard_call_draft(&mut self, staff: &str, name: &str) -> Result<(), Error> {
        let id = id(staff, name);
        writing!(self, db => {
            sqlx::query("DELETE FROM call_draft WHERE id = $1").bind(id).execute(db).await?;
        });
        Ok(())
    }

    /// Takes every draft away: in a copy from before, one may have been stored or erased since.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn forget_all_calls(&mut self) -> Result<u64, Error> {
        writing!(self, db => Ok(sqlx::query("DELETE FROM call_draft").execute(db).await?.rows_affected()))
    }

    /// Takes the drafts away, whoever keeps them, in which this address stands, and gives how many.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn forget_calls_of(&mut self, email: &EmailAddress) -> Result<u64, Error> {
        let sealing = self.sealing().clone();
        let ids: Vec<String> = writing!(&mut *self, db => {
            let rows = QueryBuilder::new(SELECT).build().fetch_all(db).await?;
            let is_theirs = |draft: &CallDraft| {
                let typed = draft.call.as_ref().map(|call| EmailAddress::parse(&call.form.email));
                typed.is_some_and(|typed| typed.is_ok_and(|typed| typed.folded() == email.folded()))
            };
            let theirs = rows.iter().map(|row| Ok((row.text("id")?, call_draft(row, &sealing)?)));
            let theirs = theirs.filter(|found: &Result<_, Error>| found.as_ref().map_or(true, |(_, draft)| is_theirs(draft)));
            theirs.map(|found| found.map(|(id, _)| id)).collect::<Result<_, _>>()?
        });
        for id in &ids {
            writing!(&mut *self, db => {
                sqlx::query("DELETE FROM call_draft WHERE id = $1").bind(id.clone()).execute(db).await?;
            });
        }
        Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
    }
}
