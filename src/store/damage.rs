//! Looking for sealed values that do not open: a disk that fails, or somebody who changed a row outside the program, shows
//! here before a person asks for those very words.

use sqlx::QueryBuilder;

use super::reseal::{Written, written};
use super::row::Columns;
use super::sealing::{OF_INQUIRY, RowName, SEALED, of_inquiry};
use super::{Error, Store, reading};
use crate::secret::Place;

/// Rows read at once.
const PAGE: i64 = 500;

/// A value that does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Its inquiry's reference; of a second factor and of the draft of a call, the account's id; of a sum, its day since 1970.
    pub of: String,
    /// Its table and column, such as `inquiry.message`.
    pub place: String,
}

/// How far a search for damage got.
#[derive(Clone, Debug)]
pub struct Looking {
    /// The inquiries, then the tables of [`SEALED`].
    step: usize,
    number: i64,
    text: String,
    /// Rows read.
    pub read: u64,
    /// What was found.
    pub found: Vec<Damage>,
}

impl Default for Looking {
    fn default() -> Self {
        Self { step: 0, number: i64::MAX, text: String::new(), read: 0, found: Vec::new() }
    }
}

impl Store {
    /// Opens the values of the next rows, the newest first. True when none is left.
    ///
    /// # Errors
    /// When the database cannot be read, or a key is missing.
    pub async fn look_for_damage(&self, looking: &mut Looking) -> Result<bool, Error> {
        let rows = match looking.step.checked_sub(1).and_then(|table| SEALED.get(table)) {
            None => self.look_at_inquiries(looking).await?,
            Some(&(table, row, column)) => self.look_at_table(looking, table, row, column).await?,
        };
        looking.read += rows;
        if i64::try_from(rows).is_ok_and(|rows| rows < PAGE) {
            (looking.step, looking.number, looking.text) = (looking.step + 1, i64::MAX, String::new());
        }
        Ok(looking.step > SEALED.len())
    }

    async fn look_at_inquiries(&self, looking: &mut Looking) -> Result<u64, Error> {
        let rows: Vec<Written> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT seq, reference, ");
            query.push(OF_INQUIRY.join(", ")).push(" FROM inquiry WHERE seq < ").push_bind(looking.number);
            query.push(" ORDER BY seq DESC LIMIT ").push_bind(PAGE);
            query.build().fetch_all(db).await?.iter().map(written).collect::<Result<_, Error>>()?
        });
        for Written { seq, reference, values } in &rows {
            looking.number = *seq;
            for (column, value) in values.iter().filter_map(|(column, value)| Some((column, value.as_ref()?))) {
                if self.is_damaged(of_inquiry(column, reference), value)? {
                    looking.found.push(Damage { of: reference.clone(), place: format!("inquiry.{column}") });
                }
            }
        }
        Ok(rows.len() as u64)
    }

    async fn look_at_table(
        &self,
        looking: &mut Looking,
        table: &'static str,
        row: RowName,
        column: &'static str,
    ) -> Result<u64, Error> {
        let (RowName::Number(name) | RowName::Text(name)) = row;
        let of = match table {
            "second_factor" | "call_draft" => "t.staff",
            "insight_day" => "CAST(t.day AS TEXT)",
            _ => "coalesce((SELECT i.reference FROM inquiry i WHERE i.seq = t.inquiry), '')",
        };
        let rows: Vec<(i64, String, String, Vec<u8>)> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(of).push(" AS of_whom, t.").push(name).push(" AS row_name, t.").push(column);
            query.push(" AS value FROM ").push(table).push(" t WHERE t.").push(column).push(" IS NOT NULL AND t.").push(name);
            match row {
                RowName::Number(_) => query.push(" < ").push_bind(looking.number).push(" ORDER BY t.").push(name).push(" DESC"),
                RowName::Text(_) => query.push(" > ").push_bind(looking.text.clone()).push(" ORDER BY t.").push(name),
            };
            query.push(" LIMIT ").push_bind(PAGE);
            query.build().fetch_all(db).await?.iter().map(|found| Ok(match row {
                RowName::Number(_) => {
                    let number = found.number("row_name")?;
                    (number, number.to_string(), found.text("of_whom")?, found.bytes("value")?)
                }
                RowName::Text(_) => (0, found.text("row_name")?, found.text("of_whom")?, found.bytes("value")?),
            })).collect::<Result<_, Error>>()?
        });
        for (number, text, of, value) in &rows {
            (looking.number, looking.text) = (*number, text.clone());
            if self.is_damaged(Place::new(table, column, text), value)? {
                looking.found.push(Damage { of: of.clone(), place: format!("{table}.{column}") });
            }
        }
        Ok(rows.len() as u64)
    }

    /// False when it opens; without its key nobody can say.
    fn is_damaged(&self, place: Place<'_>, value: &[u8]) -> Result<bool, Error> {
        match self.sealing().open(place, value) {
            Ok(_) => Ok(false),
            Err(Error::Damaged(_)) => Ok(true),
            Err(other) => Err(other),
        }
    }
}
