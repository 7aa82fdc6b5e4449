//! What the inbox says about its list: how many were found, in which order they stand, what the numbers of the views count,
//! and how far a search went.

use super::super::Link;
use super::query::{LATEST, Query};
use super::views::{Tab, View};
use crate::store::{MOST_COUNTED, MOST_WALKED, PageOrder};

/// In which order a list stands, and the way to the other one.
pub(super) struct Order {
    pub words: &'static str,
    pub other: Link,
}

/// None in a view of what waits, where the order goes without saying.
pub(super) fn order(query: &Query) -> Option<Order> {
    let is_latest_first = query.is_latest_first();
    let (words, other, sort) = match is_latest_first {
        true => ("Newest first, urgent or not.", "Urgent first", ""),
        false => ("Urgent first, then the earliest promise.", "Newest first", LATEST),
    };
    let href = Query { sort: sort.to_owned(), ..query.clone() }.link(&[]);
    let is_said = is_latest_first || !query.q.trim().is_empty() || View::of(query).is_some_and(View::is_history);
    is_said.then(|| Order { words, other: Link { title: other.to_owned(), href } })
}

/// What is to know about the numbers, and about what was typed.
pub(super) fn remarks(query: &Query, tabs: &[Tab]) -> Vec<String> {
    let left_out = query.shortened_to().map(|most| format!("Only the first {most} were looked for."));
    counted(query, tabs).into_iter().chain(left_out).collect()
}

fn counted(query: &Query, tabs: &[Tab]) -> Option<String> {
    let has_numbers = tabs.iter().any(|tab| tab.count.is_some());
    (!query.is_countable()).then(|| match has_numbers {
        true => "The numbers beside the views count what fits the search and the days.".to_owned(),
        false => format!(
            "The views show no numbers now: the search or the days may fit more than {MOST_COUNTED} inquiries, which are not counted one by one."
        ),
    })
}

/// "1 found for “Thor”"; None without a search, or where they are too many to be counted one by one.
pub(super) fn number_found(query: &Query, tabs: &[Tab], lines: usize, has_pages: bool) -> Option<String> {
    let sought = query.q.trim();
    let counted = tabs.iter().find(|tab| tab.is_current).and_then(|tab| tab.count);
    let number = counted.or_else(|| i64::try_from(lines).ok().filter(|_| !has_pages))?;
    (!query.words().is_empty() && number > 0).then(|| format!("{number} found for “{sought}”"))
}

/// That a search stopped before the page was full, and how far it looked.
pub(super) fn unfinished(query: &Query) -> String {
    let page = if matches!(query.order(), PageOrder::Before(_)) { "previous" } else { "next" };
    format!(
        "For this page {MOST_WALKED} inquiries were looked at, and more may hold these words: the {page} page goes on looking."
    )
}
