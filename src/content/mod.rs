//! What we say: the article, the techniques, the cautions, the red flags and the words around the form, read once
//! at start from files that a clinic may edit. Nothing here knows HTML pages, addresses or what people answer.

mod article;
mod claim;
mod condition;
mod contact_words;
mod fault;
mod front;
mod load;
mod markdown;
mod page;
mod privacy;
mod reading;
mod reading_age;
mod red_flags;
mod reply_template;
mod slug;
mod source;
mod table;
mod technique;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;

pub use article::{Article, Mechanism};
pub use claim::{Claim, OwnReview, Strength};
pub use condition::{Caution, Condition, Level};
pub use contact_words::{Choice, ContactWords, Interruption, Question};
pub use fault::Fault;
pub use load::SINGLE;
pub use markdown::{Html, Section};
pub use page::{Page, Review};
pub use privacy::{Practice, StaffMail, day_of_version};
pub use reading_age::{OLDEST_READER, reading_age};
pub use red_flags::{RedFlagList, RedFlags};
pub use reply_template::{ReplyTemplate, ReplyValues};
pub use slug::{NotASlug, Slug};
pub use source::Source;
pub use technique::{Comparison, Technique};

/// Every word that the site says about massage, back pain and itself. It exists only without faults.
#[derive(Clone, Debug)]
pub struct Content {
    article: Article,
    comparison: Page,
    techniques: Vec<Technique>,
    conditions: Vec<Condition>,
    cautions: Vec<Caution>,
    cautions_review: Review,
    suitability: Page,
    red_flags: RedFlags,
    sources: Vec<Source>,
    privacy: privacy::Privacy,
    privacy_page: Page,
    privacy_version: String,
    accessibility: Page,
    contact: ContactWords,
    replies: Vec<ReplyTemplate>,
    /// Findings that do not depend on the day.
    remarks: Vec<Fault>,
    reading_ages: Vec<(String, f64)>,
}

/// One technique and the cautions that speak against it, the strongest first.
#[derive(Clone, Debug)]
pub struct Advice<'a> {
    /// The technique.
    pub technique: &'a Technique,
    /// Why not, or why a doctor should be asked; empty when nothing speaks against it.
    pub reasons: Vec<&'a Caution>,
}

impl Advice<'_> {
    /// Nothing of what was ticked speaks against it.
    pub fn fits(&self) -> bool {
        self.reasons.is_empty()
    }

    /// It should not be had now.
    pub fn is_against(&self) -> bool {
        self.reasons.iter().any(|caution| caution.level().is_avoid())
    }
}

impl Content {
    /// Reads the built-in files, each replaced by the file of the same path under `overrides`, and the further
    /// techniques and conditions there. Every fault of every file is reported at once.
    pub fn load(overrides: Option<&Path>) -> Result<Self, Vec<Fault>> {
        load::load(overrides)
    }

