//! Pages of the inbox. A page is read as places first, from indexes alone, then as the rows that stand there: what it
//! costs depends on how long it is, not on how many inquiries there are.

use std::collections::HashMap;

use sqlx::QueryBuilder;

use super::entry::{Entry, entry};
use super::few::Few;
use super::inquiries::COLUMNS;
use super::inquiry_row::{InboxRow, Keyset, PageOrder, Sort, inbox_row};
use super::pile::{InboxFilter, Piles};
use super::row::Columns;
use super::sealing::Sealing;
use super::walk::Places;
use super::{Error, Store, push_list, reading, search};

/// Lines of the inbox.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// In the order that was asked for.
    pub rows: Vec<InboxRow>,
    /// The last place that was looked at, when a search stopped before the page was full: beyond it nobody looked yet.
    pub stopped_at: Option<Keyset>,
    /// What lies where, for the numbers of the views.
    pub piles: Piles,
    /// The inquiries that fit the words and the days, when they are few: the piles alone cannot count those.
    pub few: Option<Few>,
}

impl Store {
    /// At most `limit` lines of the inbox.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn inbox(
        &self,
        filter: &InboxFilter,
        sort: Sort,
        order: PageOrder,
        limit: usize,
    ) -> Result<Listed, Error> {
        let piles = self.piles().await?;
        let sought = search::narrow(self, &filter.words).await?;
        let few = self.few(filter, &sought).await?;
        let places = match &few {
            Some(few) if !sought.is_anything() => {
                Places { seqs: few.seqs(&piles, filter, sort, order, limit), stopped_at: None }
            }
            _ => self.places(&piles, filter, &sought, sort, order, limit).await?,
        };
        let mut rows = self.rows_at(&places.seqs).await?;
        if matches!(order, PageOrder::Before(_)) {
            rows.reverse();
        }
        Ok(Listed { rows, stopped_at: places.stopped_at, piles, few })
    }

    /// What staff wrote about these inquiries, notes and replies, each with its inquiry's number; but for what does not open.
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
            rows.iter().filter_map(|row| about(row, self.sealing()).transpose()).collect()
        })
    }

    /// The inquiries with these numbers, in their order; one that was erased meanwhile is left out.
    pub(super) async fn rows_at(&self, places: &[i64]) -> Result<Vec<InboxRow>, Error> {
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

fn about(row: &impl Columns, sealing: &Sealing) -> Result<Option<(i64, Entry)>, Error> {
    match entry(row, sealing) {
        // Told in the log; one damaged note must not close the whole inbox.
        Err(Error::Damaged(_)) => Ok(None),
        other => Ok(Some((row.number("inquiry")?, other?))),
    }
}
