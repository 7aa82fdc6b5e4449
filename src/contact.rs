//! Addresses and numbers people give us. They have no `Display` and a redacting `Debug`, so that none of
//! them can reach a log line by accident: whoever shows one says so with `as_str`.

use std::fmt;
use std::str::FromStr;

/// An email address that the mail library accepts, so that what the form takes the courier can send to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Why a text is no email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an email address")]
pub struct NotAnEmailAddress;

/// The longest address that fits a mail server's path (RFC 5321, 4.5.3.1.3: 256 with its brackets).
const LONGEST_EMAIL: usize = 254;

impl EmailAddress {
    /// Parses an address after trimming. Local names such as `desk@localhost` are allowed:
    /// a clinic's own server may use them.
    pub fn parse(text: &str) -> Result<Self, NotAnEmailAddress> {
        let text = text.trim();
        if text.len() > LONGEST_EMAIL {
            return Err(NotAnEmailAddress);
        }
        lettre::Address::from_str(text).map_err(|_| NotAnEmailAddress)?;
        Ok(Self(text.to_owned()))
    }

    /// An address reachable from the outside: its domain has a dot (or is an address literal).
    /// "anna@gmail" is a slip of the finger that would cost her the answer.
    pub fn parse_public(text: &str) -> Result<Self, NotAnEmailAddress> {
        let address = Self::parse(text)?;
        let domain = address.domain();
        match domain.contains('.') || domain.starts_with('[') {
            true => Ok(address),
            false => Err(NotAnEmailAddress),
        }
    }

    /// The address as it was typed, for showing and sending.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the last `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The part after the last `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form under which two spellings of one mailbox are equal, as far as outsiders can tell.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

/// A telephone number a person reads and dials: kept as typed, 6 to 15 digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// Why a text is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number")]
pub struct NotAPhoneNumber;

/// Fewest digits of a number one can call back from elsewhere.
const FEWEST_DIGITS: usize = 6;
/// Of a number without what is dialled before it: fewer could be somebody's in every town.
const FEWEST_OWN_DIGITS: usize = 7;
/// Most digits of an international number (ITU-T E.164).
const MOST_DIGITS: usize = 15;
/// Room for brackets, spaces and an extension around the digits.
const LONGEST_PHONE: usize = 50;

impl PhoneNumber {
    /// Whether the same digits are dialled; `00` before them is another way to write `+`.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let dialled = |number: &Self| {
            let digits: String = number.0.chars().filter(char::is_ascii_digit).collect();
            if number.0.contains('+') { format!("00{digits}") } else { digits }
        };
        dialled(self) == dialled(other)
    }

    /// Whether both may reach the same telephone: the same digits are dialled, with or without what is dialled before them from
    /// abroad or from the next town.
    pub fn reaches_same_as(&self, other: &Self) -> bool {
        let own = |number: &Self| {
            let href = number.href();
            let dialled = href.split(';').next().unwrap_or_default();
            ascii_digits(dialled).trim_start_matches('0').to_owned()
        };
        let (one, other) = (own(self), own(other));
        let shorter = one.len().min(other.len());
        one == other || (shorter >= FEWEST_OWN_DIGITS && (one.ends_with(&other) || other.ends_with(&one)))
    }

    /// Parses a number in any usual notation: `+49 (0)30 / 1234-567`, `01 23 45 67 89`, `0207 946 0000 ext. 12`.
    pub fn parse(text: &str) -> Result<Self, NotAPhoneNumber> {
        let text = text.trim();
        let (number, extension) = split_extension(text);
        let digits = count_digits(number);
        let fits = (FEWEST_DIGITS..=MOST_DIGITS).contains(&digits)
            && text.chars().count() <= LONGEST_PHONE
            && without_plus(number).chars().all(is_usual_in_number)
            && extension.is_none_or(|ext| (1..=6).contains(&count_digits(ext)));
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAPhoneNumber) }
    }

    /// The number as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number for a `tel:` link (RFC 3966): digits, a leading plus, an extension.
    pub fn href(&self) -> String {
        let (number, extension) = split_extension(&self.0);
        // In "+44 (0)20 …" the bracketed zero is for callers inside the country only.
        let number = if number.starts_with('+') { number.replace("(0)", "") } else { number.to_owned() };
        let dialled: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        match extension {
            Some(ext) => format!("tel:{dialled};ext={}", ascii_digits(ext)),
            None => format!("tel:{dialled}"),
        }
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

/// "+49 30" and "(+49) 30" without their plus.
fn without_plus(number: &str) -> String {
    let bare = number.strip_prefix('+').or_else(|| number.strip_prefix("(+"));
    bare.unwrap_or(number).to_owned()
}

/// What people write in a number, apart from the plus before it.
pub fn is_usual_in_number(c: char) -> bool {
    c.is_ascii_digit()
        || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2010}'..='\u{2013}' | '(' | ')' | '/' | '.' | '\'')
}

