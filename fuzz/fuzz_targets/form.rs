//! Any body: it is a form exactly or not at all, and what passes the form's rules keeps them.
#![no_main]

use backwise::inquiry::{Choices, InquiryForm, LONGEST_MESSAGE, LONGEST_NAME};
use backwise::web::form_fields;
use libfuzzer_sys::fuzz_target;
use url::form_urlencoded::Serializer;

fuzz_target!(|body: &[u8]| {
    let Some(fields) = form_fields(body) else { return };
    let again = Serializer::new(String::new()).extend_pairs(&fields).finish();
    assert_eq!(form_fields(again.as_bytes()).as_ref(), Some(&fields), "what was read is read again");

    let text = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let form = InquiryForm {
        urgent: text("urgent"),
        name: text("name"),
        email: text("email"),
        phone: text("phone"),
        contact_by: text("contact_by"),
        voicemail: text("voicemail"),
        technique: text("technique"),
        best_time: text("best_time"),
        health: fields.iter().filter(|(key, _)| key == "health").map(|(_, value)| value.clone()).collect(),
        message: text("message"),
        consent: text("consent"),
        blank: text("blank"),
        token: text("token"),
        ..InquiryForm::default()
    };
    let techniques = ["swedish".to_owned()];
    let conditions = ["sunburn".to_owned(), "pregnancy".to_owned()];
    let choices = Choices { techniques: &techniques, conditions: &conditions };
    match form.parse(choices) {
        Err(faults) => assert!(!faults.is_empty()),
        Ok(inquiry) => {
            let answers = inquiry.answers();
            let (name, message) = (answers.name.as_str(), answers.message.as_str());
            assert!((1..=LONGEST_NAME).contains(&name.chars().count()));
            assert!(name.chars().all(|c| !c.is_control() || c == '\t'), "{name:?}");
            assert!((1..=LONGEST_MESSAGE).contains(&message.chars().count()));
            assert!(message.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')));
            assert!(answers.contact.email().is_some() || answers.contact.phone().is_some());
            let stored = InquiryForm { name: name.to_owned(), message: message.to_owned(), ..form };
            let twice = stored.parse(choices).expect("what was stored is valid");
            assert_eq!(twice.submission(), inquiry.submission(), "the same words are the same inquiry");
        }
    }
});
