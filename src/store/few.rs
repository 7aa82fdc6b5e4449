//! Few inquiries, looked at one by one: where few fit the words or the days of a filter, each is read once, and says both where
//! it stands in the inbox and which views count it.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::inquiry_row::{Keyset, PageOrder, Sort};
use super::pile::{InboxFilter, Piles};
use super::row::Columns;
use super::search::Sought;
use super::{Error, Store, reading, search};
use crate::inquiry::Status;

/// Inquiries that are looked at one by one. More would take longer than a page may.
pub const MOST_COUNTED: i64 = 1_000;

/// The inquiries that fit the words and the days of a filter, in whatever view.
#[derive(Clone, Debug)]
pub struct Few(Vec<Fitting>);

#[derive(Clone, Copy, Debug)]
struct Fitting {
    pile: i64,
    rank: i64,
    answer_by: i64,
    seq: i64,
}

impl Few {
    /// How many of them a filter takes; its words and days are those by which they were found.
    pub fn count(&self, piles: &Piles, filter: &InboxFilter) -> i64 {
        i64::try_from(self.taken(piles, filter, Sort::default()).count()).unwrap_or(i64::MAX)
    }

    /// The numbers of the first ones a filter takes, in the direction in which the page is read.
    pub(super) fn seqs(
        &self,
        piles: &Piles,
        filter: &InboxFilter,
        sort: Sort,
        order: PageOrder,
        limit: usize,
    ) -> Vec<i64> {
        let mut places: Vec<Keyset> = self.taken(piles, filter, sort).collect();
        places.sort_unstable();
        match order {
            PageOrder::First => {}
            PageOrder::After(place) => places.retain(|one| *one > place),
            PageOrder::Before(place) => {
                places.retain(|one| *one < place);
                places.reverse();
            }
        }
        places.into_iter().map(|place| place.seq).take(limit).collect()
    }

    fn taken(&self, piles: &Piles, filter: &InboxFilter, sort: Sort) -> impl Iterator<Item = Keyset> {
        let chosen: HashMap<i64, Status> = piles.of(filter).map(|pile| (pile.id, pile.status)).collect();
        let before = filter.overdue_at.map_or(i64::MAX, |at| at.as_millisecond());
        self.0.iter().filter(move |one| one.answer_by < before).filter_map(move |one| {
            let tier = sort.tier(*chosen.get(&one.pile)?, one.rank);
            Some(Keyset { tier, answer_by: one.answer_by, seq: one.seq })
        })
    }
}

impl Store {
    /// The inquiries that fit the words and the days of a filter, when the words come down to `sought`; None when they may be
    /// more than [`MOST_COUNTED`].
    pub(super) async fn few(&self, filter: &InboxFilter, sought: &Sought) -> Result<Option<Few>, Error> {
        if sought.is_empty() {
            return Ok(Some(Few(Vec::new())));
        }
        if sought.is_walked() || (sought.is_anything() && !filter.has_days()) {
            return Ok(None);
        }
        let time = |at: Option<Timestamp>, none| at.map_or(none, |at| at.as_millisecond());
        // Where the inquiries that can be meant are known, they are looked at one by one, and not all of those days.
        let received = if sought.among.is_some() { " WHERE +i.received_at >= " } else { " WHERE i.received_at >= " };
        let found: Vec<Fitting> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.pile, i.rank, i.answer_by, i.seq FROM inquiry i");
            query.push(received).push_bind(time(filter.received_from, i64::MIN));
            query.push(" AND i.received_at < ").push_bind(time(filter.received_until, i64::MAX));
            search::push_conditions!(query, self, sought);
            query.push(" LIMIT ").push_bind(MOST_COUNTED + 1);
            query.build().fetch_all(db).await?.iter().map(fitting).collect::<Result<_, _>>()?
        });
        Ok(i64::try_from(found.len()).is_ok_and(|number| number <= MOST_COUNTED).then_some(Few(found)))
    }
}

fn fitting(row: &impl Columns) -> Result<Fitting, Error> {
    Ok(Fitting {
        pile: row.number("pile")?,
        rank: row.number("rank")?,
        answer_by: row.number("answer_by")?,
        seq: row.number("seq")?,
    })
}
