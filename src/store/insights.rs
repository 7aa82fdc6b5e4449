//! What insights are made of: the sums of each day of the clinic's calendar, and which days must be added up again.
//! What the sums say is not known here.

use jiff::Timestamp;

use super::chosen::Chosen;
use super::row::Columns;
use super::sealing::{Sealing, of_inquiry, seal};
use super::{Error, Store, Tx, reading, writing};
use crate::inquiry::Status;
use crate::secret::Place;

/// What an inquiry adds to the sums of the day on which it was received.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When it was stored.
    pub received_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// What it asks about, as a slug.
    pub technique: Option<String>,
    /// When somebody first opened it.
    pub opened_at: Option<Timestamp>,
    /// When it was first answered.
    pub answered_at: Option<Timestamp>,
    /// The promise.
    pub answer_by: Timestamp,
}

impl Store {
    /// The sums of the days from `from` to before `to`, each a number of days since 1970, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn insight_days(&self, from: i64, to: i64) -> Result<Vec<(i64, String)>, Error> {
        let sealing = self.sealing();
        reading!(self, db => {
            sqlx::query("SELECT day, sums FROM insight_day WHERE day >= $1 AND day < $2 ORDER BY day").bind(from).bind(to)
                .fetch_all(db).await?.iter().map(|row| {
                    let day = row.number("day")?;
                    Ok((day, sealing.text(row, Place::new("insight_day", "sums", &day.to_string()))?))
                }).collect()
        })
    }

    /// The first day that has sums.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn first_insight_day(&self) -> Result<Option<i64>, Error> {
        reading!(self, db => sqlx::query("SELECT min(day) AS day FROM insight_day").fetch_one(db).await?.maybe_number("day"))
    }

    /// A moment of a day that must be added up again, the newest first; None when every sum is true.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stale_insight(&self) -> Result<Option<Timestamp>, Error> {
        reading!(self, db => sqlx::query("SELECT max(received_at) AS at FROM insight_stale").fetch_one(db).await?.maybe_time("at"))
    }

    /// Whether the sums are of another zone's days.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn insights_are_of_another_zone(&self, zone: &str) -> Result<bool, Error> {
        let zone = zone.to_owned();
        reading!(self, db => {
            Ok(sqlx::query("SELECT day FROM insight_day WHERE zone <> $1 LIMIT 1").bind(zone).fetch_optional(db).await?.is_some())
        })
    }
}

impl Tx {
    /// Begins the sums anew: every day that has inquiries must be added up.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn forget_insights(&mut self) -> Result<(), Error> {
        self.lock_insights().await?;
        writing!(self, db => {
            sqlx::query("DELETE FROM insight_day").execute(&mut *db).await?;
            for edge in ["min", "max"] {
                let mut query = sqlx::QueryBuilder::new("INSERT INTO insight_stale (received_at) SELECT ");
                query.push(edge).push("(received_at) FROM inquiry GROUP BY received_at / 86400000");
                query.build().execute(&mut *db).await?;
            }
        });
        Ok(())
    }

    /// Takes the marks of a day away, from its first moment to before the next day's, and gives what its sums are made of.
    /// What changes from now on marks it again.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn take_stale_day(&mut self, from: Timestamp, to: Timestamp) -> Result<Vec<Arrival>, Error> {
        self.lock_insights().await?;
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        let sealing = self.sealing();
        writing!(self, db => {
            sqlx::query("DELETE FROM insight_stale WHERE received_at >= $1 AND received_at < $2").bind(from).bind(to).execute(&mut *db).await?;
            sqlx::query(
                "SELECT reference, chosen, received_at, status, opened_at, answered_at, answer_by FROM inquiry \
                 WHERE received_at >= $1 AND received_at < $2",
            )
            .bind(from).bind(to).fetch_all(&mut *db).await?.iter().map(|row| arrival(row, &sealing)).collect()
        })
    }

    /// Keeps the sums of a day; None when it has none.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn keep_insight_day(&mut self, zone: &str, day: i64, sums: Option<&str>) -> Result<(), Error> {
        let key = self.sealing_key().await?;
        let sums =
            sums.map(|sums| seal(&key, Place::new("insight_day", "sums", &day.to_string()), sums)).transpose()?;
        writing!(self, db => {
            match sums {
                Some(sums) => {
                    sqlx::query(
                        "INSERT INTO insight_day (day, zone, sums) VALUES ($1, $2, $3) \
                         ON CONFLICT (day) DO UPDATE SET zone = excluded.zone, sums = excluded.sums",
                    )
                    .bind(day).bind(zone).bind(sums).execute(db).await?;
                }
                None => {
                    sqlx::query("DELETE FROM insight_day WHERE day = $1").bind(day).execute(db).await?;
                }
            }
        });
        Ok(())
    }

    /// Two processes that add up the same day: the second waits, or it would write down what was true before.
    async fn lock_insights(&mut self) -> Result<(), Error> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_advisory_xact_lock(hashtext('insights'))").execute(&mut **tx).await?;
        }
        Ok(())
    }
}

fn arrival(row: &impl Columns, sealing: &Sealing) -> Result<Arrival, Error> {
    let chosen = sealing.text(row, of_inquiry("chosen", &row.text("reference")?)).and_then(|text| Chosen::read(&text));
    // It was told in the log; one damaged inquiry must not keep a day from being added up.
    let technique = match chosen {
        Ok(chosen) => chosen.technique,
        Err(Error::Damaged(_)) => None,
        Err(other) => return Err(other),
    };
    Ok(Arrival {
        received_at: row.time("received_at")?,
        status: Status::parse(&row.text("status")?).ok_or(Error::Damaged("status"))?,
        technique,
        opened_at: row.maybe_time("opened_at")?,
        answered_at: row.maybe_time("answered_at")?,
        answer_by: row.time("answer_by")?,
    })
}
