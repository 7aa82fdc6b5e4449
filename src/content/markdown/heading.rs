//! Headings of a content file: which levels a page may have, and the id by which each is linked.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Tag, TagEnd};

use super::Writer;
use crate::content::slug::Slug;

impl<'b> Writer<'_, 'b> {
    pub(super) fn start_heading(&mut self, level: HeadingLevel, id: Option<CowStr<'b>>, at: usize) {
        self.end_prose(at);
        match level {
            HeadingLevel::H1 => self.file.fault(at, "a heading with one # is the page’s own; begin sections with ##"),
            HeadingLevel::H2 => self.end_section(),
            _ => {}
        }
        if let Some(id) = id.as_deref().filter(|id| Slug::parse(id).is_err()) {
            self.file.fault(at, format!("`{id}` cannot be a heading’s id; use a-z, 0-9 and single hyphens"));
        }
        // Classes and other attributes are left behind: an attribute could be a script.
        let level = if level == HeadingLevel::H1 { HeadingLevel::H2 } else { level };
        self.events.push(Event::Start(Tag::Heading { level, id, classes: Vec::new(), attrs: Vec::new() }));
    }

    pub(super) fn end_heading(&mut self, level: HeadingLevel, at: usize) {
        let heading = std::mem::take(&mut self.text).trim().to_owned();
        self.file.prose(at, &heading);
        let start = self.events.iter().rposition(|event| matches!(event, Event::Start(Tag::Heading { .. })));
        let inside = start.map(|start| self.events.split_off(start)).unwrap_or_default();
        let Some(Event::Start(Tag::Heading { id, .. })) = inside.first() else { return };
        let id = self.unique_id(id.as_deref(), &heading, at);
        if matches!(level, HeadingLevel::H1 | HeadingLevel::H2) {
            self.title = Some((id, heading, self.file.line(at)));
            return;
        }
        self.events.push(Event::Start(Tag::Heading {
            level,
            id: Some(id.into()),
            classes: Vec::new(),
            attrs: Vec::new(),
        }));
        self.events.extend(inside.into_iter().skip(1));
        self.events.push(Event::End(TagEnd::Heading(level)));
    }

    /// The id written with the heading, or one made from its words. Two equal ids written by hand are a fault.
    fn unique_id(&mut self, written: Option<&str>, heading: &str, at: usize) -> String {
        let base = match written {
            Some(id) => id.to_owned(),
            None => Slug::from_heading(heading).map_or_else(|| "section".to_owned(), |slug| slug.to_string()),
        };
        let taken = |id: &String| self.ids.contains(id);
        if written.is_some() && taken(&base) {
            self.file.fault(at, format!("the id `{base}` is used twice; give this heading another one"));
        }
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        let id = std::iter::once(base.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(base);
        self.ids.push(id.clone());
        id
    }
}
