//! Which inquiries hold the words that were asked for. The database keeps digests of words under a key: who reads it sees which
//! inquiries share a word, and how many, but not which word.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::asked::Asked;
use super::few::MOST_COUNTED;
use super::row::Columns;
use super::sealing::email_digest;
use super::{Error, Store, push_list, reading};
use crate::contact::EmailAddress;
use crate::secret::SealingKey;

/// A word in more inquiries than this is looked for while the inbox is walked, which then ends soon; a rarer one is looked
/// up first, so that the inbox need not be walked at all.
const FEW: i64 = MOST_COUNTED;
/// Common words may seldom meet, and then the walk would be long. The inquiries of one of them are looked at first when
/// they are not more than this: that takes a hundredth of a second or two.
const MANY: i64 = 30_000;
/// Words of a search that are looked up first, the longest ones: a short word is seldom rare beside longer ones.
const MOST_LOOKED_UP: usize = 6;

/// What an address may be found by, one digest for each key in use.
pub(super) fn email_digests(keys: &[Arc<SealingKey>], email: &EmailAddress) -> Vec<Vec<u8>> {
    keys.iter().map(|key| email_digest(key, email)).collect()
}

/// What the words of a search come down to.
#[derive(Debug, Default)]
pub(super) struct Sought {
    /// The only inquiries that can be meant, when one of the words is in few.
    pub(super) among: Option<BTreeSet<i64>>,
    /// Words that are in many, each as its tokens under the keys in use, the rarest of those that were looked up first.
    pub(super) holding: Vec<Vec<i64>>,
}

/// Where one inquiry is looked for among those of a token, SQLite would take the other index when it has looked at both with
/// ANALYZE: each inquiry has a page of its own there, while the inquiries of a token lie side by side.
pub(super) fn by_token(store: &Store) -> &'static str {
    match store {
        Store::Sqlite { .. } => " INDEXED BY sqlite_autoindex_inquiry_token_1",
        Store::Postgres(_) => "",
    }
}

impl Sought {
    /// Whether no words were asked for, so that any inquiry will do.
    pub(super) fn is_anything(&self) -> bool {
        self.among.is_none() && self.holding.is_empty()
    }

    /// Whether the inquiries that hold the words are found only by looking at one after the other.
    pub(super) fn is_walked(&self) -> bool {
        self.among.is_none() && !self.holding.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.among.as_ref().is_some_and(BTreeSet::is_empty)
    }

    /// Keeps only these of the inquiries that can be meant.
    fn only(&mut self, hits: BTreeSet<i64>) {
        self.among = Some(match self.among.take() {
            Some(before) => &before & &hits,
            None => hits,
        });
    }

    /// Finds the inquiries in which common words meet, when they are few and the rarest word is not all too common. The first
    /// `rarer` of the words are not.
    async fn meet(&mut self, store: &Store, rarer: usize) -> Result<(), Error> {
        let Some((rarest, others)) = self.holding.split_first() else { return Ok(()) };
        if count(store, rarest, MANY).await? > MANY {
            return Ok(());
        }
        // A word in very many inquiries leaves nearly all that the rarer ones leave, and takes longest to go through.
        let (others, left) = others.split_at(others.len().min(rarer.max(2) - 1));
        let lists: Vec<i64> = std::iter::once(rarest).chain(others).flatten().copied().collect();
        let are_short = rarer > others.len() && lists.len() == others.len() + 1;
        let hits = match store {
            Store::Sqlite { .. } if are_short => in_each_of(store, &lists).await?,
            _ => inquiries_with(store, rarest, others).await?,
        };
        if let Some(hits) = hits {
            *self = Self { among: Some(hits), holding: left.to_vec() };
        }
        Ok(())
    }
}

/// What is left of the inbox by these words, found without walking it where that can be.
pub(super) async fn narrow(store: &Store, words: &[Asked]) -> Result<Sought, Error> {
    let mut sought = Sought::default();
    if words.is_empty() {
        return Ok(sought);
    }
    let mut words = words.to_vec();
    words.sort_by_key(|asked| std::cmp::Reverse(asked.forms().next().map_or(0, |word| word.chars().count())));
    let keys = store.keys_in_use().await?;
    let mut common = Vec::new();
    for (place, asked) in words.iter().enumerate() {
        let tokens: Vec<i64> = keys.iter().flat_map(|key| asked.forms().map(|form| key.token(form))).collect();
        let number = if place < MOST_LOOKED_UP { about(store, &tokens).await? } else { Some(i64::MAX) };
        let hits = if number.is_none() { inquiries_with(store, &tokens, &[]).await? } else { None };
        match hits {
            Some(hits) => sought.only(hits),
            None => common.push((number.unwrap_or(FEW), tokens)),
        }
    }
    common.sort();
    let rarer = common.iter().take_while(|(number, _)| *number <= MANY).count();
    sought.holding = common.into_iter().map(|(_, tokens)| tokens).collect();
    if sought.among.is_none() && sought.holding.len() > 1 && rarer > 0 {
        sought.meet(store, rarer).await?;
    }
    Ok(sought)
}

