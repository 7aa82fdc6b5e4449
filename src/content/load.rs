//! Gathers the content files, the clinic's own before the built-in ones, and reads them in the order in which
//! they depend on each other. It reports every fault; nothing is served from content that has one.

include!(concat!(env!("OUT_DIR"), "/content_files.rs"));

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Content;
use super::article::Article;
use super::condition::{Caution, Condition};
use super::contact_words::ContactWords;
use super::fault::{Fault, Notes, suggestion};
use super::front::File;
use super::page::{Page, Review};
use super::privacy::Privacy;
use super::reading::{hard_words, long_texts, reading_ages, soft_warnings, unreviewed, unsourced};
use super::red_flags::RedFlags;
use super::reply_template::ReplyTemplate;
use super::slug::Slug;
use super::source::Sources;
use super::technique::Technique;

/// The files that make one thing each; techniques, conditions and replies have folders.
pub const SINGLE: [&str; 9] = [
    "accessibility.md",
    "article.md",
    "cautions.toml",
    "contact.md",
    "privacy.md",
    "red-flags.toml",
    "sources.toml",
    "suitability.md",
    "techniques.md",
];
const TECHNIQUES: &str = "techniques/";
const CONDITIONS: &str = "conditions/";
const REPLIES: &str = "replies/";

/// Relative path and text of every file, with a line feed at the end of each line.
pub(super) type Files = BTreeMap<String, String>;

/// Loads everything, or says everything that is wrong.
pub(super) fn load(overrides: Option<&Path>) -> Result<Content, Vec<Fault>> {
    let notes = Notes::default();
    let mut own = Files::new();
    if let Some(folder) = overrides {
        add_folder(folder, "", &mut own, &notes);
    }
    read(own, notes)
}

/// Reads the built-in files with these over them.
pub(super) fn read(own: Files, notes: Notes) -> Result<Content, Vec<Fault>> {
    let mut files: Files = FILES.iter().map(|(name, text)| ((*name).to_owned(), plain_text(text))).collect();
    files.extend(own);
    refuse_strangers(&files, &notes);
    let shelf = Shelf { files: &files, notes: &notes };
    let content = shelf.read();
    let remarks = notes.remarks();
    let (faults, prose) = notes.finish();
    match content {
        Some(mut content) if faults.is_empty() => {
            content.reading_ages = reading_ages(&prose);
            content.remarks.extend(remarks);
            content.remarks.extend(long_texts(&prose));
            content.remarks.extend(hard_words(&content.reading_ages));
            content.remarks.sort();
            Ok(content)
        }
        _ => Err(faults),
    }
}

/// Line feeds only, and without the invisible mark that some editors put at the beginning.
fn plain_text(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

/// Puts the clinic's files over the built-in ones.
fn add_folder(folder: &Path, prefix: &str, files: &mut Files, notes: &Notes) {
    let unreadable = |name: &str, error: std::io::Error| {
        notes.fault(Fault::new(name, 1, format!("cannot be read ({error}); check that it exists and who may read it")));
    };
    let shown = |name: &str| if name.is_empty() { folder.display().to_string() } else { name.to_owned() };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return unreadable(&shown(prefix), error),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return unreadable(&shown(prefix), error),
        };
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let path = entry.path();
        if path.is_dir() && prefix.is_empty() {
            add_folder(&path, &format!("{name}/"), files, notes);
        } else if is_content(&name) {
            match fs::read_to_string(&path) {
                Ok(text) => drop(files.insert(name, plain_text(&text))),
                Err(error) => unreadable(&name, error),
            }
        }
    }
}

/// Other files (a licence, an editor's leavings, the README) may lie in the folder and are left alone.
fn is_content(name: &str) -> bool {
    let hidden = name.split('/').any(|part| part.starts_with('.'));
    !hidden && name != "README.md" && (name.ends_with(".md") || name.ends_with(".toml"))
}

/// A file that nothing is made from is most likely a slip: the clinic would believe its words to be on the site.
fn refuse_strangers(files: &Files, notes: &Notes) {
    for name in files.keys() {
        let technique = name.strip_prefix(TECHNIQUES).is_some_and(|rest| rest.ends_with(".md"));
        let condition = name.strip_prefix(CONDITIONS).is_some_and(|rest| rest.ends_with(".toml"));
        let reply = name.strip_prefix(REPLIES).is_some_and(|rest| rest.ends_with(".md"));
        if !technique && !condition && !reply && !SINGLE.contains(&name.as_str()) {
            let remedy = suggestion(name, SINGLE.into_iter(), "move it out of the folder");
            notes.fault(Fault::new(name, 1, format!("no page is made from this file; {remedy}")));
        }
    }
}

/// The files being read.
struct Shelf<'s> {
    files: &'s Files,
    notes: &'s Notes,
}

