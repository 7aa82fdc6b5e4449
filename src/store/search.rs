//! Which words an inquiry is found by. Texts are folded here (case, accents, width), since engines differ in
//! what they can fold, and cut into words at everything that is neither letter nor digit. The database keeps digests of
//! them under a key: who reads it sees which inquiries share a word, and how many, but not which word.

use std::collections::BTreeSet;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::few::MOST_COUNTED;
use super::row::Columns;
use super::sealing::email_digest;
use super::{Error, Store, push_list, reading};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Answers, BestTime, Reference};
use crate::secret::SealingKey;

/// Nobody searches for more of a word, and an index row stays small.
const LONGEST_WORD: usize = 60;
/// A word in more inquiries than this is looked for while the inbox is walked, which then ends soon; a rarer one is looked
/// up first, so that the inbox need not be walked at all.
const FEW: i64 = MOST_COUNTED;
/// Common words may seldom meet, and then the walk would be long. The inquiries of one of them are looked at first when
/// they are not more than this: that takes a hundredth of a second or two.
const MANY: i64 = 30_000;

/// The folded words of a text, as stored and as asked for.
pub fn words(text: &str) -> BTreeSet<String> {
    let folded: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    // Capital letters write SS for it, and so do people whose keyboard lacks it.
    let folded = folded.replace('ß', "ss");
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST_WORD).collect())
        .collect()
}

/// What a text is found by: its words, and however much of their beginnings somebody may type.
pub fn words_and_beginnings(text: &str) -> BTreeSet<String> {
    let beginnings_of = |word: String| {
        let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).skip(1).chain([word.len()]).collect();
        ends.into_iter().map(move |end| word[..end].to_owned())
    };
    words(text).into_iter().flat_map(beginnings_of).collect()
}

/// What an inquiry is found by before anybody answers: everything a person wrote, and its reference. A number is found by its
/// groups and as one run of digits.
pub(super) fn words_of_inquiry(reference: &Reference, answers: &Answers) -> BTreeSet<String> {
    let contact = &answers.contact;
    let number = contact.phone().map_or("", PhoneNumber::as_str);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let email = contact.email().map_or("", EmailAddress::as_str);
    let best_time = answers.best_time.as_ref().map_or("", BestTime::as_str);
    let written = [answers.name.as_str(), email, number, best_time, answers.message.as_str()];
    [reference.as_str(), &digits].into_iter().chain(written).flat_map(words_and_beginnings).collect()
}

/// What an address may be found by, one digest for each key in use.
pub(super) fn email_digests(keys: &[Arc<SealingKey>], email: &EmailAddress) -> Vec<Vec<u8>> {
    keys.iter().map(|key| email_digest(key, email)).collect()
}

/// What the words of a search come down to.
#[derive(Debug, Default)]
pub(super) struct Sought {
    /// The only inquiries that can be meant, when one of the words is in few.
    pub(super) among: Option<BTreeSet<i64>>,
    /// Words that are in many, each as its tokens under the keys in use, the rarest first.
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

    /// Finds the inquiries in which common words meet, when they are few and one of the words is not all too common.
    async fn meet(&mut self, store: &Store) -> Result<(), Error> {
        let mut counted = Vec::new();
        for tokens in self.holding.drain(..) {
            counted.push((count(store, &tokens, MANY).await?, tokens));
        }
        counted.sort();
        let is_many = counted.first().is_none_or(|(number, _)| *number > MANY);
        self.holding = counted.into_iter().map(|(_, tokens)| tokens).collect();
        let Some((rarest, others)) = self.holding.split_first().filter(|_| !is_many) else { return Ok(()) };
        if let Some(hits) = inquiries_with(store, rarest, others).await? {
            *self = Self { among: Some(hits), holding: Vec::new() };
        }
        Ok(())
    }
}

/// What is left of the inbox by these words, found without walking it where that can be.
pub(super) async fn narrow(store: &Store, words: &[String]) -> Result<Sought, Error> {
    let mut sought = look_up(store, words).await?;
    if sought.among.is_none() && sought.holding.len() > 1 {
        sought.meet(store).await?;
    }
    Ok(sought)
}

/// Looks the words up, each once and never further than a page of them.
async fn look_up(store: &Store, words: &[String]) -> Result<Sought, Error> {
    let mut sought = Sought::default();
    if words.is_empty() {
        return Ok(sought);
    }
    let keys = store.keys_in_use().await?;
    for word in words {
        let tokens: Vec<i64> = keys.iter().map(|key| key.token(word)).collect();
        let hits = match count(store, &tokens, FEW).await? {
            // Counting a thousand takes a tenth of what reading them takes.
            number if number > FEW => None,
            _ => inquiries_with(store, &tokens, &[]).await?,
        };
        match hits {
            None => sought.holding.push(tokens),
            Some(hits) => {
                sought.among = Some(match sought.among {
                    Some(before) => &before & &hits,
                    None => hits,
                });
            }
        }
    }
    Ok(sought)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case_and_accents() {
        let found = words("Rückenschmerzen, ΚΑΛΗΜΈΡΑ; naïve-té ﬁne\tİ 2½");
        for word in ["ruckenschmerzen", "καλημερα", "naive", "te", "fine", "i"] {
            assert!(found.contains(word), "{word} in {found:?}");
        }
        assert!(words(" -- ' \" % _ ").is_empty());
        for written in ["Weißmüller", "WEISSMÜLLER", "weissmuller", "WEIẞMÜLLER"] {
            assert_eq!(words(written), BTreeSet::from(["weissmuller".to_owned()]), "{written}");
        }
    }

    #[test]
    fn a_text_is_found_by_the_beginnings_of_its_words() {
        let found = words_and_beginnings("Rückenschmerzen, it");
        let expected = "r ru ruc ruck rucke rucken ruckens ruckensc ruckensch ruckenschm ruckenschme ruckenschmer ruckenschmerz \
                        ruckenschmerze ruckenschmerzen i it";
        assert_eq!(found, expected.split(' ').map(str::to_owned).collect());
        assert!(words_and_beginnings("κα日本語").contains("κα日") && words_and_beginnings("").is_empty());
    }
}
