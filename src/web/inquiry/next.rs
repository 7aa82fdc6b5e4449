//! What is to do next, offered on the page of an inquiry: whoever is done with one need not look for the next. What was given
//! to a colleague is offered to nobody else while the colleague can sign in.

use super::{Bench, Inquiry, InquiryPage, WayBack, routes, store};
use crate::web::inbox::next_to_do;

/// What waits besides the inquiry that is shown.
pub(super) enum Next {
    /// This one first.
    Inquiry(Waiting),
    /// Only what was given to colleagues.
    ForColleagues,
    Nothing,
}

/// Another inquiry that waits for an answer.
pub(super) struct Waiting {
    pub href: String,
    pub name: String,
    pub answer_by: String,
}

impl Bench {
    /// The first of what waits for whoever looks, but for the inquiry that is shown.
    pub(super) async fn next(&self, shown: &Inquiry, way_back: &WayBack) -> Result<Next, store::Error> {
        if let Some(next) = next_to_do(self, Some(self.actor.id()), shown).await? {
            return Ok(Next::Inquiry(self.waiting(&next, way_back)));
        }
        let is_left = next_to_do(self, None, shown).await?.is_some();
        Ok(if is_left { Next::ForColleagues } else { Next::Nothing })
    }

    fn waiting(&self, next: &Inquiry, way_back: &WayBack) -> Waiting {
        Waiting {
            href: way_back.along(&routes::inquiry(next.reference.as_str())),
            name: next.answers.name.as_str().to_owned(),
            answer_by: self.near(next.answer_by),
        }
    }
}

impl InquiryPage<'_> {
    /// Whether somebody has just done something here, and the page says so.
    pub(super) fn is_after_something(&self) -> bool {
        self.done.is_some() || self.undoable.as_ref().is_some_and(|offer| offer.is_fresh)
    }
}
