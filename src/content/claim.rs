//! What we say about health, how sure anyone can be of it, who says so and who has looked at it.
//! A claim without a source does not exist.

use jiff::civil::Date;

use super::page::read_reviewer;
use super::source::{Source, Sources};
use super::table::Table;

/// How much a claim can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Studies exist; they leave much doubt.
    Weak,
    /// Studies exist; they agree well enough to be used.
    Some,
    /// A health service or a guideline advises it.
    Advice,
    /// It is what therapists usually do or say; no study is named for it.
    Practice,
}

impl Strength {
    /// The strength in plain words, as a label.
    pub fn words(self) -> &'static str {
        match self {
            Self::Weak => "Weak evidence",
            Self::Some => "Some evidence",
            Self::Advice => "Official health advice",
            Self::Practice => "Told from practice, not proven",
        }
    }

    fn read(table: &Table<'_, '_>) -> Option<Self> {
        const KNOWN: [(&str, Strength); 4] = [
            ("weak", Strength::Weak),
            ("some", Strength::Some),
            ("advice", Strength::Advice),
            ("practice", Strength::Practice),
        ];
        let word = table.word("strength")?;
        let found = KNOWN.iter().find(|(name, _)| *name == word).map(|(_, strength)| *strength);
        if found.is_none() {
            table
                .fault("strength", format!("the strength `{word}` is not known; write weak, some, advice or practice"));
        }
        found
    }
}

/// Who vouches for a claim, when it is not whoever vouches for its page: it was added or changed after the page's review, or
/// reviewed by somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnReview {
    reviewer: Option<(String, Date)>,
    line: usize,
}

impl OwnReview {
    /// As the page says it beside the claim.
    pub fn words(&self) -> String {
        match &self.reviewer {
            Some((by, on)) => format!("reviewed by {by}, {}", on.strftime("%-d %B %Y")),
            None => "a clinician has not yet reviewed this".to_owned(),
        }
    }

    /// The line of the file that says that nobody has reviewed the claim.
    pub(super) fn line_if_open(&self) -> Option<usize> {
        self.reviewer.is_none().then_some(self.line)
    }

    fn read(table: &Table<'_, '_>) -> Option<Self> {
        let key = ["reviewed_by", "reviewed_on"].into_iter().find(|key| table.has(key))?;
        Some(Self { reviewer: read_reviewer(table), line: table.line(key) })
    }
}

/// One statement about health with its strength, at least one source and its review, which is that of its page unless it
/// names another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    text: String,
    strength: Strength,
    sources: Vec<Source>,
    own_review: Option<OwnReview>,
}

impl Claim {
    /// The statement.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How much it can be relied on.
    pub fn strength(&self) -> Strength {
        self.strength
    }

    /// Who says so; never empty.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Who vouches for it; None when whoever vouches for its page does.
    pub fn own_review(&self) -> Option<&OwnReview> {
        self.own_review.as_ref()
    }

    /// Reads `text`, `strength`, `sources` and a review of its own; the caller finishes the group.
    pub(super) fn read(table: &Table<'_, '_>, known: &Sources) -> Option<Self> {
        let (text, strength, own_review) = (table.text("text"), Strength::read(table), OwnReview::read(table));
        let ids = table.words("sources");
        if ids.is_empty() {
            table.fault("sources", "the claim names no source; add sources = [\"…\"] with an id from sources.toml");
        }
        let sources: Vec<_> =
            ids.iter().filter_map(|id| known.find(table.file, table.place("sources"), id).cloned()).collect();
        let all_found = !ids.is_empty() && sources.len() == ids.len();
        Some(Self { text: text?, strength: strength?, sources: all_found.then_some(sources)?, own_review })
    }

    /// Reads a list of claims written as `[[key]]`.
    pub(super) fn read_all(parent: &Table<'_, '_>, key: &'static str, known: &Sources) -> Vec<Self> {
        let tables = parent.tables(key);
        let read = |table: &Table<'_, '_>| {
            let claim = Self::read(table, known);
            table.finish();
            claim
        };
        tables.iter().filter_map(read).collect()
    }
}
