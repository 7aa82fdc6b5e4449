//! What a person chose rather than wrote: sealed as one text, so that a row is small and is opened once. The technique has a
//! mark beside it, by which the inbox filters.

use super::Error;
use super::sealing::{of_inquiry, seal};
use crate::inquiry::{Answers, ContactBy, Urgent};
use crate::secret::SealingKey;

/// The chosen of an inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) urgent: Urgent,
    pub(super) contact_by: ContactBy,
    pub(super) voicemail: bool,
    pub(super) technique: Option<String>,
}

impl Chosen {
    pub(super) fn of(answers: &Answers) -> Self {
        Self {
            urgent: answers.urgent,
            contact_by: answers.contact.by(),
            voicemail: answers.voicemail,
            technique: answers.technique.clone(),
        }
    }

    /// What is sealed.
    pub(super) fn text(&self) -> String {
        let voicemail = if self.voicemail { "yes" } else { "" };
        let technique = self.technique.as_deref().unwrap_or_default();
        format!("{},{},{voicemail},{technique}", self.urgent.as_str(), self.contact_by.as_str())
    }

    /// Reads what was sealed.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        let damaged = || Error::Damaged("chosen");
        let parts: Vec<&str> = text.splitn(4, ',').collect();
        let &[urgent, contact_by, voicemail, technique] = parts.as_slice() else { return Err(damaged()) };
        Ok(Self {
            urgent: Urgent::parse(urgent).ok_or_else(damaged)?,
            contact_by: ContactBy::parse(contact_by).ok_or_else(damaged)?,
            voicemail: voicemail == "yes",
            technique: Some(technique.to_owned()).filter(|slug| !slug.is_empty()),
        })
    }

    /// What is kept of them in the row of an inquiry.
    pub(super) fn sealed(&self, key: &SealingKey, reference: &str) -> Result<Vec<u8>, Error> {
        seal(key, of_inquiry("chosen", reference), &self.text())
    }

    /// What stands in the column `technique`.
    pub(super) fn mark(&self, key: &SealingKey) -> String {
        key.mark(self.technique.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_back_as_they_were_sealed() {
        for urgent in [Urgent::No, Urgent::Yes, Urgent::Unsure] {
            for (contact_by, voicemail, technique) in
                [(ContactBy::Email, false, None), (ContactBy::Phone, true, Some("hot-stone".to_owned()))]
            {
                let chosen = Chosen { urgent, contact_by, voicemail, technique };
                assert_eq!(Chosen::read(&chosen.text()).unwrap(), chosen);
            }
        }
        for broken in ["", "no", "no,email", "no,email,yes", "maybe,email,,", "no,pigeon,,"] {
            assert!(Chosen::read(broken).is_err(), "{broken}");
        }
    }
}
