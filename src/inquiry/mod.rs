//! What a person sends: raw form text becomes a [`NewInquiry`] or a list of faults, and comes back from the
//! store as an [`Inquiry`]. Nothing here knows where it is kept or how it is shown.

mod faults;
mod fields;
mod form;
mod promise;
mod reference;
mod status;

use jiff::Timestamp;

pub use faults::{Field, FieldError, FieldFault};
pub use fields::{
    Answers, BestTime, Contact, ContactBy, LONGEST_NOTE, Message, Name, Note, TextFault, Urgent, normalise,
};
pub use form::{Choices, InquiryForm, LONGEST_BEST_TIME, LONGEST_MESSAGE, LONGEST_NAME};
pub use promise::answer_by;
pub use reference::Reference;
pub use status::Status;

/// An inquiry that has passed every rule of the form and waits to be stored. Only [`InquiryForm::parse`] makes one.
#[derive(Clone, Debug)]
pub struct NewInquiry {
    answers: Answers,
    submission: [u8; 32],
    trapped: bool,
    agreed_to: Option<String>,
}

impl NewInquiry {
    /// What the person answered.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// What makes a repeat recognisable: a hash over the form's token and everything that was answered.
    pub fn submission(&self) -> &[u8; 32] {
        &self.submission
    }

    /// Whether the field that people cannot see was filled in.
    pub fn is_trapped(&self) -> bool {
        self.trapped
    }

    /// The same, with the privacy text that its page had shown.
    pub fn agreeing_to(self, version: Option<String>) -> Self {
        Self { agreed_to: version, ..self }
    }

    /// The privacy text that its page had shown, where that is known.
    pub fn agreed_to(&self) -> Option<&str> {
        self.agreed_to.as_deref()
    }
}

/// An inquiry as the store keeps it.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// Its number in the store; never shown.
    pub seq: i64,
    /// The code the writer is told.
    pub reference: Reference,
    /// What the person answered.
    pub answers: Answers,
    /// Where it stands.
    pub status: Status,
    /// When it was stored.
    pub received_at: Timestamp,
    /// By when the clinic promised an answer.
    pub answer_by: Timestamp,
    /// When a member of staff first opened it.
    pub opened_at: Option<Timestamp>,
    /// When it was first answered.
    pub answered_at: Option<Timestamp>,
    /// Which privacy text the person agreed to.
    pub consent_version: String,
    /// The hash its receipt key is made from.
    pub submission: [u8; 32],
    /// SHA-256 of that key: tells the scheme that made it.
    pub receipt_digest: Vec<u8>,
    /// Something about how it came that staff should know: `trap`, `no-origin`.
    pub signals: Vec<String>,
    /// Whose it is, as a staff id; None while it is nobody's.
    pub assignee: Option<String>,
    /// The inquiry that is kept in its place, when it was a duplicate.
    pub merged_into: Option<Reference>,
    /// Counts changes, so that a stale page is noticed.
    pub version: i64,
}

impl Inquiry {
    /// Where staff may move it from here. A duplicate stays closed until it is separated again.
    pub fn moves(&self) -> &'static [Status] {
        if self.merged_into.is_some() { &[] } else { self.status.moves() }
    }

    /// Whether its promise is still to be kept: it is to do, and was never answered.
    pub fn waits(&self) -> bool {
        self.status.is_to_do() && self.answered_at.is_none()
    }

    /// Whether the promise is broken at `now`: nobody has answered or closed it in time.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.waits() && self.answer_by < now
    }
}
