//! Walking the inbox in its order, from indexes alone. What that costs depends on how long a page is, not on how many
//! inquiries there are: a search for common words that seldom meet stops after so many, and says where.

use sqlx::QueryBuilder;

use super::inquiry_row::{Keyset, PageOrder};
use super::pile::{InboxFilter, Piles};
use super::row::Columns;
use super::search::Sought;
use super::{Error, Store, push_list, reading, search};

/// Inquiries that a search looks at for a page. More would take longer than a page may.
pub const MOST_WALKED: i64 = 5_000;

/// Red flags, then all others.
const RANKS: [i64; 2] = [0, 1];

/// Where the lines of a page stand.
#[derive(Default)]
pub(super) struct Places {
    /// The numbers of the inquiries, in the direction in which the page is read.
    pub(super) seqs: Vec<i64>,
    /// The last place that was looked at, when a search stopped before the page was full.
    pub(super) stopped_at: Option<Keyset>,
}

/// A part of one rank, in order of the promise: what lies between two places, both left out.
struct Stretch {
    rank: i64,
    piles: Vec<i64>,
    /// How many lie on the piles, before it is asked when.
    held: i64,
    of_rank: i64,
    above: (i64, i64),
    below: (i64, i64),
    is_backwards: bool,
    received: (i64, i64),
}

/// How the inquiries of a stretch are come by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Along the whole rank, which ends soon where the piles hold much of it.
    AlongRank,
    /// From all of the piles, put in order.
    FromPiles,
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
        push_ends!($query, $stretch, "i");
    }};
}

impl Store {
    /// The places of at most `limit` lines. A search stops early when it has looked at [`MOST_WALKED`] inquiries in vain.
    pub(super) async fn places(
        &self,
        piles: &Piles,
        filter: &InboxFilter,
        sought: &Sought,
        order: PageOrder,
        limit: usize,
    ) -> Result<Places, Error> {
        let (mut places, mut most) = (Places::default(), MOST_WALKED);
        for mut stretch in stretches(piles, filter, order) {
            let end = self.end_of_walk(&stretch, sought, most).await?;
            // Some are left for the rank that follows.
            most = (most - stretch.held).max(MOST_WALKED / 10);
            if let Some(end) = end {
                stretch.end_at(end);
            }
            let left = i64::try_from(limit - places.seqs.len()).unwrap_or(i64::MAX);
            places.seqs.extend(self.places_of(&stretch, sought, left).await?);
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
                push_ends!(query, stretch, "x");
                query.push(format!(" ORDER BY x.answer_by{order}, x.seq{order} LIMIT 1 OFFSET "));
                query.push_bind((most / i64::try_from(stretch.piles.len()).unwrap_or(most)).max(1) - 1);
                query.push(") FROM pile p WHERE p.id IN ");
                push_list!(query, stretch.piles.iter().copied());
                query.push(format!(") ORDER BY i.answer_by{order}, i.seq{order} LIMIT 1"));
            }
            query.build().fetch_all(db).await?.iter()
                .map(|row| Ok(Keyset { rank: stretch.rank, answer_by: row.number("answer_by")?, seq: row.number("seq")? }))
                .collect::<Result<_, Error>>()?
        });
        Ok(ends.first().copied())
    }

    /// The first places of a stretch, in the direction in which it is read.
    async fn places_of(&self, stretch: &Stretch, sought: &Sought, limit: i64) -> Result<Vec<i64>, Error> {
        if sought.is_anything() && !stretch.is_most() {
            return self.tops_of_piles(stretch, limit).await;
        }
        let order = stretch.direction();
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT i.seq");
            push_stretch!(query, self, stretch, stretch.way());
            search::push_conditions!(query, self, sought);
            query.push(format!(" ORDER BY i.answer_by{order}, i.seq{order} LIMIT ")).push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| row.number("seq")).collect()
        })
    }

    /// The top of each pile, then the top of those. SQLite has no LATERAL, PostgreSQL does not see through the other.
    async fn tops_of_piles(&self, stretch: &Stretch, limit: i64) -> Result<Vec<i64>, Error> {
        let order = stretch.direction();
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
}

impl Stretch {
    fn direction(&self) -> &'static str {
        if self.is_backwards { " DESC" } else { "" }
    }

    /// The piles hold so much of the rank that walking all of it finds a page soon.
    fn is_most(&self) -> bool {
        self.held * 2 > self.of_rank
    }

    fn way(&self) -> Way {
        if self.is_most() { Way::AlongRank } else { Way::FromPiles }
    }

    /// Goes no further than a place, which is within.
    fn end_at(&mut self, end: Keyset) {
        match self.is_backwards {
            true => self.above = (end.answer_by, end.seq - 1),
            false => self.below = (end.answer_by, end.seq + 1),
        }
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
        held,
        of_rank: piles.of_rank(rank),
        above,
        below,
        is_backwards,
        received: (from, until),
    }
}
