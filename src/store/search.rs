//! Which words an inquiry is found by. Texts are folded here (case, accents, width), since engines differ in
//! what they can fold, and cut into words at everything that is neither letter nor digit.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Answers, BestTime, Reference};

/// Nobody searches for more of a word, and an index row stays small.
const LONGEST_WORD: usize = 60;

/// The folded words of a text, as stored and as asked for.
pub fn words(text: &str) -> BTreeSet<String> {
    let folded: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST_WORD).collect())
        .collect()
}

/// Everything a person wrote, and their reference. A number is found by its groups and as one run of digits.
pub(super) fn words_of_inquiry(reference: &Reference, answers: &Answers) -> BTreeSet<String> {
    let contact = &answers.contact;
    let texts = [
        reference.as_str(),
        answers.name.as_str(),
        contact.email().map_or("", EmailAddress::as_str),
        contact.phone().map_or("", PhoneNumber::as_str),
        answers.best_time.as_ref().map_or("", BestTime::as_str),
        answers.message.as_str(),
    ];
    let mut all: BTreeSet<String> = texts.into_iter().flat_map(words).collect();
    if let Some(phone) = contact.phone() {
        all.insert(phone.as_str().chars().filter(char::is_ascii_digit).collect());
    }
    all
}

/// The first text after every text that begins with `prefix`, in byte order.
pub(super) fn end_of_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

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
}
