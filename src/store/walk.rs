//! Walking the inbox in one of its orders, from indexes alone. What that costs depends on how long a page is, not on how many
//! inquiries there are: a search for common words that seldom meet stops after so many, and says where.

use std::collections::HashSet;

use sqlx::QueryBuilder;

use super::inquiry_row::{Keyset, PageOrder, Sort};
use super::pile::{InboxFilter, Piles};
use super::row::Columns;
use super::search::Sought;
use super::stretch::{Stretch, Way, legs};
use super::{Error, Store, push_list, reading, search};

/// Inquiries that a search looks at for a page. More would take longer than a page may.
pub const MOST_WALKED: i64 = 2_000;
/// How many of them are looked at together when they come from piles: two pages, and then four times as many each time.
const LOOKED_THROUGH_FIRST: usize = 100;

/// Where the lines of a page stand.
#[derive(Default)]
pub(super) struct Places {
    /// The numbers of the inquiries, in the direction in which the page is read.
    pub(super) seqs: Vec<i64>,
    /// The last place that was looked at, when a search stopped before the page was full.
    pub(super) stopped_at: Option<Keyset>,
}

/// Adds the ends of a stretch to a query over the inquiries of an alias, and how it names when they were received.
macro_rules! push_ends {
    ($query:expr, $stretch:expr, $alias:literal, $received_at:literal) => {{
        let Stretch { above, below, received, .. } = $stretch;
        $query.push(concat!(" AND (", $alias, ".answer_by, ", $alias, ".seq) > ("));
        $query.push_bind(above.0).push(", ").push_bind(above.1);
        $query.push(concat!(") AND (", $alias, ".answer_by, ", $alias, ".seq) < ("));
        $query.push_bind(below.0).push(", ").push_bind(below.1);
        $query.push(concat!(") AND ", $received_at, " >= ")).push_bind(received.0);
        $query.push(concat!(" AND ", $received_at, " < ")).push_bind(received.1);
    }};
}

/// Adds the inquiries `i` of a stretch to a query. After an ANALYZE, SQLite would read every row and sort, not knowing that
/// a page ends the walk: it is told. PostgreSQL knows.
macro_rules! push_stretch {
    ($query:expr, $store:expr, $stretch:expr, $way:expr) => {{
        let is_told = matches!($store, Store::Sqlite { .. });
        match $way {
            Way::AlongRank if is_told => $query.push(" FROM inquiry i INDEXED BY inquiry_by_promise WHERE i.rank = "),
            Way::AlongRank => $query.push(" FROM inquiry i WHERE i.rank = "),
            Way::FromPiles if is_told => $query.push(" FROM inquiry i INDEXED BY inquiry_by_pile WHERE i.pile IN "),
            Way::FromPiles => $query.push(" FROM inquiry i WHERE i.pile IN "),
        };
        if $way != Way::FromPiles {
            $query.push_bind($stretch.rank).push(" AND +i.pile IN ");
        }
        push_list!($query, $stretch.piles.iter().copied());
        // Of what lies between these ends, the days of receipt leave out few; PostgreSQL, which takes the two for independent,
        // would read all of the days beside it.
        push_ends!($query, $stretch, "i", "+i.received_at");
    }};
}

impl Store {
    /// The places of at most `limit` lines. A search stops early when it has looked at [`MOST_WALKED`] inquiries in vain.
    pub(super) async fn places(
        &self,
        piles: &Piles,
        filter: &InboxFilter,
        sought: &Sought,
        sort: Sort,
        order: PageOrder,
        limit: usize,
    ) -> Result<Places, Error> {
        let (mut places, mut most) = (Places::default(), MOST_WALKED);
        for leg in legs(piles, filter, sort, order) {
            let (found, end) = self.side_by_side(leg, sought, &mut most, limit - places.seqs.len()).await?;
            places.seqs.extend(found.into_iter().map(|place| place.seq));
            if places.seqs.len() >= limit {
                break;
            }
            if end.is_some() {
                places.stopped_at = end;
                break;
            }
        }
        Ok(places)
    }

    /// The first places of all stretches of a leg, put in one order by promise, and where a search stopped before they were
    /// enough.
    async fn side_by_side(
        &self,
        leg: Vec<Stretch>,
        sought: &Sought,
        most: &mut i64,
        limit: usize,
    ) -> Result<(Vec<Keyset>, Option<Keyset>), Error> {
        let is_backwards = leg.iter().any(|stretch| stretch.is_backwards);
        let along = |place: &Keyset| (place.answer_by, place.seq);
        // In the direction in which the page is read.
        let compare = |one: &Keyset, other: &Keyset| match is_backwards {
            true => along(other).cmp(&along(one)),
            false => along(one).cmp(&along(other)),
        };
        let (mut found, mut stopped_at) = (Vec::new(), None::<Keyset>);
        for stretch in leg {
            let (places, end) = self.walk(stretch, sought, most, limit).await?;
            found.extend(places);
            stopped_at = stopped_at.into_iter().chain(end).min_by(compare);
        }
        // Beyond where one rank was looked at, lines of it may be missing between those of the other.
        found.retain(|place| stopped_at.is_none_or(|stop| compare(place, &stop).is_le()));
        found.sort_unstable_by(compare);
        let stopped_at = stopped_at.filter(|_| found.len() < limit);
        found.truncate(limit);
        Ok((found, stopped_at))
    }

