//! The form: the raw text of every field, and the one way from there to a [`NewInquiry`].
//! All faults are found at once.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::NewInquiry;
use super::faults::{Faults, Field, FieldError, FieldFault};
use super::fields::{Answers, BestTime, Contact, ContactBy, Message, Name, TextFault, Urgent, has_controls};
use crate::contact::{EmailAddress, PhoneNumber};

/// Characters of a name.
pub const LONGEST_NAME: usize = 100;
/// Characters of the best time to call.
pub const LONGEST_BEST_TIME: usize = 200;
/// Characters of a message.
pub const LONGEST_MESSAGE: usize = 5_000;

/// What came from the browser, as typed. Shown again unchanged when something is wrong with it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names are those of the form's fields, documented there")]
pub struct InquiryForm {
    pub urgent: String,
    pub urgent_seen: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub contact_by: String,
    pub voicemail: String,
    pub technique: String,
    pub best_time: String,
    pub health: Vec<String>,
    pub message: String,
    pub consent: String,
    pub blank: String,
    pub token: String,
}

impl fmt::Debug for InquiryForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InquiryForm(…)")
    }
}

/// What the content offers to choose from.
#[derive(Clone, Copy, Debug)]
pub struct Choices<'a> {
    /// Slugs of techniques.
    pub techniques: &'a [String],
    /// Slugs of conditions, in the order in which they are kept.
    pub conditions: &'a [String],
}

impl InquiryForm {
    /// Whether the person ticked this condition.
    pub fn has_health(&self, slug: &str) -> bool {
        self.health.iter().any(|ticked| ticked == slug)
    }

    /// Checks every field, in the order of the page.
    ///
    /// # Errors
    /// All faults at once.
    pub fn parse(&self, choices: Choices<'_>) -> Result<NewInquiry, Vec<FieldError>> {
        let mut faults = Faults::default();
        let urgent = self.urgent(&mut faults);
        let message = faults.keep(Field::Message, LONGEST_MESSAGE, Message::parse(&self.message));
        let technique = self.technique(choices, &mut faults);
        let health = self.health(choices, &mut faults);
        let name = faults.keep(Field::Name, LONGEST_NAME, Name::parse(&self.name));
        let contact = self.contact(&mut faults);
        let voicemail = self.yes(Field::Voicemail, &self.voicemail, &mut faults);
        let best_time = self.best_time(&mut faults);
        if !self.yes(Field::Consent, &self.consent, &mut faults) && self.consent.is_empty() {
            faults.add(Field::Consent, FieldFault::Missing);
        }
        let (Some(urgent), Some(name), Some(contact), Some(message), []) =
            (urgent, name, contact, message, faults.0.as_slice())
        else {
            return Err(faults.0);
        };
        let answers = Answers { urgent, name, contact, voicemail, technique, best_time, health, message };
        let submission = submission(&self.token, &answers);
        Ok(NewInquiry { answers, submission, trapped: !self.blank.trim().is_empty(), agreed_to: None })
    }

    /// Checks how to reach the person, and nothing else.
    ///
    /// # Errors
    /// All faults of those fields at once.
    pub fn parse_contact(&self) -> Result<Contact, Vec<FieldError>> {
        let mut faults = Faults::default();
        self.contact(&mut faults).ok_or(faults.0)
    }

    fn urgent(&self, faults: &mut Faults) -> Option<Urgent> {
        let urgent = Urgent::parse(self.urgent.trim());
        if urgent.is_none() {
            let missing = self.urgent.trim().is_empty();
            faults.add(Field::Urgent, if missing { FieldFault::Missing } else { FieldFault::NotRecognised });
        }
        urgent
    }

    fn technique(&self, choices: Choices<'_>, faults: &mut Faults) -> Option<String> {
        let slug = self.technique.trim();
        if slug.is_empty() {
            return None;
        }
        if !choices.techniques.iter().any(|known| known == slug) {
            faults.add(Field::Technique, FieldFault::NotRecognised);
        }
        Some(slug.to_owned())
    }

    /// Keeps the content's order and each condition once, so that the same ticks are the same submission.
    fn health(&self, choices: Choices<'_>, faults: &mut Faults) -> Vec<String> {
        let unknown = |slug: &&String| !slug.is_empty() && !choices.conditions.contains(slug);
        if self.health.iter().find(unknown).is_some() {
            faults.add(Field::Health, FieldFault::NotRecognised);
        }
        choices.conditions.iter().filter(|slug| self.has_health(slug)).cloned().collect()
    }

    fn contact(&self, faults: &mut Faults) -> Option<Contact> {
        let before = faults.0.len();
        let wish = self.wish(faults);
        let email = given(&self.email, Field::Email, faults, |text| EmailAddress::parse_public(text).ok());
        let phone = given(&self.phone, Field::Phone, faults, |text| PhoneNumber::parse(text).ok());
        if faults.0.len() > before {
            return None;
        }
        let contact = Contact::new(email, phone, wish);
        if contact.is_none() {
            let nothing = self.email.trim().is_empty() && self.phone.trim().is_empty();
            let (field, fault) = match wish {
                Some(ContactBy::Phone) => (Field::Phone, FieldFault::ChosenButMissing),
                Some(ContactBy::Email) if !nothing => (Field::Email, FieldFault::ChosenButMissing),
                _ => (Field::Email, FieldFault::NoWayToReach),
            };
            faults.add(field, fault);
        }
        contact
    }

