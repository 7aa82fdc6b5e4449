//! What somebody has begun to write about an inquiry and not sent: at most one draft for each member of staff and inquiry. Its
//! words are sealed like a note's. Only its writer's is ever asked for; nobody else's is listed or counted.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

use super::inquiry_row::InboxRow;
use super::row::Columns;
use super::sealing::seal;
use super::{Error, Store, Tx, reading, writing};
use crate::secret::Place;

/// A draft as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// What stands in the box of the reply; empty for nothing.
    pub reply: String,
    /// The same of the note.
    pub note: String,
    /// The page on which it was written.
    pub shown: Shown,
    /// When it was last kept.
    pub kept_at: Timestamp,
}

/// The page on which a draft was written, so that what a colleague changed since is noticed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The version of the inquiry; None where the form did not say.
    pub version: Option<i64>,
    /// The newest line of its timeline.
    pub seen: i64,
    /// Its facts, as the form carried them.
    pub was: String,
    /// The ready reply that was chosen; empty for none.
    pub template: String,
    /// Ready words were put under what had been typed.
    pub is_added_to: bool,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({})", self.kept_at)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({:?})", self.version)
    }
}

/// An inquiry about which somebody has begun something.
#[derive(Clone, Debug)]
pub struct Begun {
    /// As the inbox lists it.
    pub row: InboxRow,
    /// Something stands in the box of the reply.
    pub has_reply: bool,
    /// The same of the note.
    pub has_note: bool,
}

/// A box of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftBox {
    /// Of the reply.
    Reply,
    /// Of the note.
    Note,
}

/// What becomes of a box.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BoxWords<'a> {
    /// It holds this now.
    Are(&'a str),
    /// It holds nothing any more.
    Gone,
    /// It holds what it held.
    Stay,
}

impl DraftBox {
    fn column(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
        }
    }
}

fn id(inquiry: i64, staff: &str) -> String {
    format!("{inquiry}.{staff}")
}

impl Store {
    /// The draft of a member of staff about an inquiry.
    ///
    /// # Errors
    /// When the database cannot be read; [`Error::Damaged`] when the draft does not open.
    pub async fn draft(&self, inquiry: i64, staff: &str) -> Result<Option<Draft>, Error> {
        let (id, sealing) = (id(inquiry, staff), self.sealing());
        let place = |column| Place::new("draft", column, &id);
        let row = reading!(self, db => {
            let row = sqlx::query("SELECT reply, note, shown, kept_at FROM draft WHERE id = $1").bind(id.clone()).fetch_optional(db).await?;
            row.map(|row| Ok::<_, Error>((
                sealing.maybe_text(&row, place("reply"))?.unwrap_or_default(),
                sealing.maybe_text(&row, place("note"))?.unwrap_or_default(),
                sealing.text(&row, place("shown"))?,
                row.time("kept_at")?,
            ))).transpose()?
        });
        let Some((reply, note, shown, kept_at)) = row else { return Ok(None) };
        let shown = serde_json::from_str(&shown).map_err(|_| Error::Damaged("shown"))?;
        Ok(Some(Draft { reply, note, shown, kept_at }))
    }

    /// The inquiries about which a member of staff has begun something, the latest first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn begun_by(&self, staff: &str, limit: usize) -> Result<Vec<Begun>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let begun: Vec<(i64, bool, bool)> = reading!(self, db => {
            let query = sqlx::query("SELECT inquiry, reply, note FROM draft WHERE staff = $1 ORDER BY kept_at DESC, inquiry LIMIT $2");
            let rows = query.bind(staff.to_owned()).bind(limit).fetch_all(db).await?;
            rows.iter().map(|row| Ok((
                row.number("inquiry")?,
                row.maybe_bytes("reply")?.is_some(),
                row.maybe_bytes("note")?.is_some(),
            ))).collect::<Result<_, Error>>()?
        });
        let seqs: Vec<i64> = begun.iter().map(|(seq, ..)| *seq).collect();
        let rows = self.rows_at(&seqs).await?.into_iter();
        Ok(rows
            .filter_map(|row| {
                let (_, has_reply, has_note) = *begun.iter().find(|(seq, ..)| *seq == row.inquiry.seq)?;
                Some(Begun { row, has_reply, has_note })
            })
            .collect())
    }

    /// When that draft was kept, whether it opens or not; None where there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn draft_kept_at(&self, inquiry: i64, staff: &str) -> Result<Option<Timestamp>, Error> {
        let id = id(inquiry, staff);
        reading!(self, db => {
            let row = sqlx::query("SELECT kept_at FROM draft WHERE id = $1").bind(id).fetch_optional(db).await?;
            row.map(|row| row.time("kept_at")).transpose()
        })
    }
}

