//! The answers of the form as types that prove themselves: whoever holds a `Message` need not check it again.
//! Personal ones have no `Display` and a redacting `Debug`.

use std::fmt;

use crate::contact::{EmailAddress, PhoneNumber};

/// Why a text cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFault {
    /// Nothing but spaces.
    Missing,
    /// More characters than allowed; how many there are.
    TooLong(usize),
    /// A control character (or a line break where one line is asked for).
    ControlCharacter,
}

/// Characters of a note or a reply.
pub const LONGEST_NOTE: usize = 20_000;

macro_rules! personal_text {
    ($(#[$doc:meta])* $name:ident, $longest:expr, $lines:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Takes a typed text.
            ///
            /// # Errors
            /// What is wrong with it: missing, too long, or holding control characters.
            pub fn parse(text: &str) -> Result<Self, TextFault> {
                text_within(text, $longest, $lines).map(Self)
            }

            /// The words exactly as they were typed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

personal_text!(
    /// A person's name: one line of 1 to 100 characters.
    Name, 100, Lines::One
);
personal_text!(
    /// When to reach them: one line of up to 200 characters.
    BestTime, 200, Lines::One
);
personal_text!(
    /// What a person wrote: 1 to 5,000 characters, line breaks kept.
    Message, 5_000, Lines::Many
);
personal_text!(
    /// What staff write, as a note or a reply: 1 to 20,000 characters, line breaks kept.
    Note, LONGEST_NOTE, Lines::Many
);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

/// Lengths count Unicode scalar values after line breaks became LF and a single line was trimmed; nothing else is changed.
fn text_within(text: &str, longest: usize, lines: Lines) -> Result<String, TextFault> {
    let text = normalise(text);
    // Before the trimming: some controls count as white space, and what was typed is not swallowed in silence.
    if has_controls(&text) {
        return Err(TextFault::ControlCharacter);
    }
    let text = if lines == Lines::One { text.trim() } else { text.as_str() };
    if text.trim().is_empty() {
        return Err(TextFault::Missing);
    }
    if lines == Lines::One && text.contains('\n') {
        return Err(TextFault::ControlCharacter);
    }
    match text.chars().count() {
        length if length > longest => Err(TextFault::TooLong(length)),
        _ => Ok(text.to_owned()),
    }
}

/// Whether a text holds control characters other than line breaks and tabs.
pub fn has_controls(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Browsers send CRLF for a line break; one line break is one character here.
pub fn normalise(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The answer to "do you have any of these now?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgent {
    /// None of the red flags.
    No,
    /// At least one.
    Yes,
    /// The person cannot tell.
    Unsure,
}

impl Urgent {
    /// The word of the form and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
            Self::Unsure => "unsure",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::No, Self::Yes, Self::Unsure].into_iter().find(|urgent| urgent.as_str() == text)
    }

    /// Whether the inquiry is marked and sorted first.
    pub fn is_marked(self) -> bool {
        self != Self::No
    }
}

/// How a person wishes to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactBy {
    /// By mail.
    Email,
    /// By telephone.
    Phone,
}

impl ContactBy {
    /// The word of the form and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Email, Self::Phone].into_iter().find(|by| by.as_str() == text)
    }
}

/// How to reach a person: at least one way, and the wished-for one among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    email: Option<EmailAddress>,
    phone: Option<PhoneNumber>,
    by: ContactBy,
}

impl Contact {
    /// None when the wished-for way (or, without a wish, every way) is missing.
    pub fn new(email: Option<EmailAddress>, phone: Option<PhoneNumber>, wish: Option<ContactBy>) -> Option<Self> {
        let by = match (wish, &email, &phone) {
            (Some(ContactBy::Email) | None, Some(_), _) => ContactBy::Email,
            (Some(ContactBy::Phone) | None, _, Some(_)) => ContactBy::Phone,
            _ => return None,
        };
        Some(Self { email, phone, by })
    }

