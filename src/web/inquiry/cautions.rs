//! The cautions of an inquiry and of what was merged into it: none may be missed because it belongs to the other one.

use super::{Bench, Inquiry, InquiryPage};
use crate::content::Caution;

/// The cautions of one technique, for everything that the person ticked.
pub(super) struct Cautions<'a> {
    /// Whose technique it is; None while there is one inquiry.
    pub of: Option<String>,
    pub lines: Vec<Line<'a>>,
}

pub(super) struct Line<'a> {
    pub caution: &'a Caution,
    /// Where they ticked what it is about; None when they did not.
    pub ticked: Option<String>,
}

impl Bench {
    /// Of every technique that was asked for, in an inquiry or in its duplicates; what was ticked in one counts in all.
    pub(super) fn cautions<'a>(&'a self, inquiry: &Inquiry, merged: &[Inquiry]) -> Vec<Cautions<'a>> {
        let all: Vec<&Inquiry> = std::iter::once(inquiry).chain(merged).collect();
        let health: Vec<String> = all.iter().flat_map(|inquiry| inquiry.answers.health.clone()).collect();
        let mut groups = Vec::new();
        for (technique, asked_in) in techniques(&all) {
            let apply = self.content.cautions_that_apply(technique, &health).into_iter();
            let lines = apply.map(|(caution, is_ticked)| Line {
                caution,
                ticked: is_ticked.then(|| ticked(caution, inquiry, merged)),
            });
            let lines: Vec<_> = lines.collect();
            let name = technique.map_or("Whatever the massage", |slug| self.content.technique_name(slug));
            let of = (!merged.is_empty()).then(|| format!("{name}{asked_in}"));
            groups.extend((!lines.is_empty()).then_some(Cautions { of, lines }));
        }
        groups
    }
}

impl InquiryPage<'_> {
    /// The way to the cautions from the top, with what was ticked; None where none of them is about something ticked.
    pub(super) fn caution_words(&self) -> Option<String> {
        let is_ticked = self.cautions.iter().flat_map(|cautions| &cautions.lines).any(|line| line.ticked.is_some());
        let ticked = self.health.join(", ");
        is_ticked.then(|| if ticked.is_empty() { "Cautions".to_owned() } else { format!("Cautions: {ticked}") })
    }
}

/// Each technique once, with the inquiries that ask for it in words; none, when nobody is sure yet.
fn techniques<'a>(all: &[&'a Inquiry]) -> Vec<(Option<&'a str>, String)> {
    let mut found: Vec<(&str, Vec<String>)> = Vec::new();
    for (technique, inquiry) in all.iter().filter_map(|inquiry| Some((inquiry.answers.technique.as_deref()?, inquiry)))
    {
        match found.iter_mut().find(|(known, _)| *known == technique) {
            Some((_, references)) => references.push(inquiry.reference.to_string()),
            None => found.push((technique, vec![inquiry.reference.to_string()])),
        }
    }
    if found.is_empty() {
        return vec![(None, String::new())];
    }
    let in_words = |references: Vec<String>| format!(", asked for in {}", references.join(" and "));
    found.into_iter().map(|(technique, references)| (Some(technique), in_words(references))).collect()
}

fn ticked(caution: &Caution, inquiry: &Inquiry, merged: &[Inquiry]) -> String {
    let has = |inquiry: &&Inquiry| inquiry.answers.health.iter().any(|slug| slug == caution.condition().as_str());
    let references: Vec<_> = merged.iter().filter(has).map(|other| other.reference.to_string()).collect();
    if has(&inquiry) || references.is_empty() {
        return "They say this applies to them.".to_owned();
    }
    format!("They say this applies to them, in {}.", references.join(" and "))
}