impl Tx {
    /// Keeps a draft in place of the one before, box by box; one whose boxes are both empty is none. Nothing is kept about an
    /// inquiry that is gone.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn keep_draft(
        &mut self,
        inquiry: i64,
        staff: &str,
        boxes: [(DraftBox, BoxWords<'_>); 2],
        shown: &Shown,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (id, key) = (id(inquiry, staff), self.sealing_key().await?);
        let place = |column| Place::new("draft", column, &id);
        let shown = serde_json::to_string(shown).map_err(|_| Error::Damaged("shown"))?;
        let shown = seal(&key, place("shown"), &shown)?;
        let mut words = Vec::new();
        for (one, becomes) in boxes {
            let text = if let BoxWords::Are(text) = becomes { Some(text) } else { None };
            let sealed = text.map(|text| seal(&key, place(one.column()), text)).transpose()?;
            words.push((one.column(), becomes != BoxWords::Stay, sealed));
        }
        writing!(&mut *self, db => {
            let mut query = QueryBuilder::new("INSERT INTO draft (id, inquiry, staff, shown, kept_at");
            words.iter().for_each(|(column, ..)| { query.push(", ").push(column); });
            query.push(") SELECT ").push_bind(id.clone()).push(", i.seq, ").push_bind(staff.to_owned());
            query.push(", ").push_bind(shown).push(", ").push_bind(now.as_millisecond());
            for (_, _, sealed) in &words {
                query.push(", ").push_bind(sealed.clone());
            }
            query.push(" FROM inquiry i WHERE i.seq = ").push_bind(inquiry);
            query.push(" ON CONFLICT (id) DO UPDATE SET shown = excluded.shown, kept_at = excluded.kept_at");
            for (column, _, _) in words.iter().filter(|(_, is_new, _)| *is_new) {
                query.push(", ").push(column).push(" = excluded.").push(column);
            }
            query.build().execute(db).await?;
        });
        self.forget_empty_draft(&id).await
    }

    /// Empties a box of a draft, since its words were sent or are not wanted any more.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn end_draft(&mut self, inquiry: i64, staff: &str, one: DraftBox) -> Result<(), Error> {
        let id = id(inquiry, staff);
        writing!(&mut *self, db => {
            let mut query = QueryBuilder::new("UPDATE draft SET ");
            query.push(one.column()).push(" = NULL WHERE id = ").push_bind(id.clone());
            query.build().execute(db).await?;
        });
        self.forget_empty_draft(&id).await
    }

    async fn forget_empty_draft(&mut self, id: &str) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("DELETE FROM draft WHERE id = $1 AND reply IS NULL AND note IS NULL").bind(id).execute(db).await?;
        });
        Ok(())
    }

    /// Takes a draft away.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn discard_draft(&mut self, inquiry: i64, staff: &str) -> Result<(), Error> {
        let id = id(inquiry, staff);
        writing!(self, db => {
            sqlx::query("DELETE FROM draft WHERE id = $1").bind(id).execute(db).await?;
        });
        Ok(())
    }

    /// Takes every draft of a member of staff away, those of calls included.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn forget_drafts_of(&mut self, staff: &str) -> Result<(), Error> {
        writing!(self, db => {
            sqlx::query("DELETE FROM draft WHERE staff = $1").bind(staff).execute(&mut *db).await?;
            sqlx::query("DELETE FROM call_draft WHERE staff = $1").bind(staff).execute(db).await?;
        });
        Ok(())
    }

    /// Takes the drafts away that were last kept before a moment, those of calls included, and gives how many.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn forget_drafts_before(&mut self, moment: Timestamp) -> Result<u64, Error> {
        let moment = moment.as_millisecond();
        writing!(self, db => {
            let drafts = sqlx::query("DELETE FROM draft WHERE kept_at < $1").bind(moment).execute(&mut *db).await?;
            let calls = sqlx::query("DELETE FROM call_draft WHERE kept_at < $1").bind(moment).execute(db).await?;
            Ok(drafts.rows_affected() + calls.rows_affected())
        })
    }
}