    /// The same with the clinic's files at hand, each by its path in the folder.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn with_files(own: BTreeMap<String, String>) -> Result<Self, Vec<Fault>> {
        load::read(own, fault::Notes::default())
    }

    /// The same words, with the privacy statement as it is true for this clinic.
    pub fn as_practised(self, practice: &Practice) -> Self {
        let (privacy_page, privacy_version) = self.privacy.as_practised(practice);
        Self { privacy_page, privacy_version, ..self }
    }

    /// The article of the home page.
    pub fn article(&self) -> &Article {
        &self.article
    }

    /// The words around the comparison of techniques.
    pub fn comparison(&self) -> &Page {
        &self.comparison
    }

    /// The techniques in their order; never empty.
    pub fn techniques(&self) -> &[Technique] {
        &self.techniques
    }

    /// The technique with this slug.
    pub fn technique(&self, slug: &str) -> Option<&Technique> {
        self.techniques.iter().find(|technique| technique.slug().as_str() == slug)
    }

    /// What the technique with this slug is called; the slug itself where it is none any more.
    pub fn technique_name<'a>(&'a self, slug: &'a str) -> &'a str {
        self.technique(slug).map_or(slug, Technique::name)
    }

    /// The words around the check of which technique may suit a person.
    pub fn suitability(&self) -> &Page {
        &self.suitability
    }

    /// The conditions that cautions name, in their order.
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The condition with this slug.
    pub fn condition(&self, slug: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.slug().as_str() == slug)
    }

    /// The cautions that hold for every massage; never empty.
    pub fn cautions(&self) -> &[Caution] {
        &self.cautions
    }

    /// Who vouches for them.
    pub fn cautions_review(&self) -> &Review {
        &self.cautions_review
    }

    /// The cautions for someone who wants this technique: its own, then those for every massage about
    /// conditions that it does not name itself. Without a known technique, those for every massage.
    pub fn cautions_for(&self, technique: Option<&str>) -> Vec<&Caution> {
        let technique = technique.and_then(|slug| self.technique(slug));
        let named = |caution: &Caution| {
            technique.is_some_and(|technique| technique.caution_about(caution.condition().as_str()).is_some())
        };
        let own = technique.map(Technique::cautions).unwrap_or_default();
        own.iter().chain(self.cautions.iter().filter(|caution| !named(caution))).collect()
    }

    /// What the cautions say to a person who ticked these conditions, technique by technique.
    pub fn advice(&self, ticked: &[String]) -> Vec<Advice<'_>> {
        let applies = |caution: &&Caution| ticked.iter().any(|slug| slug == caution.condition().as_str());
        let for_technique = |technique| {
            let mut reasons: Vec<&Caution> =
                self.cautions_for(Some(Technique::slug(technique).as_str())).into_iter().filter(applies).collect();
            reasons.sort_by_key(|caution| !caution.level().is_avoid());
            Advice { technique, reasons }
        };
        self.techniques.iter().map(for_technique).collect()
    }

    /// What staff should know of: the cautions of the technique asked for and those about what the person ticked,
    /// these first, each with whether it was ticked.
    pub fn cautions_that_apply(&self, technique: Option<&str>, ticked: &[String]) -> Vec<(&Caution, bool)> {
        let is_ticked = |caution: &Caution| ticked.iter().any(|slug| slug == caution.condition().as_str());
        let own = technique.and_then(|slug| self.technique(slug)).map(Technique::cautions).unwrap_or_default();
        let known = self.cautions_for(technique).into_iter();
        let mut apply: Vec<_> = known
            .filter(|caution| is_ticked(caution) || own.contains(caution))
            .map(|caution| (caution, is_ticked(caution)))
            .collect();
        apply.sort_by_key(|(_, ticked)| !ticked);
        apply
    }

    /// The signs that need a doctor.
    pub fn red_flags(&self) -> &RedFlags {
        &self.red_flags
    }

    /// Every source that claims may name.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The source with this id.
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.id() == id)
    }

    /// The privacy statement.
    pub fn privacy(&self) -> &Page {
        &self.privacy_page
    }

    /// The version of the privacy statement, stored with each consent.
    pub fn privacy_version(&self) -> &str {
        &self.privacy_version
    }

    /// The accessibility statement.
    pub fn accessibility(&self) -> &Page {
        &self.accessibility
    }

    /// The words around the form.
    pub fn contact(&self) -> &ContactWords {
        &self.contact
    }

    /// The replies that staff may begin from, in their order.
    pub fn replies(&self) -> &[ReplyTemplate] {
        &self.replies
    }

    /// The reading age in years of each file that has sentences, by the file's name.
    pub fn reading_ages(&self) -> &[(String, f64)] {
        &self.reading_ages
    }

    /// What an editor should look at, though the site works: missing or overdue reviews, long sentences and paragraphs, words
    /// that ask too much of a reader, conditions that nothing is said about.
    pub fn warnings(&self, today: Date) -> Vec<Fault> {
        let mut warnings = self.remarks.clone();
        warnings.extend(reading::overdue(self, today));
        warnings.sort();
        warnings
    }
}
