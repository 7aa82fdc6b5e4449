//! What words are: a text is folded (case, accents, width, letters with a stroke), since engines differ in what they can fold,
//! and cut at everything that is neither letter nor digit. Some scripts write no spaces between words; there, a word may
//! begin at any character.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::inquiry::Reference;

/// Nobody searches for more of a word, and an index row stays small.
const LONGEST_WORD: usize = 60;
/// Characters in a row by which a text without spaces is found; a longer search is cut into as many.
const IN_A_ROW: usize = 3;

/// A letter or digit as it is compared, and where it was written.
struct Letter {
    folded: char,
    place: Range<usize>,
}

/// Letters that belong together.
#[derive(Default)]
pub(super) struct Word {
    letters: Vec<Letter>,
    /// Before which letters an apostrophe stands.
    apostrophes: Vec<usize>,
    /// A row of characters of a script without spaces.
    is_row: bool,
}

/// Whether a script writes no spaces between words: Chinese and Japanese, Thai, Lao, Burmese, Khmer (Unicode Standard Annex 14,
/// classes ID, CJ and SA).
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// What normal forms leave apart and people take for the same: capital letters write SS for ß, keyboards lack strokes, and a
/// sigma has another form at the end of a word.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ð' | 'đ' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ł' => "l",
        'ŋ' => "n",
        'ø' => "o",
        'ŧ' => "t",
        'ς' => "σ",
        _ => return None,
    })
}

fn folded(c: char) -> Vec<char> {
    let letters = std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let letters = letters.flat_map(|c| plain(c).map_or_else(|| vec![c], |plain| plain.chars().collect()));
    letters.filter(|c| c.is_alphanumeric()).collect()
}

/// The words of a text, in their order.
pub(super) fn cut(text: &str) -> Vec<Word> {
    let (mut words, mut word): (Vec<Word>, Word) = Default::default();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let end = start + c.len_utf8();
        if is_combining_mark(c) {
            word.letters.last_mut().into_iter().for_each(|letter| letter.place.end = end);
        } else if c.is_alphanumeric() {
            if word.is_row != is_unspaced(c) {
                words.push(std::mem::take(&mut word));
                word.is_row = is_unspaced(c);
            }
            match c.is_ascii() {
                // Most are, and need no table.
                true => word.letters.push(Letter { folded: c.to_ascii_lowercase(), place: start..end }),
                false => word.letters.extend(folded(c).into_iter().map(|folded| Letter { folded, place: start..end })),
            }
        } else if matches!(c, '\'' | '’') && !word.is_row && rest.peek().is_some_and(|(_, next)| next.is_alphanumeric())
        {
            word.apostrophes.push(word.letters.len());
        } else {
            words.push(std::mem::take(&mut word));
        }
    }
    words.push(word);
    words.retain(|word| !word.letters.is_empty());
    words
}

impl Word {
    fn text(&self, place: Range<usize>) -> String {
        self.letters.get(place).into_iter().flatten().map(|letter| letter.folded).take(LONGEST_WORD).collect()
    }

    /// "O’Neill" is found as "oneill", as "o" and as "neill"; what begins with a character of a row, as a few of them.
    fn forms(&self) -> Vec<String> {
        let all = self.letters.len();
        if self.is_row {
            return (0..all).map(|start| self.text(start..all.min(start + IN_A_ROW))).collect();
        }
        let ends = self.apostrophes.iter().copied().chain([all]);
        let parts = ends.scan(0, |start, end| Some(std::mem::replace(start, end)..end)).map(|part| self.text(part));
        let mut forms = vec![self.text(0..all)];
        forms.extend(parts.filter(|part| !part.is_empty() && !self.apostrophes.is_empty()));
        forms
    }

    /// What must be found for this word.
    pub(super) fn asked(&self) -> Vec<String> {
        let all = self.letters.len();
        let whole = self.text(0..all);
        if self.is_row {
            // Side by side, and the last ones: together they leave no character out.
            let starts = (0..all.saturating_sub(IN_A_ROW)).step_by(IN_A_ROW).chain([all.saturating_sub(IN_A_ROW)]);
            return starts.map(|start| self.text(start..all.min(start + IN_A_ROW))).collect();
        }
        let is_mixed = whole.contains(|c: char| c.is_ascii_digit()) && whole.contains(char::is_alphabetic);
        match Reference::parse(&whole).filter(|_| is_mixed) {
            Some(reference) => reference.groups().iter().map(|group| group.to_lowercase()).collect(),
            None => vec![whole],
        }
    }

    /// Whether the letters from a place on are these.
    fn reads(&self, start: usize, word: &str) -> bool {
        let mut letters = self.letters.iter().skip(start).map(|letter| letter.folded);
        word.chars().all(|c| letters.next() == Some(c))
    }

    /// Where one of the words that were asked for begins in it: a row shows them anywhere.
    pub(super) fn begin(&self, word: &str) -> impl Iterator<Item = usize> {
        let starts = if self.is_row { 0..self.letters.len() } else { 0..1 };
        starts.chain(self.apostrophes.iter().copied()).filter(move |start| self.reads(*start, word))
    }

    /// Its digits; None when there is a letter in it.
    pub(super) fn digits(&self) -> Option<String> {
        self.letters.iter().map(|letter| Some(letter.folded).filter(char::is_ascii_digit)).collect()
    }

    /// Where it stands in its text, in bytes.
    pub(super) fn place(&self) -> Range<usize> {
        let (first, last) = (self.letters.first(), self.letters.last());
        first.map_or(0, |letter| letter.place.start)..last.map_or(0, |letter| letter.place.end)
    }

    /// Where it shows one of the words that were asked for.
    pub(super) fn hits(&self, asked: &[&str]) -> Vec<Range<usize>> {
        let place = |letters: &[Letter]| Some(letters.first()?.place.start..letters.last()?.place.end);
        if !self.is_row {
            let is_hit = asked.iter().any(|word| self.begin(word).next().is_some());
            return place(&self.letters).filter(|_| is_hit).into_iter().collect();
        }
        let of = |word: &&str| {
            let long = word.chars().count();
            self.begin(word).filter_map(move |start| place(self.letters.get(start..start + long)?)).collect::<Vec<_>>()
        };
        asked.iter().flat_map(of).collect()
    }
}

/// What a text is found by: its words, and however much of their beginnings somebody may type.
pub fn words_and_beginnings(text: &str) -> BTreeSet<String> {
    let beginnings_of = |word: String| {
        let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).skip(1).chain([word.len()]).collect();
        ends.into_iter().map(move |end| word[..end].to_owned())
    };
    cut(text).iter().flat_map(Word::forms).flat_map(beginnings_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_the_beginnings_of_its_words() {
        let found = words_and_beginnings("Rückenschmerzen, it");
        let expected = "r ru ruc ruck rucke rucken ruckens ruckensc ruckensch ruckenschm ruckenschme ruckenschmer ruckenschmerz \
                        ruckenschmerze ruckenschmerzen i it";
        assert_eq!(found, expected.split(' ').map(str::to_owned).collect());
        assert!(!found.contains("schmerzen") && words_and_beginnings("").is_empty());
    }
}
