//! Turns the Markdown of a content file into sections of safe HTML.
//! HTML written in a file is shown as text; only links that stay on the site or are plainly outside it are made.

mod heading;
mod section;

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

pub use self::section::{Html, Section};
use super::front::File;
use super::source::Sources;

/// The sections of a file and the ids of the sources that its text links to.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) sections: Vec<Section>,
    pub(super) cited: Vec<String>,
}

impl Body {
    /// Takes out the section that a page cannot do without; None is a noted fault.
    pub(super) fn take(&mut self, file: File<'_>, id: &str) -> Option<Section> {
        let found = self.sections.iter().position(|section| section.id() == id);
        if found.is_none() {
            file.fault(file.text.len(), format!("the section `{id}` is missing; add a heading: ## … {{#{id}}}"));
        }
        found.map(|at| self.sections.remove(at))
    }
}

/// Renders `body`, which begins at byte `at` of the file.
pub(super) fn render(file: File<'_>, (body, at): (&str, usize), sources: &Sources) -> Body {
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut writer = Writer {
        file,
        at,
        sources,
        body: Body::default(),
        events: Vec::new(),
        title: None,
        cites: false,
        ids: Vec::new(),
        text: String::new(),
    };
    for (event, place) in Parser::new_ext(body, options).into_offset_iter() {
        writer.take(event, place);
    }
    writer.end_section();
    writer.body
}

struct Writer<'f, 'b> {
    file: File<'f>,
    at: usize,
    sources: &'f Sources,
    body: Body,
    /// What stands below the heading of the section being written.
    events: Vec<Event<'b>>,
    /// The id and heading of that section, and where it stands.
    title: Option<(String, String, usize)>,
    /// Whether that section links to a source so far.
    cites: bool,
    /// Every id given so far.
    ids: Vec<String>,
    /// The plain words of the paragraph, list item or heading being read.
    text: String,
}

