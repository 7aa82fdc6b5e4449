//! The parts of the inbox a page may be read from: of each rank, what lies between two places.

use super::Error;
use super::inquiry_row::{Keyset, LATEST_FIRST, PageOrder, Sort};
use super::pile::{InboxFilter, Pile, Piles};
use super::row::Columns;

/// Red flags, then all others.
const RANKS: [i64; 2] = [0, 1];

/// A part of one rank, in order of the promise: what lies between two places, both left out.
pub(super) struct Stretch {
    pub(super) rank: i64,
    tier: i64,
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
        Ok(Keyset { tier: self.tier, answer_by: row.number("answer_by")?, seq: row.number("seq")? })
    }

    /// Only what lies beyond a place, in the direction in which it is read.
    fn beyond(mut self, place: Option<Keyset>) -> Self {
        match place.map(|place| (place.answer_by, place.seq)) {
            Some(place) if self.is_backwards => self.below = self.below.min(place),
            Some(place) => self.above = self.above.max(place),
            None => {}
        }
        self
    }

    /// Goes no further than a place, which is within.
    pub(super) fn end_at(&mut self, end: Keyset) {
        match self.is_backwards {
            true => self.above = (end.answer_by, end.seq - 1),
            false => self.below = (end.answer_by, end.seq + 1),
        }
    }
}

/// What a page may be read from: legs, one after another in the direction in which the page is read, and in each the stretches
/// that lie side by side.
pub(super) fn legs(piles: &Piles, filter: &InboxFilter, sort: Sort, order: PageOrder) -> Vec<Vec<Stretch>> {
    let (is_reversed, from) = match order {
        PageOrder::First => (false, None),
        PageOrder::After(place) => (false, Some(place)),
        PageOrder::Before(place) => (true, Some(place)),
    };
    let mut tiers = vec![0, 1, LATEST_FIRST];
    if is_reversed {
        tiers.reverse();
    }
    // What stands in an earlier tier was passed.
    let is_passed = |tier: i64| from.is_some_and(|from| if is_reversed { tier > from.tier } else { tier < from.tier });
    let leg = |tier: i64| {
        let is_backwards = is_reversed != (tier == LATEST_FIRST);
        let of_rank = |rank: i64| {
            let chosen = piles.of(filter).filter(|pile| pile.rank == rank && sort.tier(pile.status, rank) == tier);
            let stretch = stretch(piles, filter, chosen.collect(), (rank, tier), is_backwards);
            stretch.beyond(from.filter(|from| from.tier == tier))
        };
        RANKS.into_iter().map(of_rank).filter(|stretch| !stretch.piles.is_empty()).collect::<Vec<_>>()
    };
    tiers.into_iter().filter(|tier| !is_passed(*tier)).map(leg).filter(|leg| !leg.is_empty()).collect()
}

fn stretch(
    piles: &Piles,
    filter: &InboxFilter,
    chosen: Vec<&Pile>,
    (rank, tier): (i64, i64),
    is_backwards: bool,
) -> Stretch {
    let longest = chosen.iter().map(|pile| pile.longest).max().unwrap_or_default();
    let from = filter.received_from.map_or(i64::MIN, |at| at.as_millisecond());
    let until = filter.received_until.map_or(i64::MAX, |at| at.as_millisecond());
    // A promise lies after the receipt, and not later than the longest one.
    let below = (until.saturating_add(longest), i64::MAX);
    let before = filter.overdue_at.map_or(below, |now| (now.as_millisecond(), i64::MIN));
    Stretch {
        rank,
        tier,
        piles: chosen.iter().map(|pile| pile.id).collect(),
        held: chosen.iter().map(|pile| pile.holds).sum(),
        of_rank: piles.of_rank(rank),
        above: (from, i64::MIN),
        below: below.min(before),
        is_backwards,
        received: (from, until),
    }
}
