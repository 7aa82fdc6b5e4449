//! The short name of a technique or a condition in file names, addresses and the database.
//! It is never shown to a person as text.

use std::fmt;

use super::table::Table;

/// Lower-case letters, digits and single hyphens between them, 1 to 60 characters: `hot-stone`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// Why a text is no slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a short name has only a-z, 0-9 and single hyphens between them, at most {LONGEST} characters")]
pub struct NotASlug;

/// Room for any name; short enough for an address that is read aloud.
const LONGEST: usize = 60;

impl Slug {
    /// Takes a slug as it is; nothing is trimmed or folded.
    pub fn parse(text: &str) -> Result<Self, NotASlug> {
        let plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let hyphens_join = text.split('-').all(|part| !part.is_empty());
        if plain && hyphens_join && text.len() <= LONGEST { Ok(Self(text.to_owned())) } else { Err(NotASlug) }
    }

    /// A slug made from a heading; letters outside a-z are left out.
    pub(super) fn from_heading(heading: &str) -> Option<Self> {
        let mut text = String::new();
        for c in heading.to_lowercase().chars() {
            match c {
                'a'..='z' | '0'..='9' => text.push(c),
                // "don’t" becomes "dont", not "don-t".
                '\'' | '’' => {}
                _ if text.ends_with('-') || text.is_empty() => {}
                _ => text.push('-'),
            }
        }
        text.truncate(LONGEST);
        Self::parse(text.trim_end_matches('-')).ok()
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key that holds a slug.
pub(super) fn read_slug(table: &Table<'_, '_>, key: &'static str) -> Option<Slug> {
    let word = table.word(key)?;
    Slug::parse(&word).map_err(|error| table.fault(key, format!("`{word}` cannot be used; {error}"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_plain_and_short() {
        let longest = "a".repeat(60);
        for text in ["hot-stone", "a", "7", "deep-tissue-2", &longest] {
            assert!(Slug::parse(text).is_ok(), "{text}");
        }
        let too_long = "a".repeat(61);
        for text in ["", "-", "-a", "a-", "a--b", "Hot-stone", "hot stone", "hot_stone", "hölle", "../x", &too_long] {
            assert!(Slug::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_heading_becomes_a_slug() {
        let slug = |heading| Slug::from_heading(heading).map(|slug| slug.to_string());
        assert_eq!(slug("Who should not have it?").as_deref(), Some("who-should-not-have-it"));
        assert_eq!(slug("What you don’t need – 2 things").as_deref(), Some("what-you-dont-need-2-things"));
        assert_eq!(slug("???"), None);
    }
}
