//! What is to do next, offered on the page of an inquiry: whoever is done with one need not look for the next.

use super::{Bench, Inquiry, InquiryPage, Status, WayBack, routes, store};
use crate::web::inbox::next_to_do;

/// Another inquiry that waits for an answer.
pub(super) struct Next {
    pub href: String,
    pub name: String,
    pub answer_by: String,
}

impl Bench {
    /// The first of what waits, but for the inquiry that is shown.
    pub(super) async fn next(&self, shown: &Inquiry, way_back: &WayBack) -> Result<Option<Next>, store::Error> {
        let next = next_to_do(self, shown).await?;
        Ok(next.map(|next| Next {
            href: way_back.along(&routes::inquiry(next.reference.as_str())),
            name: next.answers.name.as_str().to_owned(),
            answer_by: self.near(next.answer_by),
        }))
    }
}

impl InquiryPage<'_> {
    /// Whether somebody has just done something here, and the page says so.
    pub(super) fn is_after_something(&self) -> bool {
        self.typed.done.is_some() && (self.done.is_some() || self.undoable.is_some())
    }

    /// Whether this one waits itself.
    pub(super) fn is_to_do(&self) -> bool {
        matches!(self.inquiry.status, Status::New | Status::Open)
    }
}