/// About how many inquiries hold a word, as the newest of them tell; None when it is in few. Counting them all would take as
/// long as a page may.
async fn about(store: &Store, tokens: &[i64]) -> Result<Option<i64>, Error> {
    let told = reading!(store, db => {
        let mut query = sqlx::QueryBuilder::new(
            "SELECT t.inquiry, (SELECT min(seq) FROM inquiry) AS oldest, (SELECT max(seq) FROM inquiry) AS newest FROM (",
        );
        for (place, token) in tokens.iter().enumerate() {
            query.push(if place == 0 { "" } else { " UNION ALL " });
            query.push(format!("SELECT * FROM (SELECT inquiry FROM inquiry_token{} WHERE token = ", by_token(store)));
            query.push_bind(*token).push(" ORDER BY inquiry DESC LIMIT ").push_bind(FEW + 1).push(format!(") t{place}"));
        }
        query.push(") t ORDER BY t.inquiry DESC LIMIT 1 OFFSET ").push_bind(FEW);
        query.build().fetch_optional(db).await?.map(|row| span(&row)).transpose()?
    });
    Ok(told.map(|(those, all)| (FEW + 1).saturating_mul(all) / those.max(1)))
}

/// Among how many numbers the newest holders of a word lie, and how many there are.
fn span(row: &impl Columns) -> Result<(i64, i64), Error> {
    let (oldest, newest) = (row.number("oldest")?, row.number("newest")?);
    Ok((newest - row.number("inquiry")? + 1, newest - oldest + 1))
}

/// The inquiries that hold a word and all of the others; None when they are more than a few.
async fn inquiries_with(store: &Store, tokens: &[i64], others: &[Vec<i64>]) -> Result<Option<BTreeSet<i64>>, Error> {
    let hits: Vec<i64> = reading!(store, db => {
        let mut query = sqlx::QueryBuilder::new("SELECT i.inquiry FROM inquiry_token i");
        for place in 0..others.len() {
            // SQLite keeps to this order; PostgreSQL chooses its own, and merges lists that are in order already.
            query.push(" CROSS JOIN inquiry_token w").push(place).push(by_token(store));
        }
        query.push(" WHERE i.token IN ");
        push_list!(query, tokens.iter().copied());
        for (place, other) in others.iter().enumerate() {
            query.push(format!(" AND w{place}.inquiry = i.inquiry AND w{place}.token IN "));
            push_list!(query, other.iter().copied());
        }
        query.push(" LIMIT ").push_bind(FEW + 1);
        query.build().fetch_all(db).await?.iter().map(|row| row.number("inquiry")).collect::<Result<_, _>>()?
    });
    // Before they are made different: while a key is changed, an inquiry may be found under both.
    Ok(i64::try_from(hits.len()).is_ok_and(|number| number <= FEW).then(|| hits.into_iter().collect()))
}

/// The inquiries that hold every one of some words, none of which is in too many, each by its only token; None when they are more
/// than a few. SQLite goes through the lists side by side, as they lie in order: to look each inquiry of one up in the others takes
/// three times as long.
async fn in_each_of(store: &Store, tokens: &[i64]) -> Result<Option<BTreeSet<i64>>, Error> {
    let hits: Vec<i64> = reading!(store, db => {
        let mut query = sqlx::QueryBuilder::new("");
        for (place, token) in tokens.iter().enumerate() {
            query.push(if place == 0 { "" } else { " INTERSECT " });
            query.push("SELECT inquiry FROM inquiry_token WHERE token = ").push_bind(*token);
        }
        query.push(" ORDER BY 1 LIMIT ").push_bind(FEW + 1);
        query.build().fetch_all(db).await?.iter().map(|row| row.number("inquiry")).collect::<Result<_, _>>()?
    });
    Ok(i64::try_from(hits.len()).is_ok_and(|number| number <= FEW).then(|| hits.into_iter().collect()))
}

/// How many inquiries hold a word; one more than `most` are counted.
async fn count(store: &Store, tokens: &[i64], most: i64) -> Result<i64, Error> {
    reading!(store, db => {
        let mut query = sqlx::QueryBuilder::new("SELECT count(*) AS number FROM (SELECT 1 FROM inquiry_token WHERE token IN ");
        push_list!(query, tokens.iter().copied());
        query.push(" LIMIT ").push_bind(most + 1).push(") counted");
        query.build().fetch_one(db).await?.number("number")
    })
}

/// Adds what was sought down to a query over `inquiry i`. A scalar subquery, not EXISTS: engines may turn that into a
/// join that begins with the word, and then sort all its inquiries for a page of them.
macro_rules! push_conditions {
    ($query:expr, $store:expr, $sought:expr) => {
        if let Some(among) = &$sought.among {
            $query.push(" AND i.seq IN ");
            $crate::store::push_list!($query, among.iter().copied());
        }
        for tokens in &$sought.holding {
            $query.push(" AND (SELECT 1 FROM inquiry_token w").push($crate::store::search::by_token($store));
            $query.push(" WHERE w.inquiry = i.seq AND w.token IN ");
            $crate::store::push_list!($query, tokens.iter().copied());
            $query.push(" LIMIT 1) IS NOT NULL");
        }
    };
}
pub(super) use push_conditions;
