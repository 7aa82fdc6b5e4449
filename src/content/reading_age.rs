//! How old a reader must be: the Flesch–Kincaid grade level (Kincaid and others, 1975, for the United States Navy) and
//! five years, the age at which school begins. It measures the length of sentences and words, and nothing else.

/// The highest age that a page of ours should ask for: plain health English in the United Kingdom is written for 9 to 11.
pub const OLDEST_READER: f64 = 11.0;

/// What the formula counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    sentences: u32,
    words: u32,
    syllables: u32,
}

/// The reading age of texts, each a paragraph or an item of a list. None when they hold no whole sentence: headings, labels
/// and items that end without a mark would only make a page look easier.
pub fn reading_age<'t>(texts: impl IntoIterator<Item = &'t str>) -> Option<f64> {
    let mut counts = Counts::default();
    for text in texts {
        let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ')' | '”' | '"'));
        if text.ends_with(['.', '?', '!', ':']) {
            count(text, &mut counts);
        }
    }
    (counts.sentences > 0 && counts.words > 0).then(|| grade(counts) + 5.0)
}

fn grade(counts: Counts) -> f64 {
    let Counts { sentences, words, syllables } = counts;
    0.39 * f64::from(words) / f64::from(sentences) + 11.8 * f64::from(syllables) / f64::from(words) - 15.59
}

fn count(text: &str, counts: &mut Counts) {
    for part in text.split_whitespace() {
        let spoken: Vec<_> = part.split(['-', '–', '/']).map(syllables).filter(|number| *number > 0).collect();
        counts.words += u32::from(!spoken.is_empty());
        counts.syllables += spoken.iter().sum::<u32>();
        let bare = part.trim_end_matches([')', '”', '"', '’']);
        counts.sentences += u32::from(bare.ends_with(['.', '?', '!']));
    }
    counts.sentences += u32::from(text.ends_with(':'));
}

/// The syllables of a word: its groups of vowels, without an `e` that is not heard at the end (made, makes, used), and with
/// one more where two vowels are said one after the other (di-et, me-di-a, ru-in). A number counts as one word of two
/// syllables, which is what most numbers here have.
fn syllables(word: &str) -> u32 {
    let word: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if word.is_empty() {
        return 0;
    }
    if word.chars().all(|c| c.is_ascii_digit()) {
        return 2;
    }
    let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let letters: Vec<char> = word.chars().collect();
    let mut number: u32 = 0;
    let mut was_vowel = false;
    for (at, &letter) in letters.iter().enumerate() {
        // A first y is a consonant: you, yes.
        let vowel = is_vowel(letter) && !(letter == 'y' && at == 0);
        number += u32::from(vowel && !was_vowel);
        was_vowel = vowel;
    }
    number += parted_vowels(&word);
    number = number.saturating_sub(silent_endings(&word, is_vowel));
    number.max(1)
}

/// Neighbours that are said apart, where the usual spelling does not make one sound of them.
fn parted_vowels(word: &str) -> u32 {
    const PARTED: [&str; 9] = ["ia", "io", "iu", "eo", "ua", "uo", "iet", "ying", "uin"];
    /// One sound after all: na-tion, spe-cial, pa-tient, quick, e-qual, guard, peo-ple, vi-sion.
    const JOINED: [&str; 12] =
        ["tion", "sion", "cial", "tial", "cian", "xious", "cious", "qua", "quo", "gua", "peo", "gion"];
    let found = |parts: &[&str]| parts.iter().map(|part| word.matches(part).count()).sum::<usize>();
    u32::try_from(found(&PARTED).saturating_sub(found(&JOINED))).unwrap_or(0)
}

/// One when the last e is not heard.
fn silent_endings(word: &str, is_vowel: impl Fn(char) -> bool) -> u32 {
    let before = |ending: &str| word.strip_suffix(ending).and_then(|stem| stem.chars().last());
    let silent = if let Some(last) = before("e") {
        // ta-ble keeps its e; made and free do not have one of their own.
        let is_ble = last == 'l' && word.chars().rev().nth(2).is_some_and(|c| !is_vowel(c));
        !is_vowel(last) && !is_ble
    } else if let Some(last) = before("ed") {
        // want-ed and need-ed are heard.
        !is_vowel(last) && !matches!(last, 't' | 'd')
    } else if let Some(last) = before("es") {
        // mas-sa-ges, bo-xes, wi-shes are heard.
        !is_vowel(last)
            && !matches!(last, 's' | 'x' | 'z' | 'g' | 'c')
            && !["shes", "ches", "bles", "cles", "ples", "tles"].iter().any(|end| word.ends_with(end))
    } else {
        false
    };
    u32::from(silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 0.05
    }

    /// Worked values that others have published for the formula.
    #[test]
    fn the_formula_gives_the_published_grades() {
        // "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature": 11.3 (Wikipedia).
        assert!(close(grade(Counts { sentences: 1, words: 13, syllables: 24 }), 11.3));
        // Green Eggs and Ham, 5.7 words a sentence and 1.02 syllables a word: -1.3 (Wikipedia).
        assert!(close(grade(Counts { sentences: 1_000, words: 5_700, syllables: 5_814 }), -1.3));
        // The lowest there is, one-syllable words alone: -3.4 (Wikipedia).
        assert!(close(grade(Counts { sentences: 1, words: 1, syllables: 1 }), -3.4));
    }

    #[test]
    fn syllables_are_those_of_a_dictionary() {
        let rows: [(u32, &[&str]); 5] = [
            (
                1,
                &[
                    "the", "back", "pain", "made", "makes", "used", "pressed", "free", "eased", "through", "you",
                    "quick",
                ],
            ),
            (2, &["massage", "muscle", "doctor", "wanted", "needed", "table", "people", "nation", "pressure", "quiet"]),
            (3, &["massages", "therapy", "physician", "tomorrow", "muscular", "radio", "pregnancy", "injury"]),
            (4, &["circulation", "conditional", "information"]),
            (5, &["university"]),
        ];
        for (number, words) in rows {
            for word in words {
                assert_eq!(syllables(word), number, "{word}");
            }
        }
        assert_eq!((syllables("–"), syllables("3,096"), syllables("low-back")), (0, 2, 2));
    }

    #[test]
    fn whole_sentences_are_measured_and_nothing_else() {
        let mut counts = Counts::default();
        count("The cat sat on the mat. It was low-back pain (weak).", &mut counts);
        assert_eq!(counts, Counts { sentences: 2, words: 11, syllables: 12 });
        assert_eq!(reading_age(["A heading without an end", "an item"]), None);
        let easy = reading_age(["The cat sat on the mat."]).unwrap();
        let mixed = reading_age(["A heading without an end", "The cat sat on the mat."]).unwrap();
        assert!(close(easy, 3.55) && close(easy, mixed), "{easy} {mixed}");
    }
}