    /// The same with another number.
    pub fn with_phone(self, phone: PhoneNumber) -> Self {
        Self { phone: Some(phone), ..self }
    }

    /// Their address, when given.
    pub fn email(&self) -> Option<&EmailAddress> {
        self.email.as_ref()
    }

    /// Their number, when given.
    pub fn phone(&self) -> Option<&PhoneNumber> {
        self.phone.as_ref()
    }

    /// The way they wish for.
    pub fn by(&self) -> ContactBy {
        self.by
    }
}

/// Everything a person answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Whether they have a red flag now.
    pub urgent: Urgent,
    /// Who they are.
    pub name: Name,
    /// How to reach them.
    pub contact: Contact,
    /// Whether a message may be left on their phone.
    pub voicemail: bool,
    /// The technique they ask about, as a slug of the content; None is "not sure".
    pub technique: Option<String>,
    /// When to reach them.
    pub best_time: Option<BestTime>,
    /// The conditions they ticked, as slugs of the content, in its order.
    pub health: Vec<String>,
    /// What they wrote.
    pub message: Message,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_characters_and_a_crlf_as_one() {
        assert!(Message::parse(&"\r\n🙂".repeat(2_500)).is_ok());
        assert_eq!(Message::parse(&"é".repeat(5_001)), Err(TextFault::TooLong(5_001)));
        assert_eq!(Message::parse("a\rb\r\nc").unwrap().as_str(), "a\nb\nc");
        assert!(Name::parse(&format!("  {}  ", "x".repeat(100))).is_ok());
        assert_eq!(Name::parse(&"x".repeat(101)), Err(TextFault::TooLong(101)));
    }

    #[test]
    fn control_characters_are_refused_and_everything_else_is_kept() {
        for odd in ["a\0b", "a\u{1b}[31mb", "a\u{7f}", "a\u{85}b", "a\u{9f}"] {
            assert_eq!(Message::parse(odd), Err(TextFault::ControlCharacter), "{odd:?}");
        }
        for odd in ["Bob\u{b}", "\u{85}Bob", "\u{c}", " \u{1c} "] {
            assert_eq!(Name::parse(odd), Err(TextFault::ControlCharacter), "{odd:?}");
        }
        assert_eq!(Name::parse("two\nlines"), Err(TextFault::ControlCharacter));
        let honest = "\u{202e}rtl\u{200b} 👩‍🦽 e\u{301} \u{feff}\tä\n ";
        assert_eq!(Message::parse(honest).unwrap().as_str(), honest);
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_kept_whole_or_refused_and_what_was_kept_is_kept_again(text in "(?s:[^\\x00-\\x08]{0,120})", one in proptest::bool::ANY) {
            let lines = if one { Lines::One } else { Lines::Many };
            if let Ok(kept) = text_within(&text, 100, lines) {
                let lf = text.replace("\r\n", "\n").replace('\r', "\n");
                proptest::prop_assert_eq!(&kept, if one { lf.trim() } else { &lf });
                proptest::prop_assert!(kept.chars().count() <= 100 && !kept.contains('\r') && !(one && kept.contains('\n')));
                proptest::prop_assert_eq!(text_within(&kept, 100, lines), Ok(kept));
            }
        }
    }

    #[test]
    fn the_wished_for_way_must_be_there() {
        let email = EmailAddress::parse("anna@example.org").ok();
        let phone = PhoneNumber::parse("01234 567890").ok();
        assert!(Contact::new(None, None, None).is_none());
        assert!(Contact::new(email.clone(), None, Some(ContactBy::Phone)).is_none());
        assert_eq!(Contact::new(None, phone.clone(), None).unwrap().by(), ContactBy::Phone);
        assert_eq!(Contact::new(email.clone(), phone.clone(), None).unwrap().by(), ContactBy::Email);
        assert_eq!(Contact::new(email, phone, Some(ContactBy::Phone)).unwrap().by(), ContactBy::Phone);
    }
}
