//! What is to do next, offered on the page of an inquiry: whoever is done with one need not look for the next. What was given
//! to a colleague is offered to nobody else while the colleague can sign in.

use super::done::NOTE_REMOVED;
use super::timeline::name_of;
use super::{Bench, Inquiry, InquiryPage, StaffMember, Status, WayBack, routes, store};
use crate::desk;
use crate::inquiry::Urgent;
use crate::store::{Entry, InboxFilter};
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
    /// Whether it has the name of the one that is shown, and could be taken for it.
    pub is_namesake: bool,
    pub answer_by: String,
    /// "urgent", or "urgent?" where they are not sure, or "late": why it comes first.
    pub mark: Option<&'static str>,
    /// Whose it is, where it was given to a colleague who has no password yet.
    pub whose: Option<String>,
    /// How many urgent ones wait, opened and left, when this is none of them.
    pub urgent: i64,
}

impl Bench {
    /// The first of what waits for whoever looks, but for the inquiry that is shown.
    pub(super) async fn next(
        &self,
        shown: &Inquiry,
        entries: &[Entry],
        staff: &[StaffMember],
        way_back: &WayBack,
    ) -> Result<Next, store::Error> {
        let is_to_do = shown.status.is_to_do() || desk::was_just_to_do(entries, &self.actor, self.now);
        // Whoever searched for it has passed nothing on the way.
        let is_passed = is_to_do && !way_back.is_search();
        if let Some(next) = next_to_do(self, Some(self.actor.id()), shown, is_passed).await? {
            let urgent = if next.answers.urgent.is_marked() { 0 } else { self.urgent_besides(shown).await? };
            return Ok(Next::Inquiry(self.waiting(&next, shown, staff, urgent, way_back)));
        }
        let is_left = next_to_do(self, None, shown, is_passed).await?.is_some();
        Ok(if is_left { Next::ForColleagues } else { Next::Nothing })
    }

    /// How many urgent ones wait for an answer besides the one that is shown.
    async fn urgent_besides(&self, shown: &Inquiry) -> Result<i64, store::Error> {
        let urgent = InboxFilter { statuses: Status::TO_DO.to_vec(), urgent: true, ..InboxFilter::default() };
        let is_one = shown.status.is_to_do() && shown.answers.urgent.is_marked();
        Ok(self.store.piles().await?.count(&urgent) - i64::from(is_one))
    }

    fn waiting(
        &self,
        next: &Inquiry,
        shown: &Inquiry,
        staff: &[StaffMember],
        urgent: i64,
        way_back: &WayBack,
    ) -> Waiting {
        // It is none of what they searched for: from there on they work down the inbox.
        let inbox = WayBack::default();
        let way_back = if way_back.is_search() { &inbox } else { way_back };
        let given_to = next.assignee.as_deref().filter(|staff| *staff != self.actor.id());
        Waiting {
            href: way_back.along(&routes::inquiry(next.reference.as_str())),
            name: next.answers.name.as_str().to_owned(),
            is_namesake: next.answers.name == shown.answers.name,
            answer_by: self.near(next.answer_by),
            mark: match next.answers.urgent {
                Urgent::No => next.is_overdue(self.now).then_some("late"),
                Urgent::Unsure => Some("urgent?"),
                Urgent::Yes => Some("urgent"),
            },
            whose: given_to.map(|id| name_of(id, staff)),
            urgent,
        }
    }
}

impl InquiryPage<'_> {
    /// How the banner looks that says what they did.
    pub(super) fn tone(&self) -> &'static str {
        match &self.done {
            Some(said) => said.tone,
            None if self.is_after_something() => "good",
            None => "plain",
        }
    }

    /// Whether the banner offers to take the note away that was just added.
    pub(super) fn is_removal_offered(&self) -> bool {
        self.done.as_ref().is_some_and(|said| said.note.is_some())
    }

    /// Whether it says already what stands in the boxes.
    pub(super) fn is_draft_told(&self) -> bool {
        self.done.as_ref().is_some_and(|said| said.words == NOTE_REMOVED)
    }

    /// Whether somebody has just done something here, and the page says so.
    pub(super) fn is_after_something(&self) -> bool {
        self.done.is_some() || self.undoable.as_ref().is_some_and(|offer| offer.is_fresh)
    }
}
