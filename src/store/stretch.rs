//! The parts of the inbox a page may be read from: of each rank, what lies between two places.

use super::Error;
use super::inquiry_row::{Keyset, PageOrder, Sort};
use super::pile::{InboxFilter, Piles};
use super::row::Columns;

/// Red flags, then all others.
const RANKS: [i64; 2] = [0, 1];

/// A part of one rank, in order of the promise: what lies between two places, both left out.
pub(super) struct Stretch {
    pub(super) rank: i64,
    pub(super) piles: Vec<i64>,
    /// How many lie on the piles, before it is asked when.
    pub(super) held: i64,
    of_rank: i64,
    pub(super) above: (i64, i64),
    pub(super) below: (i64, i64),
    pub(super) is_backwards: bool,
    pub(super) received: (i64, i64),
}

/// How the inquiries of a stretch are come by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Along the whole rank, which ends soon where the piles hold much of it.
    AlongRank,
    /// From all of the piles, put in order.
    FromPiles,
}

impl Stretch {
    pub(super) fn direction(&self) -> &'static str {
        if self.is_backwards { " DESC" } else { "" }
    }

    /// The piles hold so much of the rank that walking all of it finds a page soon.
    pub(super) fn is_most(&self) -> bool {
        self.held * 2 > self.of_rank
    }

    pub(super) fn way(&self) -> Way {
        if self.is_most() { Way::AlongRank } else { Way::FromPiles }
    }

    /// Where a row of it stands.
    pub(super) fn place(&self, row: &impl Columns) -> Result<Keyset, Error> {
        Ok(Keyset { rank: self.rank, answer_by: row.number("answer_by")?, seq: row.number("seq")? })
    }

    /// Goes no further than a place, which is within.
    pub(super) fn end_at(&mut self, end: Keyset) {
        match self.is_backwards {
            true => self.above = (end.answer_by, end.seq - 1),
            false => self.below = (end.answer_by, end.seq + 1),
        }
    }
}

/// What a page may be read from: the ranks one after another in the order in which they are read, or side by side.
pub(super) fn stretches(piles: &Piles, filter: &InboxFilter, sort: Sort, order: PageOrder) -> Vec<Stretch> {
    let (is_reversed, place) = match order {
        PageOrder::First => (false, None),
        PageOrder::After(place) => (false, Some(place)),
        PageOrder::Before(place) => (true, Some(place)),
    };
    let mut ranks = RANKS.to_vec();
    if is_reversed {
        ranks.reverse();
    }
    let of_rank = |rank: i64| match sort {
        // What stands in an earlier rank was passed.
        Sort::UrgentFirst => match place {
            Some(place) if is_reversed && rank > place.rank => None,
            Some(place) if !is_reversed && rank < place.rank => None,
            place => Some(stretch(piles, filter, rank, is_reversed, place.filter(|place| place.rank == rank))),
        },
        // The latest promise is the last one in the order of the index.
        Sort::LatestFirst => Some(stretch(piles, filter, rank, !is_reversed, place)),
    };
    ranks.into_iter().filter_map(of_rank).filter(|stretch| !stretch.piles.is_empty()).collect()
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
    match place {
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