impl<'s> Shelf<'s> {
    /// Everything is read before anything is given up, so that all faults are told.
    fn read(&self) -> Option<Content> {
        let sources = self.file("sources.toml").and_then(Sources::read).unwrap_or_default();
        let mut conditions = self.folder(CONDITIONS, ".toml", Condition::read);
        let known = self.folder(CONDITIONS, ".toml", |_, slug| Some(slug));
        let mut techniques = self.folder(TECHNIQUES, ".md", |file, slug| Technique::read(file, slug, &known, &sources));
        let article = self.file("article.md").and_then(|file| Article::read(file, &sources));
        let cautions = self.file("cautions.toml").and_then(|file| read_cautions(file, &known, &sources));
        let comparison = self.page("techniques.md", &sources);
        let suitability = self.page("suitability.md", &sources);
        let red_flags = self.file("red-flags.toml").and_then(|file| RedFlags::read(file, &sources));
        let privacy = self.file("privacy.md").and_then(|file| Privacy::read(file, &sources));
        let accessibility = self.page("accessibility.md", &sources);
        let contact = self.file("contact.md").and_then(ContactWords::read);
        let mut replies = self.folder(REPLIES, ".md", ReplyTemplate::read);
        if techniques.is_empty() {
            self.notes.fault(Fault::new("techniques", 1, "there is no technique; add a file to techniques/"));
        }
        techniques.sort_by(|a, b| (a.order(), a.slug()).cmp(&(b.order(), b.slug())));
        conditions.sort_by(|a, b| (a.order(), a.slug()).cmp(&(b.order(), b.slug())));
        replies.sort_by(|a, b| (a.order(), a.slug()).cmp(&(b.order(), b.slug())));
        let ((cautions, cautions_review), privacy) = (cautions?, privacy?);
        let mut content = Content {
            article: article?,
            comparison: comparison?,
            techniques,
            conditions,
            cautions,
            cautions_review,
            suitability: suitability?,
            red_flags: red_flags?,
            sources: sources.all,
            privacy_version: privacy.version.clone(),
            privacy_page: privacy.page.clone(),
            privacy,
            accessibility: accessibility?,
            contact: contact?,
            replies,
            remarks: Vec::new(),
            reading_ages: Vec::new(),
        };
        content.remarks = [unreviewed(&content), soft_warnings(&content), unsourced(&content)].concat();
        drop_unnamed_conditions(&mut content);
        Some(content)
    }

    fn file(&self, name: &'static str) -> Option<File<'s>> {
        let text = self.files.get(name);
        if text.is_none() {
            self.notes.fault(Fault::new(name, 1, "the file is missing; bring it back"));
        }
        text.map(|text| File { name, text, notes: self.notes })
    }

    fn page(&self, name: &'static str, sources: &Sources) -> Option<Page> {
        let file = self.file(name)?;
        let parsed = file.parse()?;
        let root = parsed.root();
        let page = Page::read(file, &root, parsed.body(), sources);
        root.finish();
        page
    }

    /// Reads each file of a folder; the file's name without its ending is the slug.
    fn folder<T>(&self, prefix: &str, ending: &str, read: impl Fn(File<'s>, Slug) -> Option<T>) -> Vec<T> {
        let mut things = Vec::new();
        for (name, text) in self.files {
            let Some(stem) = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(ending)) else { continue };
            let file = File { name, text, notes: self.notes };
            match Slug::parse(stem) {
                Ok(slug) => things.extend(read(file, slug)),
                Err(error) => file.fault(0, format!("the file’s name cannot be used; {error}")),
            }
        }
        things
    }
}

fn read_cautions(file: File<'_>, conditions: &[Slug], sources: &Sources) -> Option<(Vec<Caution>, Review)> {
    let parsed = file.parse()?;
    let root = parsed.root();
    let (cautions, review) = (Caution::read_all(&root, conditions, sources), Review::read(&root));
    root.finish();
    Some((cautions?, review?))
}

/// We ask about nobody's health without a use for the answer: a condition that no caution names is not asked.
fn drop_unnamed_conditions(content: &mut Content) {
    let own = content.techniques.iter().flat_map(Technique::cautions);
    let named: Vec<Slug> = own.chain(&content.cautions).map(|caution| caution.condition().clone()).collect();
    let (asked, unnamed) =
        std::mem::take(&mut content.conditions).into_iter().partition(|condition| named.contains(condition.slug()));
    content.conditions = asked;
    let unnamed: Vec<Condition> = unnamed;
    content.remarks.extend(unnamed.iter().map(|condition| {
        let name = format!("{CONDITIONS}{}.toml", condition.slug());
        Fault::new(
            &name,
            1,
            "no caution names this condition, so nobody is asked about it; add a caution or remove the file",
        )
    }));
}
