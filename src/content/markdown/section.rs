//! A part of a page, and the markup in it.

/// Markup that came out of this module and nowhere else, so that a template may show it unescaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html(pub(super) String);

impl Html {
    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A part of a page: a heading of the second level and what stands below it.
#[derive(Clone, Debug)]
pub struct Section {
    pub(super) id: String,
    pub(super) heading: String,
    pub(super) html: Html,
    pub(super) line: usize,
    pub(super) cites: bool,
}

impl Section {
    /// The heading's id, unique on its page.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The heading as plain text.
    pub fn heading(&self) -> &str {
        &self.heading
    }

    /// The line of its heading in the file.
    pub(in crate::content) fn line(&self) -> usize {
        self.line
    }

    /// Whether its text links to a source.
    pub(in crate::content) fn cites(&self) -> bool {
        self.cites
    }

    /// The same with other markup below the heading, made from what stands there.
    pub(in crate::content) fn with_html(self, change: &impl Fn(&str) -> String) -> Self {
        Self { html: Html(change(&self.html.0)), ..self }
    }

    /// What stands below the heading, without the heading.
    pub fn html(&self) -> &Html {
        &self.html
    }
}
