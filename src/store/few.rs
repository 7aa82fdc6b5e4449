//! Counting the views of a search, or of some days, exactly: where few inquiries fit, each is looked at once for all views.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::pile::{InboxFilter, Piles};
use super::row::Columns;
use super::search::Sought;
use super::{Error, Store, reading, search};

/// Inquiries that are counted one by one. More would take longer than a page may.
pub const MOST_COUNTED: i64 = 1_000;

/// The inquiries that fit the words and the days of a filter, in whatever view: the pile and the promise of each.
#[derive(Clone, Debug)]
pub struct Few(Vec<(i64, i64)>);

impl Few {
    /// How many of them a filter takes; its words and days are those by which they were found.
    pub fn count(&self, piles: &Piles, filter: &InboxFilter) -> i64 {
        let chosen: Vec<i64> = piles.of(filter).map(|pile| pile.id).collect();
        let before = filter.overdue_at.map_or(i64::MAX, |at| at.as_millisecond());
        let taken = self.0.iter().filter(|(pile, answer_by)| chosen.contains(pile) && *answer_by < before);
        i64::try_from(taken.count()).unwrap_or(i64::MAX)
    }
}

impl Store {
    /// The inquiries that fit the words and the days of a filter, when the words come down to `sought`; None when they may be
    /// more than [`MOST_COUNTED`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn few(&self, filter: &InboxFilter, sought: &Sought) -> Result<Option<Few>, Error> {
        if sought.is_empty() {
            return Ok(Some(Few(Vec::new())));
        }
        if sought.is_walked() {
            return Ok(None);
        }
        let time = |at: Option<Timestamp>, none| at.map_or(none, |at| at.as_millisecond());
        // Where the inquiries that can be meant are known, they are looked at one by one, and not all of those days.
        let received = if sought.among.is_some() { " WHERE +i.received_at >= " } else { " WHERE i.received_at >= " };
        let found: Vec<(i64, i64)> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.pile, i.answer_by FROM inquiry i");
            query.push(received).push_bind(time(filter.received_from, i64::MIN));
            query.push(" AND i.received_at < ").push_bind(time(filter.received_until, i64::MAX));
            search::push_conditions!(query, self, sought);
            query.push(" LIMIT ").push_bind(MOST_COUNTED + 1);
            let rows = query.build().fetch_all(db).await?;
            rows.iter().map(|row| Ok((row.number("pile")?, row.number("answer_by")?))).collect::<Result<_, Error>>()?
        });
        Ok(i64::try_from(found.len()).is_ok_and(|number| number <= MOST_COUNTED).then_some(Few(found)))
    }
}
