//! The stylesheets: tokens and basics once, then what the site and the desk each add. A page that everybody gets alike
//! carries just the style that it needs inside, so that one answer shows all of it; a page made for one person links
//! the whole.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const TOKENS: &str = include_str!("../../static/tokens.css");
const BASE: &str = include_str!("../../static/base.css");
const FORMS: &str = include_str!("../../static/forms.css");
const SITE: &str = include_str!("../../static/site.css");
const READING: &str = include_str!("../../static/reading.css");
const ASKING: &str = include_str!("../../static/asking.css");
const DESK: &str = include_str!("../../static/desk.css");

/// One stylesheet as it is sent.
#[derive(Clone, Debug)]
pub struct Stylesheet {
    text: String,
    path: String,
    source: String,
}

impl Stylesheet {
    fn of(name: &str, parts: &[&str]) -> Self {
        let text: String = parts.iter().copied().map(compact).collect();
        let hash = Sha256::digest(text.as_bytes());
        let path = format!("/static/{name}-{}.css", URL_SAFE_NO_PAD.encode(&hash[..9]));
        Self { text, path, source: format!("'sha256-{}'", STANDARD.encode(hash)) }
    }

    /// The style itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it lies; the name changes with its content, so browsers may keep it for ever.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What a Content-Security-Policy must name to allow it inside a page (CSP 3, 6.7.3.3).
    pub(super) fn source(&self) -> &str {
        &self.source
    }
}

/// How a page gets its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// By a link, which browsers keep for ever.
    Linked,
    /// Inside, for a page that people read.
    Reading,
    /// Inside, for a page that asks.
    Asking,
}

/// Every stylesheet.
#[derive(Clone, Debug)]
pub struct Styles {
    /// For the pages of the public.
    pub site: Stylesheet,
    /// For the desk.
    pub desk: Stylesheet,
    reading: Stylesheet,
    asking: Stylesheet,
}

impl Styles {
    /// Puts them together.
    pub(super) fn new() -> Self {
        Self {
            site: Stylesheet::of("site", &[TOKENS, BASE, FORMS, SITE, READING, ASKING]),
            desk: Stylesheet::of("desk", &[TOKENS, BASE, FORMS, DESK]),
            reading: Stylesheet::of("reading", &[TOKENS, BASE, SITE, READING]),
            asking: Stylesheet::of("asking", &[TOKENS, BASE, FORMS, SITE, ASKING]),
        }
    }

    /// The style that a page carries inside, if it does.
    pub fn inside(&self, dress: &Dress) -> Option<&Stylesheet> {
        match dress {
            Dress::Linked => None,
            Dress::Reading => Some(&self.reading),
            Dress::Asking => Some(&self.asking),
        }
    }
}

/// Leaves out comments, indentation and line breaks: what a page carries inside should weigh little. Lines must end where a
/// space means nothing, and no string may hold a comment's mark.
fn compact(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.lines().map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compact_style_says_the_same() {
        assert_eq!(
            compact("/* a */\na {\n  color: red;\n}\n/* b\n c */ p > a,\nb { margin: 0 }\n"),
            "a {color: red;}p > a,b { margin: 0 }"
        );
    }

    #[test]
    fn lines_end_where_a_space_means_nothing() {
        let files = [TOKENS, BASE, FORMS, SITE, READING, ASKING, DESK];
        for (name, css) in ["tokens", "base", "forms", "site", "reading", "asking", "desk"].into_iter().zip(files) {
            let without_comments = css.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, after)| after));
            for line in without_comments.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty()) {
                assert!(line.ends_with(['{', '}', ';', ',']), "{name}.css: {line}");
            }
        }
    }
}
