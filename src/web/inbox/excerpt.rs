//! Where a search was right: the words around a hit, cut from the text as it was written, with the hits marked. Computed
//! from the few rows of a page after they were opened; nothing of it is kept.

use unicode_normalization::char::is_combining_mark;

use crate::store::search;

/// Characters of a text shown in a line.
const LENGTH: usize = 96;
/// Characters shown before the first hit, so that it is read in its sentence.
const LEAD: usize = 30;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub text: String,
    pub is_hit: bool,
}

/// The beginning of a text, on one line.
pub(super) fn beginning(text: &str) -> Vec<Part> {
    let line = one_line(text);
    vec![Part { text: cut(&line, 0), is_hit: false }]
}

/// The whole of a short text, with its hits marked.
pub(super) fn marked(text: &str, words: &[String]) -> Vec<Part> {
    parts(text, &hits(text, words))
}

/// The surroundings of the first hit; None without one.
pub(super) fn around(text: &str, words: &[String]) -> Option<Vec<Part>> {
    let line = one_line(text);
    let (first, _) = *hits(&line, words).first()?;
    let before: Vec<usize> = line[..first].char_indices().map(|(at, _)| at).collect();
    let start = match before.len().checked_sub(LEAD) {
        // From the beginning of a word, where there is one.
        Some(back) if back > 0 => {
            line[before[back]..first].find(' ').map_or(before[back], |space| before[back] + space + 1)
        }
        _ => 0,
    };
    let shown = cut(&line, start);
    Some(parts(&shown, &hits(&shown, words)))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line's worth of a text from a byte on, with an ellipsis where something was left out.
fn cut(line: &str, start: usize) -> String {
    let rest = &line[start..];
    let end = rest.char_indices().nth(LENGTH).map(|(end, _)| end);
    let (before, after) = (if start > 0 { "…" } else { "" }, if end.is_some() { "…" } else { "" });
    format!("{before}{}{after}", &rest[..end.unwrap_or(rest.len())])
}

/// Where words stand that begin with one that was looked for, as ranges of bytes. A word is compared as the search compares it.
fn hits(text: &str, words: &[String]) -> Vec<(usize, usize)> {
    let is_hit = |word: &str| search::words(word).iter().any(|word| words.iter().any(|asked| word.starts_with(asked)));
    let mut found = Vec::new();
    let mut begun = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let belongs = c.is_alphanumeric() || is_combining_mark(c);
        match begun {
            None if belongs => begun = Some(at),
            Some(start) if !belongs => {
                if is_hit(&text[start..at]) {
                    found.push((start, at));
                }
                begun = None;
            }
            _ => {}
        }
    }
    found
}

fn parts(text: &str, hits: &[(usize, usize)]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |text: &str, is_hit| {
        if !text.is_empty() {
            parts.push(Part { text: text.to_owned(), is_hit });
        }
    };
    let mut done = 0;
    for &(start, end) in hits {
        add(&text[done..start], false);
        add(&text[start..end], true);
        done = end;
    }
    add(&text[done..], false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, words: &str) -> String {
        let words: Vec<String> = search::words(words).into_iter().collect();
        let parts = around(text, &words).unwrap_or_default();
        parts.iter().map(|part| if part.is_hit { format!("[{}]", part.text) } else { part.text.clone() }).collect()
    }

    #[test]
    fn a_hit_is_marked_as_it_was_written_whatever_was_typed() {
        assert_eq!(
            shown("Meine Rückenschmerzen,\nseit Montag", "ruckenschmerzen MONTAG"),
            "Meine [Rückenschmerzen], seit [Montag]"
        );
        assert_eq!(shown("Ru\u{308}cken and ﬁne", "rücken fine"), "[Ru\u{308}cken] and [ﬁne]");
        assert_eq!(shown("<b>knee</b> & \"hip\"", "hip"), "<b>knee</b> & \"[hip]\"");
        assert_eq!(shown("knee", "hip"), "");
        assert_eq!(shown("", "hip"), "");
    }

    #[test]
    fn a_hit_far_inside_is_shown_in_its_sentence() {
        let long = format!("{} my left knee hurts {}", "before ".repeat(50), "after ".repeat(50));
        let shown = shown(&long, "knee");
        assert!(
            shown.starts_with("…before") && shown.contains("my left [knee] hurts after") && shown.ends_with('…'),
            "{shown}"
        );
        assert!(shown.chars().count() < LENGTH + 6, "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_and_marking_changes_no_character(text: String, words: String) {
            let words: Vec<String> = search::words(&words).into_iter().collect();
            let whole: String = marked(&text, &words).into_iter().map(|part| part.text).collect();
            proptest::prop_assert_eq!(whole, text.clone());
            let _shown = around(&text, &words);
            let _begun = beginning(&text);
        }
    }
}
