//! What the page says about a field that is not right: what to do, in the words of its question.

use crate::inquiry::{Field, FieldError, FieldFault, LONGEST_BEST_TIME, LONGEST_MESSAGE, LONGEST_NAME};

/// One fault as the summary and the field show it; `field` is also the anchor.
pub(super) struct FieldWords {
    pub field: &'static str,
    pub words: String,
}

impl FieldWords {
    pub(super) fn of(error: FieldError) -> Self {
        Self { field: error.field.as_str(), words: words(error) }
    }

    /// To staff, about the person for whom they type.
    pub(super) fn of_them(error: FieldError) -> Self {
        Self { field: error.field.as_str(), words: words_of_them(error) }
    }
}

fn words_of_them(error: FieldError) -> String {
    match (error.field, error.fault) {
        (Field::Urgent, FieldFault::Missing) => {
            "Ask whether they have one of the warning signs now, and choose".to_owned()
        }
        (Field::Message, FieldFault::Missing) => "Enter what they say".to_owned(),
        (Field::Name, FieldFault::Missing) => "Enter their name".to_owned(),
        (Field::Consent, FieldFault::Missing) => "Tick when they agreed; without that it cannot be stored".to_owned(),
        (_, FieldFault::NoWayToReach) => {
            "Enter a phone number or an email address, so that they can be answered".to_owned()
        }
        (Field::Phone, FieldFault::ChosenButMissing) => {
            "Enter their phone number, or choose an answer by email".to_owned()
        }
        (_, FieldFault::ChosenButMissing) => "Enter their email address, or choose an answer by phone".to_owned(),
        _ => words(error).replace("Your ", "Their ").replace("reach you", "reach them"),
    }
}

fn words(FieldError { field, fault }: FieldError) -> String {
    match fault {
        FieldFault::Missing => missing(field).to_owned(),
        FieldFault::NoWayToReach => "Enter an email address or a phone number, so that we can answer you".to_owned(),
        FieldFault::ChosenButMissing if field == Field::Phone => {
            "Enter a phone number, or choose to be answered by email".to_owned()
        }
        FieldFault::ChosenButMissing => "Enter an email address, or choose to be answered by phone".to_owned(),
        FieldFault::TooLong(by) => too_long(field, by),
        FieldFault::ControlCharacter => {
            format!("{} holds a character that we cannot take. Type it again instead of pasting it", subject(field))
        }
        FieldFault::NotRecognised => not_recognised(field).to_owned(),
    }
}

fn missing(field: Field) -> &'static str {
    match field {
        Field::Urgent => "Choose whether you have one of the warning signs now",
        Field::Message => "Enter your message",
        Field::Name => "Enter your name",
        Field::Consent => "Tick the box to agree, so that we may keep and answer your message",
        Field::Email => "Enter an email address",
        Field::Phone => "Enter a phone number",
        Field::Technique | Field::Health | Field::ContactBy | Field::Voicemail | Field::BestTime => {
            "Choose or enter an answer"
        }
    }
}

fn too_long(field: Field, by: usize) -> String {
    let longest = match field {
        Field::Name => LONGEST_NAME,
        Field::BestTime => LONGEST_BEST_TIME,
        _ => LONGEST_MESSAGE,
    };
    let characters = if by == 1 { "character" } else { "characters" };
    format!("{} can have {longest} characters. Shorten it by {by} {characters}", subject(field))
}

fn subject(field: Field) -> &'static str {
    match field {
        Field::Name => "Your name",
        Field::Email => "The email address",
        Field::Phone => "The phone number",
        Field::BestTime => "The best time to reach you",
        Field::Message => "Your message",
        Field::Urgent | Field::Technique | Field::Health | Field::ContactBy | Field::Voicemail | Field::Consent => {
            "Your answer"
        }
    }
}

fn not_recognised(field: Field) -> &'static str {
    match field {
        Field::Email => "Enter the email address like this: name@example.org",
        Field::Phone => "Enter a phone number with 6 to 15 digits, like 01234 567890 or +49 30 1234567",
        Field::Urgent => "Choose no, yes, or not sure",
        Field::Technique => "Choose a massage from the list, or “not sure yet”",
        Field::Health => "Tick only what stands in the list",
        Field::ContactBy => "Choose email or phone",
        Field::Voicemail | Field::Consent => "Tick the box or leave it empty",
        Field::Name | Field::BestTime | Field::Message => "Enter this again",
    }
}
