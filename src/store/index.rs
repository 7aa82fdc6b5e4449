//! What inquiries are found by: the tokens of their words are written here, when something is written, and again when what
//! is written changes or the program looks for more than it did.

use sqlx::QueryBuilder;

use super::entry::{EntryKind, entry_words};
use super::inquiry_words::words_of_inquiry;
use super::row::Columns;
use super::sealing::Sealing;
use super::{Error, Store, Tx, reading, words, writing};

/// Inquiries of one transaction: it lasts a few hundredths of a second, and nobody waits longer for it.
const BATCH: i64 = 100;

impl Store {
    /// Indexes anew what was stored when texts were found by whole words only. Who is interrupted begins again.
    pub(super) async fn index_beginnings(&self) -> Result<(), Error> {
        if reading!(self, db => sqlx::query("SELECT has_beginnings FROM sealing WHERE id = 1").fetch_one(db).await?.flag("has_beginnings")?)
        {
            return Ok(());
        }
        let mut last = 0;
        loop {
            let some: Vec<i64> = reading!(self, db => {
                sqlx::query("SELECT seq FROM inquiry WHERE seq > $1 ORDER BY seq LIMIT $2").bind(last).bind(BATCH).fetch_all(db).await?
                    .iter().map(|row| row.number("seq")).collect::<Result<_, _>>()?
            });
            let mut tx = self.begin().await?;
            let Some(end) = some.last() else {
                writing!(&mut tx, db => {
                    sqlx::query("UPDATE sealing SET has_beginnings = TRUE WHERE id = 1").execute(db).await?;
                });
                return tx.commit().await;
            };
            for seq in &some {
                match tx.index_anew(*seq).await {
                    // Told in the log; one damaged inquiry must not keep the others from being found.
                    Ok(()) | Err(Error::Damaged(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            tx.commit().await?;
            last = *end;
        }
    }
}

impl Tx {
    /// Adds the folded words of a text, so that the inquiry is found by them.
    ///
    /// # Errors
    /// When the database refuses them.
    pub async fn add_words(&mut self, inquiry: i64, words: &std::collections::BTreeSet<String>) -> Result<(), Error> {
        let key = self.sealing_key().await?;
        let mut tokens: Vec<i64> = words.iter().map(|word| key.token(word)).collect();
        // In the order of the index, so that an inquiry touches each of its pages once.
        tokens.sort_unstable();
        // Two parameters a word; both engines take more than a thousand.
        for some in tokens.chunks(500) {
            writing!(self, db => {
                let mut query = QueryBuilder::new("INSERT INTO inquiry_token (token, inquiry) ");
                query.push_values(some, |mut row, token| { row.push_bind(*token).push_bind(inquiry); });
                query.push(" ON CONFLICT DO NOTHING");
                query.build().execute(db).await?;
            });
        }
        Ok(())
    }

    /// Makes the words that an inquiry is found by again, from everything that is written in it.
    pub(super) async fn index_anew(&mut self, seq: i64) -> Result<(), Error> {
        let sealing = self.sealing();
        let Some(found) = self.stored_inquiry(seq).await? else { return Ok(()) };
        let mut words = words_of_inquiry(&found.reference, &found.answers);
        let written: Vec<Option<String>> = writing!(&mut *self, db => {
            sqlx::query("DELETE FROM inquiry_token WHERE inquiry = $1").bind(seq).execute(&mut *db).await?;
            sqlx::query("SELECT seq, kind, words FROM entry WHERE inquiry = $1").bind(seq)
                .fetch_all(&mut *db).await?.iter().map(|row| written_words(row, &sealing)).collect::<Result<_, Error>>()?
        });
        words.extend(written.iter().flatten().flat_map(|text| words::words_and_beginnings(text)));
        self.add_words(seq, &words).await
    }
}

fn written_words(row: &impl Columns, sealing: &Sealing) -> Result<Option<String>, Error> {
    let kind = EntryKind::parse(&row.text("kind")?).ok_or(Error::Damaged("kind"))?;
    if !kind.is_written() {
        return Ok(None);
    }
    match entry_words(row, row.number("seq")?, sealing) {
        // Told in the log; one damaged note must not keep the rest from being found.
        Err(Error::Damaged(_)) => Ok(None),
        words => words.map(Some),
    }
}