impl<'b> Writer<'_, 'b> {
    fn take(&mut self, event: Event<'b>, place: Range<usize>) {
        let at = self.at + place.start;
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => self.start_heading(level, id, at),
            Event::End(TagEnd::Heading(level)) => self.end_heading(level, at),
            // HTML in a file is shown, not obeyed.
            Event::Start(Tag::HtmlBlock) => self.keep(Event::Start(Tag::Paragraph), at),
            Event::End(TagEnd::HtmlBlock) => self.end_block(TagEnd::Paragraph, at),
            Event::Html(text) | Event::InlineHtml(text) => self.write_text(text, at),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = self.link(link_type, dest_url, at);
                self.keep(Event::Start(Tag::Link { link_type, dest_url, title, id }), at);
            }
            Event::Start(Tag::Image { .. }) => self.file.fault(at, "pictures cannot be put into the text; remove it"),
            Event::End(TagEnd::Image) => {}
            Event::Text(text) => self.write_text(text, at),
            Event::SoftBreak | Event::HardBreak => {
                self.text.push(' ');
                self.keep(event, at);
            }
            Event::Start(Tag::Item) => {
                // A nested list begins inside its parent's item: the parent's words end here.
                self.end_prose(at);
                self.keep(event, at);
            }
            Event::End(end @ (TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell)) => self.end_block(end, at),
            other => self.keep(other, at),
        }
    }

    /// The address that a link may have; what it may not have is a fault.
    fn link(&mut self, link_type: LinkType, address: CowStr<'b>, at: usize) -> CowStr<'b> {
        if let Some(id) = address.strip_prefix("source:") {
            return self.link_source(id, at);
        }
        let lower = address.to_ascii_lowercase();
        let outside = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme));
        // `//` and `/\` would leave the site.
        let inside =
            lower.starts_with('#') || (lower.starts_with('/') && !lower.starts_with("//") && !lower.starts_with("/\\"));
        if link_type != LinkType::Email && !outside && !inside {
            self.file.fault(
                at,
                format!("the link `{address}` cannot be used; begin it with / or https:// or mailto: or tel:"),
            );
            return CowStr::Borrowed("#");
        }
        address
    }

    /// A link to an entry of the page's list of sources.
    fn link_source(&mut self, id: &str, at: usize) -> CowStr<'b> {
        let Some(source) = self.sources.find(self.file, at, id) else { return CowStr::Borrowed("#") };
        self.body.cited.push(id.to_owned());
        self.cites = true;
        format!("#{}", source.anchor()).into()
    }

    fn write_text(&mut self, text: CowStr<'b>, at: usize) {
        self.text.push_str(&text);
        self.keep(Event::Text(text), at);
    }

    fn end_block(&mut self, end: TagEnd, at: usize) {
        self.end_prose(at);
        self.events.push(Event::End(end));
    }

    fn end_prose(&mut self, at: usize) {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            self.file.prose(at, text.trim());
        }
    }

    fn keep(&mut self, event: Event<'b>, at: usize) {
        let in_heading = matches!(self.events.first(), Some(Event::Start(Tag::Heading { .. })));
        if self.title.is_none() && self.events.is_empty() && !in_heading {
            self.file
                .fault(at, "there is text before the first section; put it below a heading with ##, or into `lead`");
        }
        self.events.push(event);
    }

    fn end_section(&mut self) {
        let events = std::mem::take(&mut self.events);
        let cites = std::mem::take(&mut self.cites);
        let Some((id, heading, line)) = self.title.take() else { return };
        let mut markup = String::new();
        html::push_html(&mut markup, events.into_iter());
        self.body.sections.push(Section { id, heading, html: Html(markup), line, cites });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::fault::Notes;

    fn rendered(text: &str) -> (Vec<Section>, Vec<String>) {
        let notes = Notes::default();
        let file = File { name: "a.md", text, notes: &notes };
        let body = render(file, (text, 0), &Sources::none());
        (body.sections, notes.finish().0.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn sections_begin_at_headings_of_the_second_level() {
        let (sections, faults) =
            rendered("## One *more* {#one}\n\nText.\n\n### Inner\n\n- a\n\n## Two\n\nEnd.\n\n## Two\n");
        assert_eq!(faults, [] as [&str; 0]);
        let ids: Vec<_> = sections.iter().map(|section| (section.id(), section.heading())).collect();
        assert_eq!(ids, [("one", "One more"), ("two", "Two"), ("two-2", "Two")]);
        assert_eq!(sections[0].html().as_str(), "<p>Text.</p>\n<h3 id=\"inner\">Inner</h3>\n<ul>\n<li>a</li>\n</ul>\n");
        assert_eq!(sections[1].html().as_str(), "<p>End.</p>\n");
    }

    proptest::proptest! {
        #[test]
        fn no_text_becomes_an_element_of_its_own(text in "(?s:.{0,200})") {
            let (sections, _) = rendered(&format!("## A\n\n{text}"));
            for tag in sections.iter().flat_map(|section| section.html().as_str().split('<').skip(1)) {
                let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                let known = ["p", "a", "ul", "ol", "li", "em", "strong", "h3", "h4", "h5", "h6", "br", "hr", "code", "pre", "blockquote", "del", "table", "thead", "tbody", "tr", "th", "td", "sup", "div", "dl", "dt", "dd"];
                proptest::prop_assert!(known.contains(&name.as_str()), "<{}", tag);
            }
        }
    }

    #[test]
    fn html_in_a_file_is_shown_and_not_obeyed() {
        let (sections, _) = rendered(
            "## A\n\n<script>alert(1)</script>\n\nb <img src=x onerror=y> c\n\n### H {#x onclick=alert(1) .k}\n\n<div>\n\n[a](https://e.org \"q\\\"><b>\")\n",
        );
        let markup = sections[0].html().as_str();
        for unsafe_part in ["<script", "<img", "<div", "<b>", "onclick=", "class="] {
            assert!(!markup.contains(unsafe_part), "{unsafe_part} in {markup}");
        }
        assert!(markup.contains("<p>&lt;script&gt;alert(1)&lt;/script&gt;"), "{markup}");
        assert!(markup.contains("&lt;img src=x onerror=y&gt;") && markup.contains("<h3 id=\"x\">"), "{markup}");
    }

    #[test]
    fn links_lead_to_the_site_or_plainly_out_of_it() {
        for good in ["/contact", "#top", "https://e.org", "HTTP://e.org", "mailto:a@e.org", "tel:112"] {
            assert_eq!(rendered(&format!("## A\n\n[x]({good})")).1, [] as [&str; 0], "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "JavaScript:x",
            "data:text/html,x",
            "//e.org",
            "/\\\\e.org",
            "contact",
            "vbscript:x",
            "source:none",
            "",
        ] {
            let (sections, faults) = rendered(&format!("## A\n\n\n[x](<{bad}>)"));
            assert!(faults.len() == 1 && faults[0].starts_with("a.md:4: the "), "{bad} {faults:?}");
            assert!(sections[0].html().as_str().contains("href=\"#\""), "{bad}");
        }
        assert_eq!(rendered("## A\n\n<desk@example.org>").1, [] as [&str; 0]);
    }

    #[test]
    fn what_a_page_cannot_show_is_refused_with_its_line() {
        for (text, start) in [
            ("Text first.\n\n## A\n", "a.md:1: there is text before the first section"),
            ("## A\n\n# B\n", "a.md:3: a heading with one #"),
            ("## A\n\n![x](/y.png)\n", "a.md:3: pictures"),
            ("## A {#a}\n\n## B {#a}\n", "a.md:3: the id `a` is used twice"),
            ("## A {#A-}\n", "a.md:1: `A-` cannot be a heading’s id"),
        ] {
            let (_, faults) = rendered(text);
            assert!(faults.len() == 1 && faults[0].starts_with(start), "{text}: {faults:?}");
        }
    }
}
