//! What stands first among inquiries of some statuses. Unlike a page of the inbox it counts nothing: the tops of the few piles
//! that can hold it are looked at, and the first of those is read.

use sqlx::QueryBuilder;

use super::inquiry_row::{InboxRow, Keyset};
use super::row::Columns;
use super::{Error, Store, push_list, reading};
use crate::inquiry::Status;

/// From where on what stands first is looked for, in the order of the inbox: urgent first, then by promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Among all.
    Top,
    /// Among what comes after this place.
    After(Keyset),
    /// Among what is urgent and nobody has opened.
    Alarms,
}

impl Store {
    /// The first inquiry of these statuses, but for the one with the number `but`. With the id of a member of staff, of those
    /// that are theirs or nobody's; what somebody has who cannot sign in is nobody's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn first_of(
        &self,
        statuses: &[Status],
        staff: Option<&str>,
        start: Start,
        but: i64,
    ) -> Result<Option<InboxRow>, Error> {
        let tops = self.first_places(statuses, staff, start).await?;
        let first = tops.into_iter().find(|seq| *seq != but);
        Ok(self.rows_at(first.as_slice()).await?.pop())
    }

    /// The first two of each pile, or of what comes after a place in it, then the first two of those. SQLite has no LATERAL,
    /// PostgreSQL does not see through the other.
    async fn first_places(&self, statuses: &[Status], staff: Option<&str>, start: Start) -> Result<Vec<i64>, Error> {
        let (before, after) = match self {
            Self::Sqlite { .. } => (
                "SELECT i.seq AS seq FROM pile p CROSS JOIN inquiry i ON i.seq IN (SELECT x.seq FROM inquiry x WHERE x.pile = p.id",
                ") WHERE p.status IN ",
            ),
            Self::Postgres(_) => (
                "SELECT i.seq AS seq FROM pile p CROSS JOIN LATERAL (SELECT x.answer_by, x.seq FROM inquiry x WHERE x.pile = p.id",
                ") i WHERE p.status IN ",
            ),
        };
        reading!(self, db => {
            let mut query = QueryBuilder::new(before);
            if let Start::After(Keyset { tier: rank, answer_by, seq }) = start {
                // Of piles with a later rank all comes after: no promise is as early as that.
                query.push(" AND (x.answer_by, x.seq) > (CASE WHEN p.rank = ").push_bind(rank).push(" THEN ").push_bind(answer_by);
                query.push(" ELSE ").push_bind(i64::MIN).push(" END, ").push_bind(seq).push(")");
            }
            query.push(" ORDER BY x.answer_by, x.seq LIMIT 2").push(after);
            push_list!(query, statuses.iter().map(|status| status.as_str()));
            if let Some(staff) = staff {
                query.push(" AND (p.assignee IN ('', ").push_bind(staff);
                query.push(") OR p.assignee IN (SELECT id FROM staff WHERE disabled_at IS NOT NULL OR password_hash IS NULL))");
            }
            match start {
                Start::Top => {}
                Start::After(Keyset { tier: rank, .. }) => drop(query.push(" AND p.rank >= ").push_bind(rank)),
                Start::Alarms => drop(query.push(" AND p.rank = 0 AND p.unopened")),
            }
            query.push(" ORDER BY p.rank, i.answer_by, i.seq LIMIT 2");
            query.build().fetch_all(db).await?.iter().map(|row| row.number("seq")).collect()
        })
    }
}
