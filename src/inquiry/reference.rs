//! The reference: a short code a person reads aloud on the telephone.

use std::fmt;
use std::io;

use crate::secret;

/// No letter or digit that looks or sounds like another: 0 O, 1 I L, B (8), S (5), U (V), Z (2) are left out.
const ALPHABET: &[u8; 27] = b"23456789ACDEFGHJKMNPQRTVWXY";

/// `BW-7K3M-9QXT`: eight random characters, 38 bits, so that nobody can guess the next one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference(String);

impl Reference {
    /// A new one. The store keeps it unique.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn random() -> io::Result<Self> {
        let mut code = String::from("BW-");
        while code.len() < 12 {
            let [byte] = secret::random::<1>()?;
            // 243 is the largest multiple of 27 in a byte: beyond it, some characters would be likelier.
            if byte < 243 {
                code.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
                if code.len() == 7 {
                    code.push('-');
                }
            }
        }
        Ok(Self(code))
    }

    /// Reads one as people write it: any case, with or without hyphens, spaces or the prefix.
    pub fn parse(text: &str) -> Option<Self> {
        let bare: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_uppercase();
        let code = match bare.len() {
            10 => bare.strip_prefix("BW")?,
            8 => &bare,
            _ => return None,
        };
        let known = code.bytes().all(|byte| ALPHABET.contains(&byte));
        let only_separators = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == ' ');
        (known && only_separators).then(|| Self(format!("BW-{}-{}", &code[..4], &code[4..])))
    }

    /// `BW-7K3M-9QXT`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The groups in which it is read aloud.
    pub fn groups(&self) -> Vec<String> {
        self.0.split('-').map(str::to_owned).collect()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_as_people_write_it() {
        let expected = Some(Reference("BW-7K3M-9QXT".into()));
        for text in ["BW-7K3M-9QXT", "bw-7k3m-9qxt", "7K3M9QXT", "BW 7K3M 9QXT", "bw7k3m9qxt"] {
            assert_eq!(Reference::parse(text), expected, "{text}");
        }
        for text in ["", "BW-7K3M-9QX", "BW-7K3M-9QXO", "BW-7K3M-9QXT'", "BW/7K3M/9QXT", "ÄW-7K3M-9QXT"] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }

    #[test]
    fn new_references_read_back_as_themselves() {
        for _ in 0..500 {
            let reference = Reference::random().unwrap();
            assert_eq!(Reference::parse(reference.as_str()), Some(reference.clone()));
            assert_eq!(reference.as_str().len(), 12);
        }
    }
}
