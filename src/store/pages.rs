//! Inquiries in the order they came, page by page, as an export reads them: what is damaged keeps nothing else back, and
//! whoever turns the pages need not know how.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::inquiries::COLUMNS;
use super::inquiry_row::{Unreadable, one_of_many};
use super::pile::InboxFilter;
use super::row::Columns;
use super::walk::MOST_WALKED;
use super::{Error, Store, push_list, reading, search};
use crate::inquiry::Inquiry;

/// Some inquiries in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Those whose words do not open are named.
    pub inquiries: Vec<Result<Inquiry, Unreadable>>,
    /// After which number the next page begins; None when nothing follows.
    pub next: Option<i64>,
}

impl Store {
    /// At most `limit` inquiries in the order they came, after number `after`, received at or after `since`.
    ///
    /// # Errors
    /// When the database cannot be read, or the words of one do not open.
    pub async fn inquiries_after(&self, after: i64, since: Timestamp, limit: i64) -> Result<Vec<Inquiry>, Error> {
        let page = self.readable_after(after, since, limit).await?;
        page.inquiries.into_iter().map(|one| one.map_err(|_| Error::Damaged("message"))).collect()
    }

    /// The same as a page, in which those whose words do not open are named.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn readable_after(&self, after: i64, since: Timestamp, limit: i64) -> Result<Page, Error> {
        let since = since.as_millisecond();
        let read: Vec<_> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM inquiry i WHERE i.seq > ").push_bind(after);
            query.push(" AND i.received_at >= ").push_bind(since).push(" ORDER BY i.seq LIMIT ").push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| Ok((row.number("seq")?, one_of_many(row, self.sealing())?)))
                .collect::<Result<_, Error>>()?
        });
        Ok(page(read, limit))
    }

    /// At most `limit` inquiries of a filter, after number `after`. A search for common words looks at [`MOST_WALKED`] numbers
    /// for a page, which may be empty without being the last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn inquiries_of(&self, filter: &InboxFilter, after: i64, limit: i64) -> Result<Page, Error> {
        let sought = search::narrow(self, &filter.words).await?;
        let piles = self.piles().await?;
        let chosen: Vec<i64> = piles.of(filter).map(|pile| pile.id).collect();
        if chosen.is_empty() || sought.is_empty() {
            return Ok(Page::default());
        }
        let until = if sought.is_walked() { after.saturating_add(MOST_WALKED) } else { i64::MAX };
        let time = |at: Option<Timestamp>, none| at.map_or(none, |at| at.as_millisecond());
        let read: Vec<_> = reading!(self, db => {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM inquiry i WHERE i.seq > ").push_bind(after);
            query.push(" AND i.seq <= ").push_bind(until).push(" AND +i.pile IN ");
            push_list!(query, chosen.iter().copied());
            query.push(" AND i.received_at >= ").push_bind(time(filter.received_from, i64::MIN));
            query.push(" AND i.received_at < ").push_bind(time(filter.received_until, i64::MAX));
            query.push(" AND i.answer_by < ").push_bind(time(filter.overdue_at, i64::MAX));
            search::push_conditions!(query, self, sought);
            query.push(" ORDER BY i.seq LIMIT ").push_bind(limit);
            query.build().fetch_all(db).await?.iter().map(|row| Ok((row.number("seq")?, one_of_many(row, self.sealing())?)))
                .collect::<Result<_, Error>>()?
        });
        let page = page(read, limit);
        match page.next {
            None if sought.is_walked() => Ok(Page { next: self.some_beyond(until).await?, ..page }),
            _ => Ok(page),
        }
    }

    /// The number itself, when there is an inquiry with a greater one.
    async fn some_beyond(&self, seq: i64) -> Result<Option<i64>, Error> {
        reading!(self, db => {
            let found = sqlx::query("SELECT seq FROM inquiry WHERE seq > $1 LIMIT 1").bind(seq).fetch_optional(db).await?;
            Ok(found.map(|_| seq))
        })
    }
}

fn page(read: Vec<(i64, Result<Inquiry, Unreadable>)>, limit: i64) -> Page {
    let is_full = i64::try_from(read.len()).is_ok_and(|number| number >= limit);
    let next = read.last().map(|(seq, _)| *seq).filter(|_| is_full);
    Page { inquiries: read.into_iter().map(|(_, one)| one).collect(), next }
}
