//! Lines of a reply that hold only "-" and wait to be filled, as ready replies have them. Each has a box of its own above the
//! reply, because without a script no cursor can be put into a text. What is typed there goes into the text with whatever
//! button is pressed, so that nothing but the reply itself has to be kept.

use super::body::Fields;

/// A reply with more has no boxes: it is written by hand.
const MOST_GAPS: usize = 12;
/// Characters of the line before a gap that its label repeats.
const LONGEST_END: usize = 60;

/// The box of a gap.
pub(super) struct Gap {
    /// The end of the line before it; None at the beginning of the reply.
    pub after: Option<String>,
    /// Which it is of how many behind the same line; None for the only one.
    pub place: Option<(usize, usize)>,
}

/// A reply with what was typed into the boxes. What was left empty still waits in it.
pub(super) struct Filled {
    pub reply: String,
    /// Whether anything was typed into a box.
    pub is_filled: bool,
    /// Whether each box stood for one line: else somebody changed these lines by hand beside them.
    pub is_sure: bool,
}

impl Filled {
    /// As a form was sent.
    pub(super) fn of(fields: &Fields) -> Self {
        fill(&fields.text("message"), &fields.texts("gap"))
    }

    /// What is sent: beside a box that was filled, one that was left empty takes its line away. So does one that is left of
    /// a list, since its other boxes may have been filled before the page was left.
    pub(super) fn whole(self) -> String {
        let lines: Vec<&str> = self.reply.split('\n').collect();
        let is_out = |at: usize| is_gap(lines[at]) && (self.is_filled || is_beside_words(&lines, at));
        without(&lines, is_out)
    }
}

/// Whether a line waits to be filled.
pub(super) fn is_gap(line: &str) -> bool {
    line.trim() == "-"
}

/// The boxes for a reply.
pub(super) fn gaps(reply: &str) -> Vec<Gap> {
    let lines: Vec<&str> = reply.lines().collect();
    let before = |at: usize| lines[..at].iter().rposition(|line| !line.trim().is_empty() && !is_gap(line));
    let found = lines.iter().enumerate().filter(|(_, line)| is_gap(line));
    let found: Vec<Option<usize>> = found.map(|(at, _)| before(at)).collect();
    if found.len() > MOST_GAPS {
        return Vec::new();
    }
    let gap = |(number, line): (usize, &Option<usize>)| {
        let count = |some: &[Option<usize>]| some.iter().filter(|other| *other == line).count();
        let (place, all) = (count(&found[..=number]), count(&found));
        Gap { after: line.map(|at| end_of(lines[at])), place: (all > 1).then_some((place, all)) }
    };
    found.iter().enumerate().map(gap).collect()
}

fn end_of(line: &str) -> String {
    let line = line.trim();
    let length = line.chars().count();
    if length <= LONGEST_END {
        return line.to_owned();
    }
    let end: String = line.chars().skip(length - LONGEST_END).collect();
    format!("…{}", end.split_once(' ').map_or(end.as_str(), |(_, whole_words)| whole_words))
}

fn fill(reply: &str, typed: &[String]) -> Filled {
    let typed: Vec<&str> = typed.iter().map(|words| if is_gap(words) { "" } else { words.trim() }).collect();
    if typed.iter().all(|words| words.is_empty()) {
        return Filled { reply: reply.to_owned(), is_filled: false, is_sure: true };
    }
    let text = reply.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let is_sure = lines.iter().filter(|line| is_gap(line)).count() == typed.len();
    // Where the lines were changed beside the boxes, nothing says any more which box was left empty.
    let mut words = typed.into_iter().filter(|words| is_sure || !words.is_empty());
    let line = |(at, line): (usize, &&str)| match is_gap(line).then(|| words.next()).flatten() {
        Some(typed) if !typed.is_empty() => in_place_of(&lines, at, typed),
        _ => (*line).to_owned(),
    };
    let mut filled = lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n");
    for left in words {
        filled = format!("{}\n\n{left}", filled.trim_end());
    }
    Filled { reply: filled, is_filled: true, is_sure }
}

/// One of several stays a line of their list; the only one becomes a paragraph.
fn in_place_of(lines: &[&str], at: usize, words: &str) -> String {
    let is_listed = |line: Option<&&str>| line.is_some_and(|line| line.trim_start().starts_with('-'));
    if !is_listed(lines.get(at + 1)) && !is_listed(at.checked_sub(1).and_then(|before| lines.get(before))) {
        return words.to_owned();
    }
    let words = words.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    format!("- {}", words.strip_prefix("- ").unwrap_or(&words))
}

/// Whether a gap is part of a list in which something is written.
fn is_beside_words(lines: &[&str], at: usize) -> bool {
    let is_item = |line: Option<&&str>| line.is_some_and(|line| line.trim().starts_with("- "));
    let after = lines[at..].iter().find(|line| !is_gap(line));
    let before = lines[..at].iter().rfind(|line| !is_gap(line));
    is_item(after) || is_item(before)
}

/// Where a line that stood alone is gone, one empty line is left of the two around it.
fn without(lines: &[&str], is_out: impl Fn(usize) -> bool) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut is_behind_a_gap = false;
    for (at, line) in lines.iter().enumerate() {
        let is_empty = line.trim().is_empty();
        if is_out(at) {
            is_behind_a_gap = true;
            continue;
        }
        if is_behind_a_gap && is_empty && kept.last().is_none_or(|before| before.trim().is_empty()) {
            continue;
        }
        is_behind_a_gap = false;
        kept.push(line);
    }
    kept.join("\n")
}
