//! Where a search was right: the words around a hit, cut from the text as it was written, with the hits marked. Computed
//! from the few rows of a page after they were opened; nothing of it is kept.

use std::ops::Range;

use crate::store::asked::{Asked, hits};

/// Which part of the room is for what stands before the first hit, so that it is read in its sentence.
const LEAD: usize = 3;
/// Room for a mark, and how many there are at most in a text of which a page has many: further ones would make it heavy.
const A_MARK: usize = 20;
const MOST_MARKS: usize = 2;
/// A text with more room is one of few.
const MUCH_ROOM: usize = 80;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub text: String,
    pub is_hit: bool,
}

/// A text on one line, as much of it as there is room for, with its hits marked. Room is in bytes of the page.
pub(super) fn marked(text: &str, asked: &[Asked], room: usize) -> Vec<Part> {
    let shown = cut(&one_line(text), 0, room);
    parts(&shown, &hits(&shown, asked), most_marks(room))
}

fn most_marks(room: usize) -> usize {
    if room > MUCH_ROOM { room / A_MARK } else { (room / A_MARK).min(MOST_MARKS) }
}

/// As much of a text as there is room for, on one line.
pub(super) fn shortened(text: &str, room: usize) -> String {
    cut(&one_line(text), 0, room)
}

/// The surroundings of the first of `sought`, with every hit marked; None without one.
pub(super) fn around(text: &str, sought: &[Asked], asked: &[Asked], room: usize) -> Option<Vec<Part>> {
    let line = one_line(text);
    let first = hits(&line, sought).first()?.start;
    let before: Vec<usize> = line[..first].char_indices().map(|(at, _)| at).collect();
    let start = match before.len().checked_sub(room / LEAD) {
        // From the beginning of a word, where there is one.
        Some(back) if back > 0 => {
            line[before[back]..first].find(' ').map_or(before[back], |space| before[back] + space + 1)
        }
        _ => 0,
    };
    let shown = cut(&line, start, room);
    Some(parts(&shown, &hits(&shown, asked), most_marks(room)))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Bytes that a character takes in the page.
fn weight(c: char) -> usize {
    match c {
        '<' | '>' | '&' | '"' | '\'' => 5,
        _ => c.len_utf8(),
    }
}

/// What there is room for from a byte on, with an ellipsis where something was left out.
fn cut(line: &str, start: usize, room: usize) -> String {
    let rest = &line[start..];
    let mut taken = 0;
    let end = rest.char_indices().find(|(_, c)| {
        taken += weight(*c);
        taken > room
    });
    let (before, after) = (if start > 0 { "…" } else { "" }, if end.is_some() { "…" } else { "" });
    format!("{before}{}{after}", &rest[..end.map_or(rest.len(), |(end, _)| end)])
}

fn parts(text: &str, hits: &[Range<usize>], most: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |text: &str, is_hit| {
        if !text.is_empty() {
            parts.push(Part { text: text.to_owned(), is_hit });
        }
    };
    let mut done = 0;
    for hit in hits.iter().take(most) {
        add(&text[done..hit.start], false);
        add(&text[hit.clone()], true);
        done = hit.end;
    }
    add(&text[done..], false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::asked::asked;

    const ROOM: usize = 96;

    fn shown(text: &str, search: &str) -> String {
        let words = asked(search);
        let parts = around(text, &words, &words, ROOM).unwrap_or_default();
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
        assert!(shown.chars().count() < ROOM + 6, "{shown}");
    }

    #[test]
    fn no_script_makes_a_line_heavier_than_another() {
        for text in ["word ".repeat(99), "रीढ़ में ".repeat(99), "'<&\">".repeat(99), "😀".repeat(99)] {
            let shown = cut(&text, 0, ROOM);
            let bytes: usize = shown.trim_end_matches('…').chars().map(weight).sum();
            assert!((ROOM - 5..=ROOM).contains(&bytes), "{bytes} of {shown}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_and_marking_changes_no_character(text: String, words: String) {
            let words = asked(&words);
            let line = one_line(&text);
            let whole: String = marked(&text, &words, usize::MAX).into_iter().map(|part| part.text).collect();
            proptest::prop_assert_eq!(whole, line);
            let _shown = around(&text, &words, &words, ROOM);
        }
    }
}
