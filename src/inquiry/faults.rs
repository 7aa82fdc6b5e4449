//! What can be wrong with a field of the form, as types; their wording lives with the page.

use super::fields::TextFault;

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the form's fields")]
pub enum Field {
    Urgent,
    Message,
    Technique,
    Health,
    Name,
    Email,
    Phone,
    ContactBy,
    Voicemail,
    BestTime,
    Consent,
}

impl Field {
    /// The field's name in the form, which is also the anchor its error is linked to.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Message => "message",
            Self::Technique => "technique",
            Self::Health => "health",
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::ContactBy => "contact_by",
            Self::Voicemail => "voicemail",
            Self::BestTime => "best_time",
            Self::Consent => "consent",
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldFault {
    /// It must be given.
    Missing,
    /// Neither an address nor a number was given.
    NoWayToReach,
    /// It was chosen as the way to be reached, but is empty.
    ChosenButMissing,
    /// It holds this many characters more than allowed.
    TooLong(usize),
    /// It holds a control character.
    ControlCharacter,
    /// It is not what the field asks for.
    NotRecognised,
}

/// One fault of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where.
    pub field: Field,
    /// What.
    pub fault: FieldFault,
}

/// The faults found so far, in the order of the page.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<FieldError>);

impl Faults {
    pub(super) fn add(&mut self, field: Field, fault: FieldFault) {
        self.0.push(FieldError { field, fault });
    }

    pub(super) fn keep<T>(&mut self, field: Field, longest: usize, result: Result<T, TextFault>) -> Option<T> {
        let fault = match result {
            Ok(value) => return Some(value),
            Err(TextFault::Missing) => FieldFault::Missing,
            Err(TextFault::TooLong(length)) => FieldFault::TooLong(length - longest),
            Err(TextFault::ControlCharacter) => FieldFault::ControlCharacter,
        };
        self.add(field, fault);
        None
    }
}