/// Splits "0207 946 0000 ext. 12" at its extension; the second part is None without one.
fn split_extension(text: &str) -> (&str, Option<&str>) {
    for mark in ["extension", "ext.", "ext", "x", "#"] {
        if let Some(at) = text.to_ascii_lowercase().find(mark) {
            let extension = text[at + mark.len()..].trim();
            let only_digits = !extension.is_empty() && extension.chars().all(|c| c.is_ascii_digit());
            return (text[..at].trim_end(), only_digits.then_some(extension).or(Some("")));
        }
    }
    (text, None)
}

fn count_digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

fn ascii_digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_notations_of_a_telephone_number_are_accepted() {
        for text in [
            "+49 (0)30 / 1234-567",
            "01 23 45 67 89",
            "020 7946 0000",
            "(+44) 20 7946 0000",
            "+1-212-555-0100",
            "0207 946 0000 ext. 12",
            "212.555.0100 x9",
            "123456",
            "+123456789012345",
        ] {
            assert!(PhoneNumber::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written_and_another_one_is_not() {
        let same = |one, other| PhoneNumber::parse(one).unwrap().is_same_as(&PhoneNumber::parse(other).unwrap());
        assert!(same("(+44) 20 7946 0000", "0044 20-7946-0000") && same("020 7946 0000", "02079460000"));
        assert!(!same("020 7946 0000", "020 7946 0001") && !same("+44 20 7946 0000", "44 20 7946 0000"));
    }

    #[test]
    fn a_number_reaches_the_same_telephone_from_near_and_from_far() {
        let same = |one, other| PhoneNumber::parse(one).unwrap().reaches_same_as(&PhoneNumber::parse(other).unwrap());
        for other in ["01632 960001", "(+44) 1632 960 001", "0044 1632-960001", "+44 (0)1632 960001", "1632960001"] {
            assert!(same("+44 1632 960001", other) && same(other, "+44 1632 960001"), "{other}");
        }
        assert!(!same("+44 1632 960001", "+44 1632 960002") && !same("960001", "01632 960001"));
        assert!(!same("+44 1632 960001", "+49 1632 960001"));
    }

    #[test]
    fn what_cannot_be_dialled_is_refused() {
        for text in [
            "",
            "12345",
            "1234567890123456",
            "call me",
            "++49 30 123456",
            "+(+49) 30 123456",
            "030-12b34567",
            "12+3456789",
            "0207 946 0000 ext. no",
        ] {
            assert!(PhoneNumber::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_tel_link_holds_only_what_a_telephone_dials() {
        let href = |text| PhoneNumber::parse(text).unwrap().href();
        assert_eq!(href("+49 (0)30 / 1234-567"), "tel:+49301234567");
        assert_eq!(href("0207 946 0000 ext. 12"), "tel:02079460000;ext=12");
    }

    #[test]
    fn an_address_from_outside_needs_a_domain_that_can_be_reached() {
        assert!(EmailAddress::parse("desk@localhost").is_ok());
        assert!(EmailAddress::parse_public("anna@gmail").is_err());
        for text in ["anna@example.org", "o'neill+back@sub.example.co.uk", "müller@example.de", "\"a b\"@example.org"]
        {
            assert!(EmailAddress::parse_public(text).is_ok(), "{text}");
        }
        for text in
            ["", "anna", "anna@", "@example.org", "a b@example.org", "a@b@example.org", "a@example.org\nBcc: x@y.z"]
        {
            assert!(EmailAddress::parse_public(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_output_names_nobody() {
        let address = EmailAddress::parse("anna@example.org").unwrap();
        let number = PhoneNumber::parse("01234 567890").unwrap();
        let shown = format!("{address:?} {number:?}");
        assert!(!shown.contains("anna") && !shown.contains("567890"), "{shown}");
    }
}
