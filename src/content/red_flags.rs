//! The signs that need a doctor and not a massage. Shown on pages and asked before the form is sent;
//! they never stop a person from writing to us.

use super::claim::Claim;
use super::front::File;
use super::page::Review;
use super::source::{Source, Sources, gather};
use super::table::Table;

/// The red flags of back pain and the calm advice for everyone else.
#[derive(Clone, Debug)]
pub struct RedFlags {
    emergency: RedFlagList,
    urgent: RedFlagList,
    advice: Vec<Claim>,
    review: Review,
}

impl RedFlags {
    /// Signs for which to call the emergency number now.
    pub fn emergency(&self) -> &RedFlagList {
        &self.emergency
    }

    /// Signs for which to ask for urgent advice.
    pub fn urgent(&self) -> &RedFlagList {
        &self.urgent
    }

    /// What helps most people who have none of the signs; never empty.
    pub fn advice(&self) -> &[Claim] {
        &self.advice
    }

    /// Every source they rest on, each once.
    pub fn sources(&self) -> Vec<Source> {
        let lists = [&self.emergency.source, &self.urgent.source];
        gather(lists.into_iter().chain(self.advice.iter().flat_map(Claim::sources)))
    }

    /// Who vouches for them.
    pub fn review(&self) -> &Review {
        &self.review
    }

    pub(super) fn read(file: File<'_>, sources: &Sources) -> Option<Self> {
        let parsed = file.parse()?;
        let root = parsed.root();
        let list = |key| root.table(key).and_then(|table| RedFlagList::read(&table, sources));
        let (emergency, urgent) = (list("emergency"), list("urgent"));
        let advice = Claim::read_all(&root, "advice", sources);
        if advice.is_empty() {
            root.fault("advice", "the advice is missing; add [[advice]] with text, strength and sources");
        }
        let review = Review::read(&root);
        root.finish();
        Some(Self { emergency: emergency?, urgent: urgent?, advice, review: review? })
    }
}

/// One list of signs with the words around it.
#[derive(Clone, Debug)]
pub struct RedFlagList {
    lead: String,
    signs: Vec<String>,
    after: String,
    source: Source,
}

impl RedFlagList {
    /// The words before the list.
    pub fn lead(&self) -> &str {
        &self.lead
    }

    /// The signs; never empty.
    pub fn signs(&self) -> &[String] {
        &self.signs
    }

    /// The words after the list: what to do.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// Who says so.
    pub fn source(&self) -> &Source {
        &self.source
    }

    fn read(table: &Table<'_, '_>, sources: &Sources) -> Option<Self> {
        let (lead, signs, after) = (table.text("lead"), table.texts("signs"), table.text("after"));
        let source = sources.named(table, "source");
        table.finish();
        Some(Self { lead: lead?, signs: signs?, after: after?, source: source? })
    }
}
