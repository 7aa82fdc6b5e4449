//! What a person may have that matters before a massage, and what we then say.
//! A caution is advice to a person; it never refuses an inquiry.

use super::fault::suggestion;
use super::front::File;
use super::slug::Slug;
use super::source::{Source, Sources};
use super::table::Table;

/// Something about a person's health that a caution can name. Its file's name is its slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    slug: Slug,
    order: i64,
    name: String,
    label: String,
}

impl Condition {
    /// The short name used in the form and the database.
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// Its place in lists; lower comes first.
    pub fn order(&self) -> i64 {
        self.order
    }

    /// What staff call it: "Pregnancy".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a person ticks: "I am pregnant".
    pub fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn read(file: File<'_>, slug: Slug) -> Option<Self> {
        let parsed = file.parse()?;
        let root = parsed.root();
        let (order, name, label) = (root.number("order", 0..=9999), root.text("name"), root.text("label"));
        root.finish();
        Some(Self { slug, order: order?, name: name?, label: label? })
    }
}

/// How strongly a caution speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Do not have this massage now.
    Avoid,
    /// Ask a doctor or midwife first.
    Ask,
}

impl Level {
    /// True for `Avoid`, so that a template can choose its words.
    pub fn is_avoid(self) -> bool {
        self == Self::Avoid
    }

    fn read(table: &Table<'_, '_>) -> Option<Self> {
        match table.word("level")?.as_str() {
            "avoid" => Some(Self::Avoid),
            "ask" => Some(Self::Ask),
            other => {
                table.fault("level", format!("the level `{other}` is not known; write avoid or ask"));
                None
            }
        }
    }
}

/// One plain sentence for people who have a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caution {
    condition: Slug,
    level: Level,
    words: String,
    source: Source,
    line: usize,
}

impl Caution {
    /// The condition it is about.
    pub fn condition(&self) -> &Slug {
        &self.condition
    }

    /// How strongly it speaks.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The sentence itself.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Who says so.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The line of the file with its words.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Reads `[[cautions]]`, of which there must be at least one. None is a noted fault.
    pub(super) fn read_all(parent: &Table<'_, '_>, conditions: &[Slug], sources: &Sources) -> Option<Vec<Self>> {
        let tables = parent.tables("cautions");
        if tables.is_empty() {
            parent.fault(
                "cautions",
                "the caution list is empty; add [[cautions]] with condition, level, words and source",
            );
            return None;
        }
        let mut cautions: Vec<Self> = Vec::new();
        for table in tables {
            let Some(caution) = Self::read(&table, conditions, sources) else { continue };
            if cautions.iter().any(|known| known.condition == caution.condition) {
                table.fault("condition", format!("`{}` has two cautions here; make them one", caution.condition));
            }
            cautions.push(caution);
        }
        Some(cautions).filter(|cautions| !cautions.is_empty())
    }

    fn read(table: &Table<'_, '_>, conditions: &[Slug], sources: &Sources) -> Option<Self> {
        let condition = table.word("condition").and_then(|slug| find_condition(table, &slug, conditions));
        let (level, words) = (Level::read(table), table.text("words"));
        let source = sources.named(table, "source");
        table.finish();
        Some(Self { condition: condition?, level: level?, words: words?, source: source?, line: table.line("words") })
    }
}

/// `known` are the names of the files, so that a faulty file is reported once, in its own place.
fn find_condition(table: &Table<'_, '_>, slug: &str, known: &[Slug]) -> Option<Slug> {
    let found = known.iter().find(|known| known.as_str() == slug);
    if found.is_none() {
        let remedy = suggestion(slug, known.iter().map(Slug::as_str), "add a file for it to conditions/");
        table.fault("condition", format!("the condition `{slug}` is not known; {remedy}"));
    }
    found.cloned()
}
