//! What every page has: its title and first words, its review, its sections. It knows no particular page.

use jiff::civil::Date;

use super::front::File;
use super::markdown::{Section, render};
use super::source::{Source, Sources};
use super::table::Table;

/// The words at the top of a page and for search engines.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) title: String,
    pub(super) heading: String,
    pub(super) description: String,
    pub(super) lead: String,
}

impl Head {
    pub(super) fn read(table: &Table<'_, '_>) -> Option<Self> {
        let (title, heading) = (table.text("title"), table.text("heading"));
        let (description, lead) = (read_description(table), table.text("lead"));
        Some(Self { title: title?, heading: heading?, description: description?, lead: lead? })
    }
}

/// Search engines cut off what is longer, in the middle of a thought.
const LONGEST_DESCRIPTION: usize = 160;

/// The description for search engines.
pub(super) fn read_description(table: &Table<'_, '_>) -> Option<String> {
    let description = table.text("description")?;
    let length = description.chars().count();
    if length > LONGEST_DESCRIPTION {
        table.remark(
            "description",
            format!("the description has {length} characters; search engines cut it after {LONGEST_DESCRIPTION}"),
        );
    }
    Some(description)
}

/// Who vouches for a page and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    written_on: Date,
    reviewer: Option<(String, Date)>,
    next_review: Date,
    /// Where an editor would write the reviewer, and where the next review stands.
    lines: (usize, usize),
}

impl Review {
    /// When the words were last written or changed.
    pub fn written_on(&self) -> Date {
        self.written_on
    }

    /// The clinician who reviewed the page. None: nobody yet, and the page must say so.
    pub fn reviewed_by(&self) -> Option<&str> {
        self.reviewer.as_ref().map(|(name, _)| name.as_str())
    }

    /// When the clinician reviewed it.
    pub fn reviewed_on(&self) -> Option<Date> {
        self.reviewer.as_ref().map(|(_, date)| *date)
    }

    /// When it must be looked at again.
    pub fn next_review(&self) -> Date {
        self.next_review
    }

    /// When the words that stand now were written or confirmed.
    pub fn dated(&self) -> Date {
        self.reviewed_on().map_or(self.written_on, |on| on.max(self.written_on))
    }

    /// The line of the file that names the reviewer, or could.
    pub(super) fn line(&self) -> usize {
        self.lines.0
    }

    /// The line of the file with the next review.
    pub(super) fn line_of_next(&self) -> usize {
        self.lines.1
    }

    pub(super) fn read(table: &Table<'_, '_>) -> Option<Self> {
        let (written_on, next_review) = (table.date("written_on"), table.date("next_review"));
        let key = ["reviewed_by", "written_on"].into_iter().find(|key| table.has(key)).unwrap_or_default();
        let lines = (table.line(key), table.line("next_review"));
        let reviewer = read_reviewer(table);
        let (written_on, next_review) = (written_on?, next_review?);
        if next_review <= written_on {
            table.fault("next_review", "the next review is not after the day of writing; write a later date");
        }
        Some(Self { written_on, reviewer, next_review, lines })
    }
}

/// Reads who has reviewed something, and when: both or neither.
pub(super) fn read_reviewer(table: &Table<'_, '_>) -> Option<(String, Date)> {
    let (by, on) = (table.optional_word("reviewed_by"), table.optional_date("reviewed_on"));
    if by.is_some() != on.is_some() {
        table.fault(
            "reviewed_by",
            "a review needs a name and a day; write both reviewed_by and reviewed_on, or neither",
        );
    }
    by.zip(on)
}

/// A page of plain sections: the comparison, the privacy statement, the accessibility statement.
#[derive(Clone, Debug)]
pub struct Page {
    head: Head,
    sections: Vec<Section>,
    sources: Vec<Source>,
    review: Review,
}

impl Page {
    /// The title for the browser's tab.
    pub fn title(&self) -> &str {
        &self.head.title
    }

    /// The heading at the top.
    pub fn heading(&self) -> &str {
        &self.head.heading
    }

    /// The description for search engines.
    pub fn description(&self) -> &str {
        &self.head.description
    }

    /// The first words below the heading.
    pub fn lead(&self) -> &str {
        &self.head.lead
    }

    /// The sections in order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The sources that the text links to; the page must list them.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Who vouches for it.
    pub fn review(&self) -> &Review {
        &self.review
    }

    /// The same with the markup of each section changed.
    pub(super) fn with_html(self, change: impl Fn(&str) -> String) -> Self {
        let sections = self.sections.into_iter().map(|section| section.with_html(&change)).collect();
        Self { sections, ..self }
    }

    /// Reads the settings that every page has, and its sections; the caller finishes the group.
    pub(super) fn read(file: File<'_>, root: &Table<'_, '_>, body: (&str, usize), sources: &Sources) -> Option<Self> {
        let (head, review) = (Head::read(root), Review::read(root));
        let body = render(file, body, sources);
        let cited = sources.cited(&body.cited);
        Some(Self { head: head?, sections: body.sections, sources: cited, review: review? })
    }
}
