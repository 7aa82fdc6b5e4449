//! An inquiry from any text: the first four lines are name, address, number and best time, the rest is the message.

use backwise::inquiry::{Choices, Inquiry, InquiryForm, Reference, Status};
use jiff::Timestamp;

pub fn inquiry(text: &str) -> Option<Inquiry> {
    let mut lines = text.splitn(5, '\n').map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let form = InquiryForm {
        urgent: "no".to_owned(),
        consent: "yes".to_owned(),
        name: next(),
        email: next(),
        phone: next(),
        best_time: next(),
        message: next(),
        ..InquiryForm::default()
    };
    let parsed = form.parse(Choices { techniques: &[], conditions: &[] }).ok()?;
    let at = Timestamp::from_second(1_700_000_000).ok()?;
    Some(Inquiry {
        seq: 1,
        reference: Reference::parse("BW-7K3M-9QXT")?,
        answers: parsed.answers().clone(),
        status: Status::New,
        received_at: at,
        answer_by: at,
        opened_at: None,
        answered_at: None,
        consent_version: "1".to_owned(),
        submission: *parsed.submission(),
        receipt_digest: Vec::new(),
        signals: Vec::new(),
        assignee: None,
        merged_into: None,
        version: 1,
    })
}
