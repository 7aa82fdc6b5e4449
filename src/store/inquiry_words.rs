//! What an inquiry is found by: everything a person wrote, its number however it is dialled, its reference.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::words::words_and_beginnings;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Answers, BestTime, Reference};

/// The last digits of a number, which are the same from the next street and from abroad.
const TAIL: usize = 7;

/// Whether a number is found by a word of a search.
pub fn is_number_found_by(number: &PhoneNumber, asked: &Asked) -> bool {
    let found = words_of_number(number);
    asked.forms().any(|form| found.contains(form))
}

/// Whether a number is found as the whole that was typed.
pub fn is_number_typed(number: &PhoneNumber, asked: &Asked) -> bool {
    let found = words_of_number(number);
    asked.numbers().iter().any(|typed| found.contains(typed))
}

/// What an inquiry is found by before anybody answers: everything a person wrote, and its reference.
pub(super) fn words_of_inquiry(reference: &Reference, answers: &Answers) -> BTreeSet<String> {
    let email = answers.contact.email().map_or("", EmailAddress::as_str);
    let best_time = answers.best_time.as_ref().map_or("", BestTime::as_str);
    let written = [answers.name.as_str(), email, best_time, answers.message.as_str()];
    let mut all: BTreeSet<String> = written.into_iter().flat_map(words_and_beginnings).collect();
    // Nobody wrote it: by a letter or two it would be found by chance, where others are sought.
    let groups: Vec<String> = reference.groups().iter().map(|group| group.to_lowercase()).collect();
    let of_reference = groups.iter().flat_map(|group| words_and_beginnings(group));
    all.extend(of_reference.filter(|word| word.len() > 2 || groups.contains(word)));
    all.extend(answers.contact.phone().into_iter().flat_map(words_of_number));
    all
}

/// A number is found by its groups, as one run of digits, and by how it ends.
fn words_of_number(number: &PhoneNumber) -> BTreeSet<String> {
    let mut all = words_and_beginnings(number.as_str());
    all.extend(words_and_beginnings(&digits(number)));
    all.extend(tail(&digits(number)));
    all
}

/// The digits of a number as it is dialled from abroad, without an extension.
pub(super) fn digits(number: &PhoneNumber) -> String {
    number.href().split(';').take(1).flat_map(str::chars).filter(char::is_ascii_digit).collect()
}

/// What the end of a number is found by, wherever it is dialled from; None for what is no whole number.
pub(super) fn tail(word: &str) -> Option<String> {
    let is_number = word.len() > TAIL && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("…{}", &word[word.len() - TAIL..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::asked::asked;

    #[test]
    fn a_number_is_found_however_it_is_dialled() {
        let number = PhoneNumber::parse("+49 (30) 123-45 67").unwrap();
        let is_found_by =
            |number: &PhoneNumber, search: &str| asked(search).iter().all(|word| is_number_found_by(number, word));
        for search in
            ["+49301234567", "0301234567", "49 30 123", "4930123", "030 123 45 67", "0049 30 1234567", "49 301 23"]
        {
            assert!(is_found_by(&number, search), "{search}");
        }
        let extended = PhoneNumber::parse("+49 (0)30 1234567 ext. 9").unwrap();
        assert!(["0301234567", "49301234567", "9"].iter().all(|search| is_found_by(&extended, search)));
        assert!(!is_found_by(&number, "0301234568") && !is_found_by(&number, "234567"));
    }
}
