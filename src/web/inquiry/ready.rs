//! Ready replies: words to begin from, filled with what is known of the inquiry. They never take the place of what somebody
//! typed, and are not put twice.

use super::{Bench, Inquiry, Typed};
use crate::content::{ReplyTemplate, ReplyValues, Technique};

impl Bench {
    /// What was typed, with the words of a template in its reply: in place of nothing, or of ready words as they were filled;
    /// else below what stands there, unless they end it already. Without such a template as it was.
    pub(super) fn begin_with(&self, inquiry: &Inquiry, template: &str, typed: Typed) -> Typed {
        let all = self.content.replies();
        let Some(chosen) = all.iter().find(|known| known.slug().as_str() == template) else { return typed };
        let typed = Typed { template: template.to_owned(), is_added_to: false, ..typed };
        let (words, standing) = (self.filled(inquiry, chosen), typed.reply.replace("\r\n", "\n"));
        let is_ready = |known: &ReplyTemplate| self.filled(inquiry, known).trim() == standing.trim();
        if standing.trim().is_empty() || all.iter().any(is_ready) {
            return Typed { reply: words, ..typed };
        }
        if standing.trim_end().ends_with(words.trim()) {
            return typed;
        }
        Typed { reply: format!("{}\n\n{words}", standing.trim_end()), is_added_to: true, ..typed }
    }

    fn filled(&self, inquiry: &Inquiry, template: &ReplyTemplate) -> String {
        template.filled(&ReplyValues {
            name: inquiry.answers.name.as_str(),
            reference: inquiry.reference.as_str(),
            technique: inquiry
                .answers
                .technique
                .as_deref()
                .map_or("a massage", |slug| self.content.technique(slug).map_or(slug, Technique::in_a_sentence)),
            clinic: &self.site.clinic.name,
            phone: &self.site.clinic.phone,
            staff: self.actor.name(),
        })
    }
}
