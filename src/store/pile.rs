//! Piles: inquiries that are alike in everything the inbox filters by lie on one pile, which knows how many it holds.
//! The database keeps them by triggers (migration 0041); here they are read, chosen and added up.

use std::sync::Arc;

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::asked::Asked;
use super::row::Columns;
use super::{Error, Store, push_list, reading};
use crate::inquiry::Status;
use crate::secret::SealingKey;

/// Whose inquiries are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those that are nobody's yet.
    Nobody,
    /// Those of the member of staff with this id.
    Of(String),
}

/// Which inquiries the inbox shows. Everything given must be so at once.
#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    /// Any of these; an empty list is all but suspected spam.
    pub statuses: Vec<Status>,
    /// A technique's slug.
    pub technique: Option<String>,
    /// Whose they are.
    pub assignee: Option<Whose>,
    /// Only those with a red flag.
    pub urgent: bool,
    /// Only what nobody has opened.
    pub unopened: bool,
    /// Only what was promised before this moment and has no answer yet.
    pub overdue_at: Option<Timestamp>,
    /// Received at or after.
    pub received_from: Option<Timestamp>,
    /// Received before.
    pub received_until: Option<Timestamp>,
    /// Something that is written in the inquiry, or its reference, must begin with each.
    pub words: Vec<Asked>,
}

/// Inquiries that are alike.
#[derive(Clone, Debug)]
pub struct Pile {
    pub(super) id: i64,
    pub(super) status: Status,
    pub(super) waits: bool,
    /// The mark of a slug; "not sure" has one too.
    pub(super) technique: String,
    /// Empty for nobody.
    pub(super) assignee: String,
    pub(super) rank: i64,
    pub(super) unopened: bool,
    /// The longest time between receipt and promise, in milliseconds.
    pub(super) longest: i64,
    pub(super) holds: i64,
}

/// Every pile that holds something.
#[derive(Clone, Debug, Default)]
pub struct Piles {
    piles: Vec<Pile>,
    /// The keys whose marks of techniques may stand in them.
    keys: Vec<Arc<SealingKey>>,
}

/// How many inquiries each view of the inbox holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the statuses")]
pub struct Counts {
    pub new: i64,
    pub open: i64,
    pub answered: i64,
    pub closed: i64,
    pub spam: i64,
    pub unopened: i64,
}

impl InboxFilter {
    /// Whether it asks for when an inquiry was received.
    pub(super) fn has_days(&self) -> bool {
        self.received_from.is_some() || self.received_until.is_some()
    }

    fn takes(&self, pile: &Pile, marks: Option<&[String]>) -> bool {
        let status = match self.statuses.as_slice() {
            [] => pile.status != Status::Spam,
            some => some.contains(&pile.status),
        };
        let assignee = self.assignee.as_ref().is_none_or(|whose| match whose {
            Whose::Nobody => pile.assignee.is_empty(),
            Whose::Of(staff) => pile.assignee == *staff,
        });
        status
            && assignee
            && marks.is_none_or(|marks| marks.contains(&pile.technique))
            && (!self.urgent || pile.rank == 0)
            && (!self.unopened || pile.unopened)
            && (self.overdue_at.is_none() || pile.waits)
    }
}

impl Piles {
    /// The piles of a filter. Its words, dates and whether something is overdue are no matter of whole piles.
    pub(super) fn of<'a>(&'a self, filter: &'a InboxFilter) -> impl Iterator<Item = &'a Pile> {
        let marks = filter.technique.as_ref();
        let marks = marks.map(|slug| self.keys.iter().map(|key| key.mark(slug)).collect::<Vec<_>>());
        self.piles.iter().filter(move |pile| filter.takes(pile, marks.as_deref()))
    }

    /// How many inquiries a filter takes that asks for no words and no times.
    pub fn count(&self, filter: &InboxFilter) -> i64 {
        self.of(filter).map(|pile| pile.holds).sum()
    }

    /// How many inquiries have this rank.
    pub(super) fn of_rank(&self, rank: i64) -> i64 {
        self.piles.iter().filter(|pile| pile.rank == rank).map(|pile| pile.holds).sum()
    }

    pub(super) fn counts(&self) -> Counts {
        let of = |status| self.count(&InboxFilter { statuses: vec![status], ..InboxFilter::default() });
        Counts {
            new: of(Status::New),
            open: of(Status::Open),
            answered: of(Status::Answered),
            closed: of(Status::Closed),
            spam: of(Status::Spam),
            unopened: self.count(&InboxFilter { unopened: true, ..InboxFilter::default() }),
        }
    }
}

impl Store {
    /// What lies where in the inbox: a few hundred rows, however many inquiries there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn piles(&self) -> Result<Piles, Error> {
        let keys = self.keys_in_use().await?;
        let piles = reading!(self, db => {
            let rows = sqlx::query(
                "SELECT p.id, p.status, p.waits, p.technique, p.assignee, p.rank, p.unopened, p.longest, c.holds FROM pile p \
                 JOIN (SELECT pile, CAST(sum(holds) AS BIGINT) AS holds FROM pile_count GROUP BY pile) c ON c.pile = p.id WHERE c.holds > 0",
            );
            rows.fetch_all(db).await?.iter().map(pile).collect::<Result<_, Error>>()?
        });
        Ok(Piles { piles, keys })
    }

    /// How many inquiries each status holds. `unopened` leaves suspected spam out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn counts(&self) -> Result<Counts, Error> {
        Ok(self.piles().await?.counts())
    }

    /// How many inquiries of a filter were promised before `now` and have no answer yet; its words and dates are not asked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn overdue(&self, piles: &Piles, filter: &InboxFilter, now: Timestamp) -> Result<i64, Error> {
        let filter = InboxFilter { overdue_at: Some(now), ..filter.clone() };
        let waiting: Vec<i64> = piles.of(&filter).map(|pile| pile.id).collect();
        if waiting.is_empty() {
            return Ok(0);
        }
        reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT count(*) AS overdue FROM inquiry WHERE answer_by < ");
            query.push_bind(now.as_millisecond()).push(" AND pile IN ");
            push_list!(query, waiting);
            query.build().fetch_one(db).await?.number("overdue")
        })
    }
}

fn pile(row: &impl Columns) -> Result<Pile, Error> {
    Ok(Pile {
        id: row.number("id")?,
        status: Status::parse(&row.text("status")?).ok_or(Error::Damaged("status"))?,
        waits: row.flag("waits")?,
        technique: row.text("technique")?,
        assignee: row.text("assignee")?,
        rank: row.number("rank")?,
        unopened: row.flag("unopened")?,
        longest: row.number("longest")?,
        holds: row.number("holds")?,
    })
}
