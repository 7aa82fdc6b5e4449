//! A way of massaging: what it is, whom it may suit, who should not have it. Its file's name is its slug.
//! A technique without a caution does not exist.

use super::claim::Claim;
use super::condition::Caution;
use super::front::File;
use super::markdown::{Section, render};
use super::page::{Review, read_description};
use super::slug::Slug;
use super::source::{Source, Sources, gather};
use super::table::Table;

/// One technique, as its page, the comparison and the form need it.
#[derive(Clone, Debug)]
pub struct Technique {
    slug: Slug,
    order: i64,
    name: String,
    in_a_sentence: Option<String>,
    title: String,
    description: String,
    summary: String,
    pressure: u8,
    warmth: u8,
    duration: String,
    best_for: Vec<String>,
    comparison: Comparison,
    cautions: Vec<Caution>,
    what_it_is: Section,
    how_it_may_help: Section,
    what_to_expect: Section,
    more: Vec<Section>,
    claims: Vec<Claim>,
    sources: Vec<Source>,
    review: Review,
}

impl Technique {
    /// The short name used in addresses, the form and the database.
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// Its place in lists; lower comes first.
    pub fn order(&self) -> i64 {
        self.order
    }

    /// Its name, which is also the heading of its page: "Hot stone massage".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name where a sentence goes on: "hot stone massage".
    pub fn in_a_sentence(&self) -> &str {
        self.in_a_sentence.as_deref().unwrap_or(&self.name)
    }

    /// The title for the browser's tab.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The description for search engines.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What it is, in one sentence.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// How firm it is, from 1 (light) to 5 (deep).
    pub fn pressure(&self) -> u8 {
        self.pressure
    }

    /// How warm it is, from 0 (no heat) to 5 (hot).
    pub fn warmth(&self) -> u8 {
        self.warmth
    }

    /// How long a session usually lasts, in words.
    pub fn duration(&self) -> &str {
        &self.duration
    }

    /// What people may choose it for; never empty.
    pub fn best_for(&self) -> &[String] {
        &self.best_for
    }

    /// Its row in the comparison.
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// Who should not have it or should ask first; never empty.
    pub fn cautions(&self) -> &[Caution] {
        &self.cautions
    }

    /// The cautions that say: do not have it now.
    pub fn avoided(&self) -> Vec<&Caution> {
        self.cautions.iter().filter(|caution| caution.level().is_avoid()).collect()
    }

    /// The caution about a condition, when this technique has one of its own.
    pub fn caution_about(&self, condition: &str) -> Option<&Caution> {
        self.cautions.iter().find(|caution| caution.condition().as_str() == condition)
    }

    /// What it is.
    pub fn what_it_is(&self) -> &Section {
        &self.what_it_is
    }

    /// How it may help.
    pub fn how_it_may_help(&self) -> &Section {
        &self.how_it_may_help
    }

    /// What to expect.
    pub fn what_to_expect(&self) -> &Section {
        &self.what_to_expect
    }

    /// Further sections that the file has.
    pub fn more(&self) -> &[Section] {
        &self.more
    }

    /// How sure anyone can be; never empty.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Every source the page rests on, each once.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Who vouches for the page.
    pub fn review(&self) -> &Review {
        &self.review
    }

    pub(super) fn read(file: File<'_>, slug: Slug, conditions: &[Slug], sources: &Sources) -> Option<Self> {
        let parsed = file.parse()?;
        let root = parsed.root();
        let order = root.number("order", 0..=9999);
        let (name, title) = (root.text("name"), root.text("title"));
        let in_a_sentence = root.optional_text("in_a_sentence");
        let (description, summary) = (read_description(&root), root.text("summary"));
        let (pressure, warmth) = (read_scale(&root, "pressure", 1), read_scale(&root, "warmth", 0));
        let (duration, best_for) = (root.text("duration"), root.texts("best_for"));
        let comparison = root.table("comparison").and_then(|table| Comparison::read(&table));
        let cautions = Caution::read_all(&root, conditions, sources);
        let claims = Claim::read_all(&root, "claims", sources);
        if claims.is_empty() {
            root.fault("claims", "the page makes no claim; add [[claims]] with text, strength and sources");
        }
        let review = Review::read(&root);
        root.finish();

        let mut body = render(file, parsed.body(), sources);
        let what_it_is = body.take(file, "what-it-is");
        let how_it_may_help = body.take(file, "how-it-may-help");
        let what_to_expect = body.take(file, "what-to-expect");
        let cautions = cautions?;
        let linked = sources.cited(&body.cited);
        let met = cautions.iter().map(Caution::source).chain(claims.iter().flat_map(Claim::sources));
        let sources = gather(met.chain(&linked));
        Some(Self {
            slug,
            order: order?,
            name: name?,
            in_a_sentence,
            title: title?,
            description: description?,
            summary: summary?,
            pressure: pressure?,
            warmth: warmth?,
            duration: duration?,
            best_for: best_for?,
            comparison: comparison?,
            cautions,
            what_it_is: what_it_is?,
            how_it_may_help: how_it_may_help?,
            what_to_expect: what_to_expect?,
            more: body.sections,
            claims,
            sources,
            review: review?,
        })
    }
}

/// The highest value of the scales of pressure and warmth.
const SCALE: i64 = 5;

fn read_scale(table: &Table<'_, '_>, key: &'static str, from: i64) -> Option<u8> {
    table.number(key, from..=SCALE).and_then(|number| u8::try_from(number).ok())
}

/// A technique in few words, for reading side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    pressure: String,
    warmth: String,
    area: String,
    length: String,
    may_suit: String,
    avoid_when: String,
}

impl Comparison {
    /// How firm it is, in words.
    pub fn pressure(&self) -> &str {
        &self.pressure
    }

    /// How warm it is, in words.
    pub fn warmth(&self) -> &str {
        &self.warmth
    }

    /// Which part of the body it works on.
    pub fn area(&self) -> &str {
        &self.area
    }

    /// How long it usually lasts.
    pub fn length(&self) -> &str {
        &self.length
    }

    /// Whom it may suit.
    pub fn may_suit(&self) -> &str {
        &self.may_suit
    }

    /// Who should not have it.
    pub fn avoid_when(&self) -> &str {
        &self.avoid_when
    }

    fn read(table: &Table<'_, '_>) -> Option<Self> {
        let (pressure, warmth, area) = (table.text("pressure"), table.text("warmth"), table.text("area"));
        let (length, may_suit, avoid_when) = (table.text("length"), table.text("may_suit"), table.text("avoid_when"));
        table.finish();
        Some(Self {
            pressure: pressure?,
            warmth: warmth?,
            area: area?,
            length: length?,
            may_suit: may_suit?,
            avoid_when: avoid_when?,
        })
    }
}
