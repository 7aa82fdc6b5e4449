//! What a search asks for, and where a text shows it. Words are asked for as they were typed. Digits that together may be a
//! telephone number are read in both ways: each group as a word of its own, and all of them as one number; either finds it.

use std::ops::Range;

use super::inquiry_words::tail;
use super::words::{Word, cut};
use crate::contact::is_usual_in_number;

/// Digits of a telephone number: fewer are none, and more than an international one has with 00 and a bracketed 0 are several.
const OF_A_NUMBER: std::ops::RangeInclusive<usize> = 6..=18;

/// A word of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Folded, as the beginning of something that was written.
    word: String,
    /// The numbers of which it may be a part; finding one of them will do.
    numbers: Vec<String>,
}

impl Asked {
    /// What may be found for it: one of these is enough.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.word).chain(&self.numbers).map(String::as_str)
    }

    /// The numbers of which it may be a part.
    pub(super) fn numbers(&self) -> &[String] {
        &self.numbers
    }
}

/// The words of a search, in the order they were typed: each must be found.
pub fn asked(text: &str) -> Vec<Asked> {
    let cut = cut(text);
    let is_one_number = |one: &Word, next: &Word| {
        let between = text.get(one.place().end..next.place().start).unwrap_or_default();
        one.digits().is_some() && next.digits().is_some() && between.chars().all(is_usual_in_number)
    };
    let mut all: Vec<Asked> = Vec::new();
    for run in cut.chunk_by(is_one_number) {
        let of_run = numbers(run);
        for word in run.iter().flat_map(Word::asked) {
            let mut numbers: Vec<String> = tail(&word).into_iter().chain(of_run.iter().cloned()).collect();
            numbers.sort();
            numbers.dedup();
            let asked = Asked { word, numbers };
            if !all.contains(&asked) {
                all.push(asked);
            }
        }
    }
    all
}

/// Groups of digits as one number: how it begins as it was typed, and how it ends wherever it is dialled from.
fn numbers(groups: &[Word]) -> Vec<String> {
    let digits: String = groups.iter().filter_map(Word::digits).collect();
    let is_number = groups.len() > 1 && OF_A_NUMBER.contains(&digits.len());
    if is_number { tail(&digits).into_iter().chain([digits]).collect() } else { Vec::new() }
}

/// Where a text shows words of a search, as ranges of bytes in their order.
pub fn hits(text: &str, asked: &[Asked]) -> Vec<Range<usize>> {
    let forms: Vec<&str> = asked.iter().flat_map(Asked::forms).collect();
    let mut hits: Vec<Range<usize>> = cut(text).iter().flat_map(|word| word.hits(&forms)).collect();
    hits.sort_by_key(|hit| hit.start);
    hits.dedup_by(|next, before| {
        let touches = next.start <= before.end;
        before.end = if touches { before.end.max(next.end) } else { before.end };
        touches
    });
    hits
}

