//! Which words an inquiry is found by. Texts are folded here (case, accents, width), since engines differ in
//! what they can fold, and cut into words at everything that is neither letter nor digit. The database keeps digests of
//! them under a key: who reads it sees which inquiries share a word, and how many, but not which word.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::row::Columns;
use super::sealing::email_digest;
use super::{Error, Store, reading};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Answers, BestTime, Reference};
use crate::secret::SealingKey;

/// Nobody searches for more of a word, and an index row stays small.
const LONGEST_WORD: usize = 60;
/// Characters of the beginnings by which names, addresses and numbers are found: one finds too much to be of use, and who
/// has typed so many has found the name.
const OF_NAMES: RangeInclusive<usize> = 2..=20;
/// Characters of the beginnings by which the words of a text are found. There are many words, and each beginning is a row
/// of the index: with these, it has a little over twice as many rows as with whole words alone.
const OF_TEXTS: RangeInclusive<usize> = 3..=12;
/// A word in more inquiries than this is looked for while the inbox is walked, which then ends soon; a rarer one is looked
/// up first, so that the inbox need not be walked at all.
const FEW: i64 = 1_000;

/// The folded words of a text, as stored and as asked for.
pub fn words(text: &str) -> BTreeSet<String> {
    let folded: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST_WORD).collect())
        .collect()
}

/// What a text is found by: its words, and their beginnings.
pub fn words_of_text(text: &str) -> BTreeSet<String> {
    with_beginnings(words(text), OF_TEXTS)
}

/// What an inquiry is found by before anybody answers: everything a person wrote, and shorter beginnings of their name,
/// their address, their number and their reference. A number is found by its groups and as one run of digits.
pub(super) fn words_of_inquiry(reference: &Reference, answers: &Answers) -> BTreeSet<String> {
    let contact = &answers.contact;
    let number = contact.phone().map_or("", PhoneNumber::as_str);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let email = contact.email().map_or("", EmailAddress::as_str);
    let names = [reference.as_str(), answers.name.as_str(), email, number, &digits];
    let texts = [answers.best_time.as_ref().map_or("", BestTime::as_str), answers.message.as_str()];
    let mut all = with_beginnings(names.into_iter().flat_map(words).collect(), OF_NAMES);
    all.extend(texts.into_iter().flat_map(words_of_text));
    all
}

fn with_beginnings(whole: BTreeSet<String>, lengths: RangeInclusive<usize>) -> BTreeSet<String> {
    let mut all = whole.clone();
    for word in whole {
        let ends = word.char_indices().map(|(at, _)| at).enumerate().skip(1);
        all.extend(ends.filter(|(length, _)| lengths.contains(length)).map(|(_, end)| word[..end].to_owned()));
    }
    all
}

/// What an address may be found by, one digest for each key in use.
pub(super) fn email_digests(keys: &[Arc<SealingKey>], email: &EmailAddress) -> Vec<Vec<u8>> {
    keys.iter().map(|key| email_digest(key, email)).collect()
}

/// What a search comes down to.
#[derive(Default)]
pub(super) struct Narrowed {
    /// The only inquiries that can be meant, when one of the words is in few.
    pub(super) among: Option<BTreeSet<i64>>,
    /// Words that are in many, each as its tokens under the keys in use.
    pub(super) holding: Vec<Vec<i64>>,
}

impl Narrowed {
    /// Whether no words were asked for, so that any inquiry will do.
    pub(super) fn is_anything(&self) -> bool {
        self.among.is_none() && self.holding.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.among.as_ref().is_some_and(BTreeSet::is_empty)
    }
}

/// Looks the words up, each once and never further than a page of them.
pub(super) async fn narrow(store: &Store, words: &[String]) -> Result<Narrowed, Error> {
    let mut narrowed = Narrowed::default();
    if words.is_empty() {
        return Ok(narrowed);
    }
    let keys = store.keys_in_use().await?;
    for word in words {
        let tokens: Vec<i64> = keys.iter().map(|key| key.token(word)).collect();
        let hits: Vec<i64> = reading!(store, db => {
            let mut query = sqlx::QueryBuilder::new("SELECT inquiry FROM inquiry_token WHERE token IN (");
            let mut listed = query.separated(", ");
            for token in &tokens {
                listed.push_bind(*token);
            }
            query.push(") LIMIT ").push_bind(FEW + 1);
            query.build().fetch_all(db).await?.iter().map(|row| row.number("inquiry")).collect::<Result<_, _>>()?
        });
        if i64::try_from(hits.len()).is_ok_and(|number| number > FEW) {
            narrowed.holding.push(tokens);
        } else {
            narrowed.among = Some(match narrowed.among {
                Some(before) => hits.into_iter().filter(|seq| before.contains(seq)).collect(),
                None => hits.into_iter().collect(),
            });
        }
    }
    Ok(narrowed)
}

/// Adds what was narrowed down to a query over `inquiry i`. A scalar subquery, not EXISTS: engines may turn that into a
/// join that begins with the word, and then sort all its inquiries for a page of them.
macro_rules! push_conditions {
    ($query:expr, $narrowed:expr) => {
        if let Some(among) = &$narrowed.among {
            $query.push(" AND i.seq IN (");
            let mut listed = $query.separated(", ");
            for seq in among {
                listed.push_bind(*seq);
            }
            $query.push(")");
        }
        for tokens in &$narrowed.holding {
            $query.push(" AND (SELECT 1 FROM inquiry_token w WHERE w.inquiry = i.seq AND w.token IN (");
            let mut listed = $query.separated(", ");
            for token in tokens {
                listed.push_bind(*token);
            }
            $query.push(") LIMIT 1) IS NOT NULL");
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
    }

    #[test]
    fn a_text_is_found_by_the_beginnings_of_its_words() {
        let found = words_of_text("Rückenschmerzen, it");
        let expected =
            "ruc ruck rucke rucken ruckens ruckensc ruckensch ruckenschm ruckenschme ruckenschmer ruckenschmerzen it";
        assert_eq!(found, expected.split(' ').map(str::to_owned).collect());
        assert!(words_of_text("κα日本語").contains("κα日") && words_of_text("").is_empty());
    }
}
