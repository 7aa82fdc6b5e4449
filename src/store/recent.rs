//! What one member of staff has just done with inquiries: read back to say so to them.

use jiff::Timestamp;

use super::entry::{Entry, EntryKind, entry};
use super::row::Columns;
use super::sealing::Sealing;
use super::{Error, Store, reading};
use crate::inquiry::Reference;

/// Lines of timelines that are looked through at most; a change of many inquiries writes a hundred.
const MOST_LOOKED_AT: i64 = 500;

/// An inquiry with what was done with it.
#[derive(Clone, Debug)]
pub struct Done {
    /// Which.
    pub reference: Reference,
    /// Its version now.
    pub version: i64,
    /// What was done.
    pub entry: Entry,
}

impl Store {
    /// The newest line of all timelines; 0 before the first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn newest_entry(&self) -> Result<i64, Error> {
        reading!(self, db => {
            sqlx::query("SELECT coalesce(max(seq), 0) AS newest FROM entry").fetch_one(db).await?.number("newest")
        })
    }

    /// What this account did in the lines after one and up to another; of many lines only the newest are looked at.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn done_by(&self, staff: &str, after: i64, upto: i64) -> Result<Vec<Done>, Error> {
        reading!(self, db => {
            let rows = sqlx::query(
                "SELECT e.seq, e.at, e.staff, s.name AS staff_name, e.kind, e.words, i.reference, i.version FROM \
                 (SELECT * FROM entry WHERE seq > $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3) e \
                 JOIN staff s ON s.id = e.staff JOIN inquiry i ON i.seq = e.inquiry WHERE e.staff = $4 ORDER BY e.seq",
            );
            let rows = rows.bind(after).bind(upto).bind(MOST_LOOKED_AT).bind(staff).fetch_all(db).await?;
            rows.iter().map(|row| done(row, self.sealing())).collect()
        })
    }

    /// The inquiries that this account took down after a time, the first one first, each with the line that says so.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn taken_by(&self, staff: &str, after: Timestamp) -> Result<Vec<Done>, Error> {
        reading!(self, db => {
            let rows = sqlx::query(
                "SELECT e.seq, e.at, e.staff, s.name AS staff_name, e.kind, e.words, i.reference, i.version \
                 FROM inquiry i JOIN entry e ON e.inquiry = i.seq JOIN staff s ON s.id = e.staff \
                 WHERE i.received_at > $1 AND e.kind = $2 AND e.staff = $3 ORDER BY e.seq",
            );
            let rows = rows.bind(after.as_millisecond()).bind(EntryKind::Received.as_str()).bind(staff);
            rows.fetch_all(db).await?.iter().map(|row| done(row, self.sealing())).collect()
        })
    }
}

fn done(row: &impl Columns, sealing: &Sealing) -> Result<Done, Error> {
    Ok(Done {
        reference: Reference::parse(&row.text("reference")?).ok_or(Error::Damaged("reference"))?,
        version: row.number("version")?,
        entry: entry(row, sealing)?,
    })
}