    /// The first places of a stretch, and where a search stopped. What it looks at is taken from `most`; some are left for the
    /// stretch that follows.
    async fn walk(
        &self,
        mut stretch: Stretch,
        sought: &Sought,
        most: &mut i64,
        limit: usize,
    ) -> Result<(Vec<Keyset>, Option<Keyset>), Error> {
        let end = self.end_of_walk(&stretch, sought, *most).await?;
        *most = (*most - stretch.held).max(MOST_WALKED / 10);
        if let Some(end) = end {
            stretch.end_at(end);
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok((self.places_of(&stretch, sought, limit).await?, end))
    }

    /// The place up to which a search goes, so that it looks at no more than so many; None when it goes all the way.
    async fn end_of_walk(&self, stretch: &Stretch, sought: &Sought, most: i64) -> Result<Option<Keyset>, Error> {
        if !sought.is_walked() || stretch.held <= most {
            return Ok(None);
        }
        let order = stretch.direction();
        let ends: Vec<Keyset> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.answer_by, i.seq");
            if stretch.is_most() {
                push_stretch!(query, self, stretch, Way::AlongRank);
                query.push(format!(" ORDER BY i.answer_by{order}, i.seq{order} LIMIT 1 OFFSET ")).push_bind(most - 1);
            } else {
                // As many of each pile, and of those places the first: before it lie no others.
                query.push(" FROM inquiry i WHERE i.seq IN (SELECT (SELECT x.seq FROM inquiry x WHERE x.pile = p.id");
                push_ends!(query, stretch, "x", "x.received_at");
                query.push(format!(" ORDER BY x.answer_by{order}, x.seq{order} LIMIT 1 OFFSET "));
                query.push_bind((most / i64::try_from(stretch.piles.len()).unwrap_or(most)).max(1) - 1);
                query.push(") FROM pile p WHERE p.id IN ");
                push_list!(query, stretch.piles.iter().copied());
                query.push(format!(") ORDER BY i.answer_by{order}, i.seq{order} LIMIT 1"));
            }
            query.build().fetch_all(db).await?.iter().map(|row| stretch.place(row)).collect::<Result<_, _>>()?
        });
        Ok(ends.first().copied())
    }

    /// The first places of a stretch, in the direction in which it is read.
    async fn places_of(&self, stretch: &Stretch, sought: &Sought, limit: i64) -> Result<Vec<Keyset>, Error> {
        if sought.is_anything() && !stretch.is_most() {
            return self.tops_of_piles(stretch, limit).await;
        }
        match stretch.way() {
            Way::AlongRank => self.places_in_order(stretch, sought, limit).await,
            Way::FromPiles => self.places_looked_through(stretch, sought, limit).await,
        }
    }

    /// The same, as the engine reads them in order: along a rank that ends with the last place.
    async fn places_in_order(&self, stretch: &Stretch, sought: &Sought, limit: i64) -> Result<Vec<Keyset>, Error> {
        let order = stretch.direction();
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.answer_by, i.seq");
            push_stretch!(query, self, stretch, stretch.way());
            search::push_conditions!(query, self, sought);
            query.push(format!(" ORDER BY i.answer_by{order}, i.seq{order} LIMIT ")).push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| stretch.place(row)).collect()
        })
    }

    /// The same, from piles, which no index has in one order: put in order they are looked through, ever more at once, so that
    /// common words fill a page before each of them was looked for in every inquiry.
    async fn places_looked_through(
        &self,
        stretch: &Stretch,
        sought: &Sought,
        limit: i64,
    ) -> Result<Vec<Keyset>, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let all = self.places_in_order(stretch, &Sought::default(), MOST_WALKED).await?;
        let (mut found, mut left, mut at_once) = (Vec::new(), all.as_slice(), LOOKED_THROUGH_FIRST);
        while !left.is_empty() && found.len() < limit {
            let (these, others) = left.split_at(left.len().min(at_once));
            let fitting = self.fitting(these, sought).await?;
            found.extend(these.iter().filter(|place| fitting.contains(&place.seq)));
            (left, at_once) = (others, at_once * 4);
        }
        found.truncate(limit);
        Ok(found)
    }

    /// The numbers of those of these inquiries that hold what is sought.
    async fn fitting(&self, places: &[Keyset], sought: &Sought) -> Result<HashSet<i64>, Error> {
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.seq FROM inquiry i WHERE i.seq IN ");
            push_list!(query, places.iter().map(|place| place.seq));
            search::push_conditions!(query, self, sought);
            query.build().fetch_all(db).await?.iter().map(|row| row.number("seq")).collect()
        })
    }

    /// The top of each pile, then the top of those. SQLite has no LATERAL, PostgreSQL does not see through the other.
    async fn tops_of_piles(&self, stretch: &Stretch, limit: i64) -> Result<Vec<Keyset>, Error> {
        let order = stretch.direction();
        let (before, after) = match self {
            Self::Sqlite { .. } => (
                "SELECT i.answer_by AS answer_by, i.seq AS seq FROM pile p CROSS JOIN inquiry i ON i.seq IN (SELECT x.seq FROM inquiry x WHERE x.pile = p.id",
                ") WHERE p.id IN ",
            ),
            Self::Postgres(_) => (
                "SELECT i.answer_by AS answer_by, i.seq AS seq FROM pile p CROSS JOIN LATERAL (SELECT x.answer_by, x.seq FROM inquiry x WHERE x.pile = p.id",
                ") i WHERE p.id IN ",
            ),
        };
        reading!(self, db => {
            let mut query = QueryBuilder::new(before);
            push_ends!(query, stretch, "x", "x.received_at");
            query.push(format!(" ORDER BY x.answer_by{order}, x.seq{order} LIMIT ")).push_bind(limit).push(after);
            push_list!(query, stretch.piles.iter().copied());
            query.push(format!(" ORDER BY i.answer_by{order}, i.seq{order} LIMIT ")).push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| stretch.place(row)).collect()
        })
    }
}
