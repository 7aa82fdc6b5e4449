//! What an empty list means, and where to look next.

use super::super::Link;
use super::super::bench::Bench;
use super::Found;
use super::query::{NOBODY, Query};
use super::views::{Tab, View};
use crate::inquiry::Status;

const NO_FIT: &str = "No inquiry of this view fits all of the filters.";
const NO_WORDS: &str = "No inquiry holds all of these words.";
const NOT_HERE: &str = "None of this view holds all of these words.";
const NOT_FILTERED: &str = "None that fits the filters holds all of these words.";

/// Who finds nothing anywhere may have typed it otherwise.
const HOW_WORDS_ARE_FOUND: &str = "Try fewer letters: the first ones of a word are enough, and three of a reference.";

/// Others were answered or moved meanwhile, or the address is an old one.
const NOTHING_LEFT: &str = "Nothing is left on this page.";

const NOT_YET: &str = "None of the inquiries looked at for this page holds all of these words.";

/// What an empty list means, and what to do next.
pub(super) struct Nothing {
    pub words: String,
    pub link: Option<Link>,
    /// Whether what somebody writes next would stand here.
    pub waits_for_inquiries: bool,
}

pub(super) fn nothing(query: &Query, found: &Found, tabs: &[Tab], bench: &Bench) -> Nothing {
    let view = View::of(query);
    let whole = || {
        let what = match (query.q.trim().is_empty(), query.has_filters()) {
            (true, _) => "Show this view without the filters",
            (false, true) => "Show this view without the search and the filters",
            (false, false) => "Show this view without the search",
        };
        link(what, &view.unwrap_or(View::All).query(&Query::default()))
    };
    let (words, link) = match view {
        _ if query.is_wordless() => {
            (format!("There is no letter and no digit in “{}” to look for.", query.q.trim()), Some(whole()))
        }
        _ if found.is_left => (NOTHING_LEFT.to_owned(), Some(link("First page of this view", query))),
        _ if !query.words().is_empty() && found.stopped_at.is_some() => (NOT_YET.to_owned(), Some(whole())),
        _ if !query.words().is_empty() => match elsewhere(query, found, tabs, bench) {
            Some(link) => (if query.has_filters() { NOT_FILTERED } else { NOT_HERE }.to_owned(), Some(link)),
            None => (format!("{NO_WORDS} {HOW_WORDS_ARE_FOUND}"), Some(whole())),
        },
        Some(View::Mine) if !query.has_filters() => {
            let nobodys = Query { assignee: NOBODY.to_owned(), ..Query::default() };
            (View::Mine.when_empty().to_owned(), Some(link("See what is nobody’s yet", &nobodys)))
        }
        _ if query.is_narrowed() => (NO_FIT.to_owned(), Some(whole())),
        Some(view) => (view.when_empty().to_owned(), None),
        None => ("No inquiry is in all of these views at once.".to_owned(), None),
    };
    let takes_new = matches!(view, Some(View::ToDo | View::Unopened | View::All | View::Of(Status::New)));
    Nothing { words, waits_for_inquiries: link.is_none() && takes_new, link }
}

fn link(title: &str, to: &Query) -> Link {
    Link { title: title.to_owned(), href: to.link(&[]) }
}

/// Where the words are that a search did not find in this view; None where they are nowhere.
fn elsewhere(query: &Query, found: &Found, tabs: &[Tab], bench: &Bench) -> Option<Link> {
    in_all(query, tabs).or_else(|| without_filters(query, found, bench)).or_else(|| in_spam(tabs))
}

/// The way to what the same filters find in the view of all.
fn in_all(query: &Query, tabs: &[Tab]) -> Option<Link> {
    let all = tabs.iter().find(|tab| tab.is_but_spam() && !tab.is_current)?;
    let title = match all.count {
        Some(0) => return None,
        Some(number) => number_elsewhere(number, "in All"),
        // Too many fit to be counted one by one. Filters may be why nothing was found.
        None if query.has_filters() => return None,
        None => "Search in all".to_owned(),
    };
    Some(Link { title, href: all.link.href.clone() })
}

/// The way to what the words alone find, where filters are in use.
fn without_filters(query: &Query, found: &Found, bench: &Bench) -> Option<Link> {
    let all = View::All.query(&Query { q: query.q.clone(), ..Query::default() });
    // Those few were found by the days too.
    let few = found.few.as_ref().filter(|_| query.from.is_empty() && query.to.is_empty());
    let number = few.map(|few| few.count(&found.piles, &all.filter(bench)));
    match number {
        _ if !query.has_filters() => None,
        Some(0) => None,
        Some(number) => Some(link(&number_elsewhere(number, "without the filters"), &all)),
        None => Some(link("Search in all, without the filters", &all)),
    }
}

/// "1 found in All: show it"
fn number_elsewhere(number: i64, place: &str) -> String {
    format!("{number} found {place}: show {}", if number == 1 { "it" } else { "them" })
}

/// The way to what a search finds among suspected spam only. The usual search leaves that out; who calls may be in there.
fn in_spam(tabs: &[Tab]) -> Option<Link> {
    let spam = tabs.iter().find(|tab| tab.is_spam() && !tab.is_current)?;
    let number = spam.count.filter(|number| *number > 0)?;
    Some(Link { title: format!("Show {number} found in suspected spam"), href: spam.link.href.clone() })
}