    fn wish(&self, faults: &mut Faults) -> Option<ContactBy> {
        let text = self.contact_by.trim();
        let wish = ContactBy::parse(text);
        if wish.is_none() && !text.is_empty() {
            faults.add(Field::ContactBy, FieldFault::NotRecognised);
        }
        wish
    }

    fn best_time(&self, faults: &mut Faults) -> Option<BestTime> {
        match BestTime::parse(&self.best_time) {
            Err(TextFault::Missing) => None,
            result => faults.keep(Field::BestTime, LONGEST_BEST_TIME, result),
        }
    }

    /// A box that is ticked or not.
    fn yes(&self, field: Field, value: &str, faults: &mut Faults) -> bool {
        if !matches!(value, "" | "yes") {
            faults.add(field, FieldFault::NotRecognised);
        }
        value == "yes"
    }
}

fn given<T>(text: &str, field: Field, faults: &mut Faults, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    if has_controls(text) {
        faults.add(field, FieldFault::ControlCharacter);
        return None;
    }
    if text.trim().is_empty() {
        return None;
    }
    let value = parse(text);
    if value.is_none() {
        faults.add(field, FieldFault::NotRecognised);
    }
    value
}

/// Unique on (token, normalised content): a double click is one inquiry, an edited resend is a new one.
fn submission(token: &str, answers: &Answers) -> [u8; 32] {
    let contact = &answers.contact;
    let health = answers.health.join(",");
    let parts = [
        token,
        answers.urgent.as_str(),
        answers.name.as_str(),
        contact.email().map_or("", EmailAddress::as_str),
        contact.phone().map_or("", PhoneNumber::as_str),
        contact.by().as_str(),
        if answers.voicemail { "yes" } else { "" },
        answers.technique.as_deref().unwrap_or(""),
        answers.best_time.as_ref().map_or("", BestTime::as_str),
        &health,
        answers.message.as_str(),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn techniques() -> Vec<String> {
        vec!["swedish".to_owned()]
    }

    fn conditions() -> Vec<String> {
        vec!["pregnancy".to_owned(), "sunburn".to_owned()]
    }

    fn honest() -> InquiryForm {
        let text = str::to_owned;
        InquiryForm {
            urgent: text("no"),
            name: text("A. Tester"),
            email: text("a.tester@example.org"),
            message: text("My back hurts."),
            consent: text("yes"),
            token: text("token"),
            ..InquiryForm::default()
        }
    }

    fn parse(form: &InquiryForm) -> Result<NewInquiry, Vec<FieldError>> {
        form.parse(Choices { techniques: &techniques(), conditions: &conditions() })
    }

    fn faults(change: impl Fn(&mut InquiryForm)) -> Vec<(&'static str, FieldFault)> {
        let mut form = honest();
        change(&mut form);
        let errors = parse(&form).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.field.as_str(), error.fault)).collect()
    }

    #[test]
    fn an_empty_form_has_all_its_faults_at_once_in_page_order() {
        let errors = parse(&InquiryForm::default()).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["urgent", "message", "name", "email", "consent"]);
    }

    #[test]
    fn each_rule_names_its_field() {
        assert_eq!(faults(|_| ()), []);
        assert_eq!(faults(|f| f.email.clear()), [("email", FieldFault::NoWayToReach)]);
        assert_eq!(faults(|f| f.contact_by = "phone".into()), [("phone", FieldFault::ChosenButMissing)]);
        assert_eq!(faults(|f| f.contact_by = "fax".into()), [("contact_by", FieldFault::NotRecognised)]);
        assert_eq!(faults(|f| f.email = "anna".into()), [("email", FieldFault::NotRecognised)]);
        assert_eq!(faults(|f| f.phone = "12".into()), [("phone", FieldFault::NotRecognised)]);
        assert_eq!(faults(|f| f.technique = "shiatsu".into()), [("technique", FieldFault::NotRecognised)]);
        assert_eq!(faults(|f| f.health.push("gout".into())), [("health", FieldFault::NotRecognised)]);
        assert_eq!(faults(|f| f.best_time = "x".repeat(203)), [("best_time", FieldFault::TooLong(3))]);
        assert_eq!(faults(|f| f.name = "x\0".into()), [("name", FieldFault::ControlCharacter)]);
        assert_eq!(faults(|f| f.consent = "maybe".into()), [("consent", FieldFault::NotRecognised)]);
        assert_eq!(faults(|f| f.urgent = "perhaps".into()), [("urgent", FieldFault::NotRecognised)]);
    }

    #[test]
    fn the_same_words_are_the_same_submission_and_edited_words_are_not() {
        let submission = |change: &dyn Fn(&mut InquiryForm)| {
            let mut form = honest();
            change(&mut form);
            *parse(&form).unwrap().submission()
        };
        let first = submission(&|_| ());
        assert_eq!(first, submission(&|f| f.name = "  A. Tester ".into()));
        assert_eq!(first, submission(&|f| f.health = vec![String::new()]));
        assert_ne!(first, submission(&|f| f.message.push('!')));
        assert_ne!(first, submission(&|f| f.token = "other".into()));
        let ticked = |order: [&str; 2]| submission(&|f: &mut InquiryForm| f.health = order.map(str::to_owned).to_vec());
        assert_eq!(ticked(["sunburn", "pregnancy"]), ticked(["pregnancy", "sunburn"]));
    }

    #[test]
    fn a_filled_trap_is_no_fault() {
        let mut form = honest();
        form.blank = "https://spam.example".into();
        assert!(parse(&form).unwrap().is_trapped());
    }
}