/// The words of a search that a text does not show.
pub fn missing(text: &str, asked: &[Asked]) -> Vec<Asked> {
    let words = cut(text);
    let shows = |form: &str| words.iter().any(|word| word.begin(form).next().is_some());
    asked.iter().filter(|asked| !asked.forms().any(shows)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::words::words_and_beginnings;

    fn marked(text: &str, search: &str) -> String {
        let mut marked = text.to_owned();
        for hit in hits(text, &asked(search)).into_iter().rev() {
            marked.insert(hit.end, ']');
            marked.insert(hit.start, '[');
        }
        marked
    }

    fn typed(search: &str) -> Vec<String> {
        asked(search).into_iter().map(|asked| asked.word).collect()
    }

    fn is_found(text: &str, search: &str) -> bool {
        let (found, asked) = (words_and_beginnings(text), asked(search));
        !asked.is_empty() && asked.iter().all(|asked| asked.forms().any(|form| found.contains(form)))
    }

    #[test]
    fn words_are_found_whatever_their_case_and_accents() {
        for (written, search) in [
            ("Rückenschmerzen, seit", "RUCKENSCHMERZEN"),
            ("ΜΕΓΑΛΟΣ ΠΟΝΟΣ", "μεγάλος πόνος"),
            ("μεγάλος πόνος", "ΜΕΓΑΛΟΣ πονοσ"),
            ("naïve-té ﬁne", "naive fine te"),
            ("Weißmüller", "WEISSMÜLLER"),
            ("WEIẞMÜLLER", "weissmuller"),
            ("Łukasz Wałęsa", "lukasz walesa"),
            ("Søren Ægir Þór", "soren aegir thor"),
            ("Nguyễn Đức", "nguyen duc"),
            ("Yıldız Işıl", "YILDIZ isil"),
            ("İzmir", "izmir"),
            ("فِي الظَّهْر", "في الظهر"),
        ] {
            assert!(is_found(written, search), "{written} by {search}");
        }
        assert!(asked(" -- ' \" % _ 😀").is_empty());
    }

    #[test]
    fn where_no_spaces_are_written_a_word_begins_anywhere() {
        for (written, search) in [
            ("昨日から腰が痛いです", "痛い"),
            ("昨日から腰が痛いです", "腰が痛いで"),
            ("我最近腰痛得很厉害", "腰痛"),
            ("ปวดหลังส่วนล่างมากครับ", "หลัง"),
            ("L5の痛み", "l5 痛み"),
        ] {
            assert!(is_found(written, search), "{written} by {search}");
        }
        assert!(!is_found("昨日から腰が痛いです", "痛腰"));
        assert_eq!(marked("昨日から腰が痛いです", "腰が痛い"), "昨日から[腰が痛い]です");
        assert_eq!(marked("ปวดหลังส่วนล่าง", "หลัง"), "ปวด[หลัง]ส่วนล่าง");
    }

    #[test]
    fn an_apostrophe_parts_nothing_that_is_one_word() {
        for search in ["O'Neill", "oneill", "neill", "o’neill"] {
            assert!(is_found("Mary O’Neill", search), "{search}");
        }
        assert_eq!(marked("I don't think this", "don't"), "I [don't] think this");
        assert!(is_found("'quoted' l'été", "quoted ete"));
    }

    #[test]
    fn a_reference_is_found_however_it_is_typed() {
        for typed in ["BW-7K3M-9QXT", "bw7k3m9qxt", "7K3M9QXT"] {
            assert!(is_found("BW-7K3M-9QXT", typed), "{typed}");
        }
        assert_eq!(typed("23456789 heavenly"), ["23456789", "heavenly"]);
    }

    #[test]
    fn words_keep_their_order_and_come_once() {
        assert_eq!(typed("the knee, The hip"), ["the", "knee", "hip"]);
    }

    #[test]
    fn digits_that_may_be_a_number_are_asked_for_as_one_too() {
        let numbers = |search: &str| asked(search).iter().map(|asked| asked.numbers.join(" ")).collect::<Vec<_>>();
        assert_eq!(
            numbers("(020) 7946-0999 knee"),
            ["02079460999 …9460999", "02079460999 …9460999", "02079460999 …9460999", ""]
        );
        assert_eq!(numbers("02079460999"), ["…9460999"]);
        assert_eq!(numbers("581 2345, 2019"), ["5812345", "5812345", ""]);
        assert_eq!(numbers("L5 2019"), ["", ""]);
        assert_eq!(numbers("12 19"), ["", ""]);
        assert_eq!(numbers("020 7946 0999 020 7946 0888").concat(), "", "two numbers are not one");
        assert_eq!(numbers("+354 581 +1 212"), ["354581", "354581", "", ""], "a plus begins another");
        assert!(is_found("in 2019 and 2020", "2019 2020") && !is_found("in 2019", "2019 2020"));
        assert_eq!(marked("call 02079460999 please", "020 7946 0999"), "call [02079460999] please");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_is_found_by_its_own_words(text: String) {
            let found = words_and_beginnings(&text);
            for word in typed(&text) {
                // A reference is asked for by its groups.
                proptest::prop_assert!(found.contains(&word) || word.len() == 4 || word == "bw", "{word}");
            }
            let _marked = marked(&text, &text);
        }
    }
}
