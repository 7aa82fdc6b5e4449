//! Pages of the inbox. A page is read as places first, from indexes alone, then as the rows that stand there: what it
//! costs depends on how long it is, not on how many inquiries there are.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::inquiries::COLUMNS;
use super::inquiry_row::{Entry, InboxRow, Keyset, PageOrder, entry, inbox_row, inquiry};
use super::pile::{InboxFilter, Piles};
use super::row::Columns;
use super::search::Narrowed;
use super::{Error, Store, push_list, reading, search};
use crate::inquiry::Inquiry;

/// Red flags, then all others.
const RANKS: [i64; 2] = [0, 1];

/// A part of one rank, in order of the promise: what lies between two places, both left out.
struct Stretch {
    rank: i64,
    piles: Vec<i64>,
    /// The piles hold so much of the rank that walking all of it finds a page soon.
    is_most: bool,
    above: (i64, i64),
    below: (i64, i64),
    is_backwards: bool,
    received: (i64, i64),
}

/// Adds the ends of a stretch to a query over the inquiries of an alias.
macro_rules! push_ends {
    ($query:expr, $stretch:expr, $alias:literal) => {{
        let Stretch { above, below, received, .. } = $stretch;
        $query.push(concat!(" AND (", $alias, ".answer_by, ", $alias, ".seq) > ("));
        $query.push_bind(above.0).push(", ").push_bind(above.1);
        $query.push(concat!(") AND (", $alias, ".answer_by, ", $alias, ".seq) < ("));
        $query.push_bind(below.0).push(", ").push_bind(below.1);
        $query.push(concat!(") AND ", $alias, ".received_at >= ")).push_bind(received.0);
        $query.push(concat!(" AND ", $alias, ".received_at < ")).push_bind(received.1);
    }};
}

impl Store {
    /// At most `limit` lines of the inbox, urgent first, then by promise.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn inbox(&self, filter: &InboxFilter, order: PageOrder, limit: i64) -> Result<Vec<InboxRow>, Error> {
        let words = search::narrow(self, &filter.words).await?;
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let piles = self.piles().await?;
        let mut places = Vec::new();
        for stretch in stretches(&piles, filter, order) {
            let left = limit - i64::try_from(places.len()).unwrap_or(limit);
            if left > 0 {
                places.extend(self.places(&stretch, &words, left).await?);
            }
        }
        let mut rows = self.rows_at(&places).await?;
        if matches!(order, PageOrder::Before(_)) {
            rows.reverse();
        }
        Ok(rows)
    }

    /// At most `limit` inquiries of a filter in the order they came, after number `after`: a page of an export.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn inquiries_of(&self, filter: &InboxFilter, after: i64, limit: i64) -> Result<Vec<Inquiry>, Error> {
        let words = search::narrow(self, &filter.words).await?;
        let piles = self.piles().await?;
        let chosen: Vec<i64> = piles.of(filter).map(|pile| pile.id).collect();
        if chosen.is_empty() || words.is_empty() {
            return Ok(Vec::new());
        }
        let time = |at: Option<Timestamp>, none| at.map_or(none, |at| at.as_millisecond());
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM inquiry i WHERE i.seq > ").push_bind(after).push(" AND +i.pile IN ");
            push_list!(query, chosen.iter().copied());
            query.push(" AND i.received_at >= ").push_bind(time(filter.received_from, i64::MIN));
            query.push(" AND i.received_at < ").push_bind(time(filter.received_until, i64::MAX));
            query.push(" AND i.answer_by < ").push_bind(time(filter.overdue_at, i64::MAX));
            search::push_conditions!(query, words);
            query.push(" ORDER BY i.seq LIMIT ").push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| inquiry(row, self.sealing())).collect()
        })
    }

    /// What staff wrote about these inquiries, notes and replies, each with its inquiry's number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn written_about(&self, inquiries: &[i64]) -> Result<Vec<(i64, Entry)>, Error> {
        if inquiries.is_empty() {
            return Ok(Vec::new());
        }
        reading!(self, db => {
            let mut query = QueryBuilder::new(
                "SELECT e.inquiry, e.seq, e.at, e.staff, NULL AS staff_name, e.kind, e.words FROM entry e \
                 WHERE e.kind IN ('note', 'reply') AND e.inquiry IN ",
            );
            push_list!(query, inquiries.iter().copied());
            query.push(" ORDER BY e.inquiry, e.seq");
            let rows = query.build().fetch_all(db).await?;
            rows.iter().map(|row| Ok((row.number("inquiry")?, entry(row, self.sealing())?))).collect()
        })
    }

    /// The first places of a stretch, in the direction in which it is read.
    async fn places(&self, stretch: &Stretch, words: &Narrowed, limit: i64) -> Result<Vec<i64>, Error> {
        if stretch.is_most || !words.is_anything() {
            return self.places_by_walking(stretch, words, limit).await;
        }
        let order = if stretch.is_backwards { " DESC" } else { "" };
        // The top of each pile, then the top of those. SQLite has no LATERAL, PostgreSQL does not see through the other.
        let (before, after) = match self {
            Self::Sqlite { .. } => (
                "SELECT i.seq AS seq FROM pile p CROSS JOIN inquiry i ON i.seq IN (SELECT x.seq FROM inquiry x WHERE x.pile = p.id",
                ") WHERE p.id IN ",
            ),
            Self::Postgres(_) => (
                "SELECT i.seq AS seq FROM pile p CROSS JOIN LATERAL (SELECT x.answer_by, x.seq FROM inquiry x WHERE x.pile = p.id",
                ") i WHERE p.id IN ",
            ),
        };
        reading!(self, db => {
            let mut query = QueryBuilder::new(before);
            push_ends!(query, stretch, "x");
            query.push(format!(" ORDER BY x.answer_by{order}, x.seq{order} LIMIT ")).push_bind(limit).push(after);
            push_list!(query, stretch.piles.iter().copied());
            query.push(format!(" ORDER BY i.answer_by{order}, i.seq{order} LIMIT ")).push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| row.number("seq")).collect()
        })
    }

    /// The same, found by walking the whole rank.
    async fn places_by_walking(&self, stretch: &Stretch, words: &Narrowed, limit: i64) -> Result<Vec<i64>, Error> {
        let order = if stretch.is_backwards { " DESC" } else { "" };
        // After an ANALYZE, SQLite would read every row and sort, not knowing that a page ends the walk. PostgreSQL knows.
        let is_told = matches!(self, Self::Sqlite { .. }) && words.among.is_none();
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.seq FROM inquiry i");
            query.push(if is_told { " INDEXED BY inquiry_by_promise WHERE i.rank = " } else { " WHERE " });
            if !is_told {
                // Where the inquiries that can be meant are known, they are looked at one by one.
                query.push(if words.among.is_some() { "+i.rank = " } else { "i.rank = " });
            }
            query.push_bind(stretch.rank).push(" AND +i.pile IN ");
            push_list!(query, stretch.piles.iter().copied());
            push_ends!(query, stretch, "i");
            search::push_conditions!(query, words);
            query.push(format!(" ORDER BY i.answer_by{order}, i.seq{order} LIMIT ")).push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| row.number("seq")).collect()
        })
    }

    /// The inquiries with these numbers, in their order; one that was erased meanwhile is left out.
    async fn rows_at(&self, places: &[i64]) -> Result<Vec<InboxRow>, Error> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows: HashMap<i64, InboxRow> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(
                ", (SELECT count(*) FROM outbox o WHERE o.inquiry = i.seq AND o.state = 'failed') AS failed, \
                 (SELECT count(*) FROM outbox o WHERE o.inquiry = i.seq AND o.state = 'queued') AS queued FROM inquiry i WHERE i.seq IN ",
            );
            push_list!(query, places.iter().copied());
            let rows = query.build().fetch_all(db).await?;
            rows.iter().map(|row| inbox_row(row, self.sealing()).map(|row| (row.inquiry.seq, row))).collect::<Result<_, _>>()?
        });
        Ok(places.iter().filter_map(|seq| rows.remove(seq)).collect())
    }
}

