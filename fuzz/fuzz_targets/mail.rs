//! Any inquiry: the mails about it have just the headers of their kind, short lines, and the words in them.
#![no_main]

mod sample;

use std::sync::LazyLock;

use backwise::config::{ClinicView, Config, Detail};
use backwise::content::Content;
use backwise::mail::{Letterhead, written};
use backwise::outbox::{About, Kind, OwedMessage, State};
use backwise::secret::SecretKey;
use libfuzzer_sys::fuzz_target;
use mail_parser::MessageParser;

static LETTERHEAD: LazyLock<Letterhead> = LazyLock::new(|| {
    let config = Config::from_parts("", []).expect("the defaults");
    Letterhead {
        clinic: ClinicView::of(&config.clinic),
        public_url: "https://clinic.example".to_owned(),
        from: config.mail.from.clone(),
        answers_to: config.clinic.email.clone(),
        detail: Detail::Full,
        opening: config.clinic.hours.clone(),
        content: Content::load(None).expect("our own content"),
        key: SecretKey::passing().expect("random numbers"),
    }
});

const HEADERS: [&str; 9] =
    ["from", "to", "subject", "message-id", "date", "auto-submitted", "reply-to", "mime-version", "content-type"];

fuzz_target!(|text: &str| {
    let Some(inquiry) = sample::inquiry(text) else { return };
    let words = inquiry.answers.message.as_str();
    for (kind, recipient) in
        [(Kind::Notice, Some("desk@clinic.example")), (Kind::Acknowledgement, None), (Kind::Reply, None)]
    {
        let owed = OwedMessage {
            id: "0190a000-0000-7000-8000-000000000000".to_owned(),
            kind,
            about: About::Inquiry { seq: inquiry.seq, reference: inquiry.reference.as_str().to_owned() },
            recipient: recipient.map(str::to_owned),
            entry: None,
            many: None,
            state: State::Queued,
            created_at: inquiry.received_at,
            attempts: 1,
            next_attempt_at: inquiry.received_at,
            settled_at: None,
            last_answer: None,
            give_up_at: inquiry.received_at,
        };
        let Ok(message) = written(&LETTERHEAD, &owed, &inquiry, Some(words.to_owned())) else { continue };
        assert_eq!(message.envelope().to().len(), 1, "one recipient");
        let bytes = message.formatted();
        check_lines(&bytes);
        let mail = MessageParser::new().parse(&bytes).expect("a mail");
        for header in mail.headers() {
            assert!(HEADERS.contains(&header.name.as_str().to_lowercase().as_str()), "{}", header.name.as_str());
        }
        let body = mail.body_text(0).expect("a text").replace("\r\n", "\n");
        match kind {
            Kind::Notice => assert!(body.trim_end_matches('\n').ends_with(words.trim_end_matches('\n')), "{body:?}"),
            Kind::Reply => assert!(body.starts_with(words), "{body:?}"),
            _ => assert!(words.len() < 40 || !body.contains(words), "it repeats nothing"),
        }
    }
});

/// RFC 5322, 2.1.1; and no line break that one server takes for one and another does not (SMTP smuggling).
fn check_lines(bytes: &[u8]) {
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or_else(|| {
            assert!(line.is_empty(), "a bare line feed");
            line
        });
        assert!(line.len() <= 998 && !line.contains(&b'\r') && !line.contains(&0), "{line:?}");
    }
}
