//! Who says what our claims say: publications and practices, listed once for all pages.

use jiff::civil::Date;

use super::fault::suggestion;
use super::front::File;
use super::slug::{Slug, read_slug};
use super::table::Table;

/// A publication or a practice that a claim rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    id: Slug,
    title: String,
    author: String,
    publisher: String,
    year: Option<i16>,
    url: Option<String>,
    kind: String,
    checked_on: Date,
}

impl Source {
    /// The short name that claims and links use: `nhs-back-pain`.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// The title of the work.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Who wrote it; empty when nobody is named besides the publisher.
    pub fn author(&self) -> &str {
        &self.author
    }

    /// Where it appeared.
    pub fn publisher(&self) -> &str {
        &self.publisher
    }

    /// The year in which it appeared; None for pages that are kept up to date.
    pub fn year(&self) -> Option<i16> {
        self.year
    }

    /// Where it can be read.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// What sort of work it is, in plain words: "review of trials", "guideline".
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// When our words were last compared with it.
    pub fn checked_on(&self) -> Date {
        self.checked_on
    }

    /// The id that a page gives the source in its list, and that links in the text point to.
    pub fn anchor(&self) -> String {
        format!("source-{}", self.id)
    }

    fn read(table: &Table<'_, '_>) -> Option<Self> {
        let id = read_slug(table, "id");
        let (title, publisher, kind) = (table.word("title"), table.word("publisher"), table.word("kind"));
        let author = table.optional_word("author").unwrap_or_default();
        let url = table.optional_word("url");
        if url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
            table.fault("url", "the address of a source must begin with https://; write it in full");
        }
        let year = table.optional_word("year").map(|year| year.parse::<i16>());
        if let Some(Err(_)) = year {
            table.fault("year", "`year` is not a year; write year = \"2015\"");
        }
        let checked_on = table.date("checked_on");
        table.finish();
        let year = year.and_then(Result::ok);
        Some(Self {
            id: id?,
            title: title?,
            author,
            publisher: publisher?,
            year,
            url,
            kind: kind?,
            checked_on: checked_on?,
        })
    }
}

/// Every source that may be named.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) all: Vec<Source>,
    /// Every entry could be read. While one cannot, an id that is not found may well be its own,
    /// and to call it unknown would send the editor to the wrong file.
    whole: bool,
}

impl Sources {
    /// No source at all: for text that stands where none are listed.
    pub(super) fn none() -> Self {
        Self { all: Vec::new(), whole: true }
    }

    /// Reads `sources.toml`.
    pub(super) fn read(file: File<'_>) -> Option<Self> {
        let parsed = file.parse()?;
        let root = parsed.root();
        let mut sources = Self::none();
        for table in root.tables("source") {
            let Some(source) = Source::read(&table) else {
                sources.whole = false;
                continue;
            };
            if sources.get(source.id()).is_some() {
                table.fault("id", format!("the source `{}` is written twice; remove one", source.id));
            }
            sources.all.push(source);
        }
        root.finish();
        Some(sources)
    }

    /// The source with this id.
    pub(super) fn get(&self, id: &str) -> Option<&Source> {
        self.all.iter().find(|source| source.id() == id)
    }

    /// The source with this id; an unknown one is a fault at this byte of the file.
    pub(super) fn find(&self, file: File<'_>, at: usize, id: &str) -> Option<&Source> {
        let found = self.get(id);
        if found.is_none() && self.whole {
            let remedy = suggestion(id, self.all.iter().map(Source::id), "add it to sources.toml");
            file.fault(at, format!("the source `{id}` is not known; {remedy}"));
        }
        found
    }

    /// The source that a key names.
    pub(super) fn named(&self, table: &Table<'_, '_>, key: &'static str) -> Option<Source> {
        let id = table.word(key)?;
        self.find(table.file, table.place(key), &id).cloned()
    }

    /// The sources behind the ids that a text links to, each once.
    pub(super) fn cited(&self, ids: &[String]) -> Vec<Source> {
        gather(ids.iter().filter_map(|id| self.get(id)))
    }
}

/// The sources of a page, each once, in the order in which they are met.
pub(super) fn gather<'s>(met: impl Iterator<Item = &'s Source>) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for source in met {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    sources
}