/// What a page may be read from, in the order in which it is read.
fn stretches(piles: &Piles, filter: &InboxFilter, order: PageOrder) -> Vec<Stretch> {
    let (is_backwards, place) = match order {
        PageOrder::First => (false, None),
        PageOrder::After(place) => (false, Some(place)),
        PageOrder::Before(place) => (true, Some(place)),
    };
    let mut ranks = RANKS.to_vec();
    if is_backwards {
        ranks.reverse();
    }
    let lies_ahead = |rank: &i64| match place {
        Some(place) if is_backwards => *rank <= place.rank,
        Some(place) => *rank >= place.rank,
        None => true,
    };
    let all = ranks.into_iter().filter(lies_ahead).map(|rank| stretch(piles, filter, rank, is_backwards, place));
    all.filter(|stretch| !stretch.piles.is_empty()).collect()
}

fn stretch(piles: &Piles, filter: &InboxFilter, rank: i64, is_backwards: bool, place: Option<Keyset>) -> Stretch {
    let chosen: Vec<_> = piles.of(filter).filter(|pile| pile.rank == rank).collect();
    let held: i64 = chosen.iter().map(|pile| pile.holds).sum();
    let longest = chosen.iter().map(|pile| pile.longest).max().unwrap_or_default();
    let from = filter.received_from.map_or(i64::MIN, |at| at.as_millisecond());
    let until = filter.received_until.map_or(i64::MAX, |at| at.as_millisecond());
    // A promise lies after the receipt, and not later than the longest one.
    let mut above = (from, i64::MIN);
    let mut below = (until.saturating_add(longest), i64::MAX);
    if let Some(now) = filter.overdue_at {
        below = below.min((now.as_millisecond(), i64::MIN));
    }
    match place.filter(|place| place.rank == rank) {
        Some(place) if is_backwards => below = below.min((place.answer_by, place.seq)),
        Some(place) => above = above.max((place.answer_by, place.seq)),
        None => {}
    }
    Stretch {
        rank,
        piles: chosen.iter().map(|pile| pile.id).collect(),
        is_most: held * 2 > piles.of_rank(rank),
        above,
        below,
        is_backwards,
        received: (from, until),
    }
}
