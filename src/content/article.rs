//! The home page: how massage may relieve back pain. It holds words; which comes after which is the template's.

use super::claim::Claim;
use super::front::File;
use super::markdown::{Section, render};
use super::page::{Head, Review};
use super::slug::{Slug, read_slug};
use super::source::{Source, Sources, gather};
use super::table::Table;

/// The article of the home page.
#[derive(Clone, Debug)]
pub struct Article {
    head: Head,
    parts: Parts,
    more: Vec<Section>,
    mechanisms: Vec<Mechanism>,
    claims: Vec<Claim>,
    sources: Vec<Source>,
    review: Review,
}

/// The sections that the home page cannot do without.
#[derive(Clone, Debug)]
struct Parts {
    what_it_is: Section,
    how_it_may_help: Section,
    which_technique: Section,
    who_should_not_have_it: Section,
    talk_with_a_physician: Section,
    what_to_expect: Section,
    how_sure_are_we: Section,
    when_to_get_help: Section,
    contact_us: Section,
}

impl Article {
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

    /// What massage for back pain is.
    pub fn what_it_is(&self) -> &Section {
        &self.parts.what_it_is
    }

    /// How it may help; the mechanisms belong below it.
    pub fn how_it_may_help(&self) -> &Section {
        &self.parts.how_it_may_help
    }

    /// Which technique; the overview of techniques belongs below it.
    pub fn which_technique(&self) -> &Section {
        &self.parts.which_technique
    }

    /// Who should not have it; the cautions for every massage belong below it.
    pub fn who_should_not_have_it(&self) -> &Section {
        &self.parts.who_should_not_have_it
    }

    /// Talk with a physician.
    pub fn talk_with_a_physician(&self) -> &Section {
        &self.parts.talk_with_a_physician
    }

    /// What to expect.
    pub fn what_to_expect(&self) -> &Section {
        &self.parts.what_to_expect
    }

    /// How sure are we; the claims belong below it.
    pub fn how_sure_are_we(&self) -> &Section {
        &self.parts.how_sure_are_we
    }

    /// When to get help; the red flags belong below it.
    pub fn when_to_get_help(&self) -> &Section {
        &self.parts.when_to_get_help
    }

    /// The call to write to us.
    pub fn contact_us(&self) -> &Section {
        &self.parts.contact_us
    }

    /// Further sections that the file has.
    pub fn more(&self) -> &[Section] {
        &self.more
    }

    /// The ways in which massage may help; never empty.
    pub fn mechanisms(&self) -> &[Mechanism] {
        &self.mechanisms
    }

    /// How sure anyone can be; never empty.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Every source the article rests on, each once.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Who vouches for the article.
    pub fn review(&self) -> &Review {
        &self.review
    }

    pub(super) fn read(file: File<'_>, sources: &Sources) -> Option<Self> {
        let parsed = file.parse()?;
        let root = parsed.root();
        let (head, review) = (Head::read(&root), Review::read(&root));
        let mechanisms = Mechanism::read_all(&root, sources);
        let claims = Claim::read_all(&root, "claims", sources);
        if claims.is_empty() {
            root.fault("claims", "the page makes no claim; add [[claims]] with text, strength and sources");
        }
        root.finish();

        let mut body = render(file, parsed.body(), sources);
        let mut part = |id| body.take(file, id);
        let (what_it_is, how_it_may_help) = (part("what-it-is"), part("how-it-may-help"));
        let (which_technique, who_should_not_have_it) = (part("which-technique"), part("who-should-not-have-it"));
        let (talk_with_a_physician, what_to_expect) = (part("talk-with-a-physician"), part("what-to-expect"));
        let (how_sure_are_we, when_to_get_help) = (part("how-sure-are-we"), part("when-to-get-help"));
        let contact_us = part("contact-us");
        let linked = sources.cited(&body.cited);
        let told = mechanisms.iter().map(Mechanism::claim).chain(&claims).flat_map(Claim::sources);
        let sources = gather(told.chain(&linked));
        let parts = Parts {
            what_it_is: what_it_is?,
            how_it_may_help: how_it_may_help?,
            which_technique: which_technique?,
            who_should_not_have_it: who_should_not_have_it?,
            talk_with_a_physician: talk_with_a_physician?,
            what_to_expect: what_to_expect?,
            how_sure_are_we: how_sure_are_we?,
            when_to_get_help: when_to_get_help?,
            contact_us: contact_us?,
        };
        Some(Self { head: head?, parts, more: body.sections, mechanisms, claims, sources, review: review? })
    }
}

/// One way in which massage may help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mechanism {
    slug: Slug,
    name: String,
    claim: Claim,
}

impl Mechanism {
    /// The short name, by which a drawing is chosen.
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// Its name: "It may relieve tension".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is said about it, how sure that is, and who says so.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Reads `[[mechanisms]]`, of which there must be at least one.
    fn read_all(parent: &Table<'_, '_>, sources: &Sources) -> Vec<Self> {
        let tables = parent.tables("mechanisms");
        if tables.is_empty() {
            parent.fault(
                "mechanisms",
                "no mechanism is told; add [[mechanisms]] with slug, name, text, strength and sources",
            );
        }
        let mut mechanisms: Vec<Self> = Vec::new();
        for table in tables {
            let Some(mechanism) = Self::read(&table, sources) else { continue };
            if mechanisms.iter().any(|known| known.slug == mechanism.slug) {
                table.fault("slug", format!("the mechanism `{}` is written twice; remove one", mechanism.slug));
            }
            mechanisms.push(mechanism);
        }
        mechanisms
    }

    fn read(table: &Table<'_, '_>, sources: &Sources) -> Option<Self> {
        let (slug, name) = (read_slug(table, "slug"), table.text("name"));
        let claim = Claim::read(table, sources);
        table.finish();
        Some(Self { slug: slug?, name: name?, claim: claim? })
    }
}
