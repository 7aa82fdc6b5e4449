//! Replies to begin from. Each is a file with a title and plain words; a placeholder in braces stands for what is
//! known of the inquiry. A placeholder that nobody can fill is a fault at start, with its line: nobody is written to
//! as "Dear {nmae}".

use std::ops::Range;

use super::fault::suggestion;
use super::front::File;
use super::slug::Slug;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    Name,
    Reference,
    Technique,
    Clinic,
    Phone,
    Staff,
}

const PLACEHOLDERS: [(&str, Placeholder); 6] = [
    ("name", Placeholder::Name),
    ("reference", Placeholder::Reference),
    ("technique", Placeholder::Technique),
    ("clinic", Placeholder::Clinic),
    ("phone", Placeholder::Phone),
    ("staff", Placeholder::Staff),
];

/// What a template is filled in with.
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the names are those of the placeholders, documented in content/README.md")]
pub struct ReplyValues<'a> {
    pub name: &'a str,
    pub reference: &'a str,
    pub technique: &'a str,
    pub clinic: &'a str,
    pub phone: &'a str,
    pub staff: &'a str,
}

/// A reply to begin from.
#[derive(Clone, Debug)]
pub struct ReplyTemplate {
    slug: Slug,
    title: String,
    order: i64,
    needs_number: bool,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Words(String),
    Value(Placeholder),
}

impl ReplyTemplate {
    pub(super) fn read(file: File<'_>, slug: Slug) -> Option<Self> {
        let parsed = file.parse()?;
        let root = parsed.root();
        let (title, order) = (root.word("title"), root.number("order", 0..=10_000));
        let needs = root.optional_word("needs");
        if needs.as_ref().is_some_and(|needs| needs != "phone") {
            root.fault("needs", "only `phone` can be needed");
        }
        root.finish();
        let (body, at) = parsed.body();
        if body.trim().is_empty() {
            file.fault(at, "there are no words; write the reply below the settings");
        }
        let parts = parts(file, body.trim_start_matches('\n').trim_end(), at + leading_breaks(body));
        Some(Self { slug, title: title?, order: order?, needs_number: needs.is_some(), parts: parts? })
    }

    /// The file's name without its ending.
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// What staff choose it by.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether it makes sense only for who gave a number to call.
    pub fn needs_number(&self) -> bool {
        self.needs_number
    }

    pub(super) fn order(&self) -> i64 {
        self.order
    }

    /// The words with every placeholder filled in, for a person to go on writing.
    pub fn filled(&self, values: &ReplyValues<'_>) -> String {
        let part = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::Value(Placeholder::Name) => values.name.to_owned(),
            Part::Value(Placeholder::Reference) => values.reference.to_owned(),
            Part::Value(Placeholder::Technique) => values.technique.to_owned(),
            Part::Value(Placeholder::Clinic) => values.clinic.to_owned(),
            Part::Value(Placeholder::Phone) => values.phone.to_owned(),
            Part::Value(Placeholder::Staff) => values.staff.to_owned(),
        };
        self.parts.iter().map(part).collect()
    }
}

fn leading_breaks(body: &str) -> usize {
    body.len() - body.trim_start_matches('\n').len()
}

/// The words and placeholders of a text that begins at byte `at` of the file; None when a fault was noted.
fn parts(file: File<'_>, text: &str, at: usize) -> Option<Vec<Part>> {
    let (mut parts, mut is_right, mut from) = (Vec::new(), true, 0);
    while let Some(Range { start, end }) = braces(text, from) {
        parts.push(Part::Words(text[from..start].to_owned()));
        let name = text[start..end].trim_start_matches('{').trim_end_matches('}');
        match PLACEHOLDERS.iter().find(|(known, _)| *known == name) {
            Some((_, placeholder)) => parts.push(Part::Value(*placeholder)),
            None => {
                let known = PLACEHOLDERS.iter().map(|(known, _)| *known);
                let remedy = suggestion(name, known, "README.md lists the placeholders");
                file.fault(at + start, format!("`{}` stands for nothing; {remedy}", &text[start..end]));
                is_right = false;
            }
        }
        from = end;
    }
    parts.push(Part::Words(text[from..].to_owned()));
    is_right.then_some(parts)
}

/// The next thing in braces, or a brace that is alone on its line.
fn braces(text: &str, from: usize) -> Option<Range<usize>> {
    let start = from + text[from..].find(['{', '}'])?;
    let line = text[start..].find('\n').map_or(text.len(), |length| start + length);
    let end = text[start..line].find('}').map_or(start + 1, |length| start + length + 1);
    Some(start..end)
}
