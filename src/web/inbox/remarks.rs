//! What the inbox says about its list: how many were found, in which order they stand, what the numbers of the views count,
//! and how far a search went.

use super::super::Link;
use super::query::{LATEST, Query};
use super::views::{Tab, View};
use crate::inquiry::Status;
use crate::store::{MOST_COUNTED, MOST_WALKED, PageOrder, Sort};

/// In which order a list stands, and the way to the other one.
pub(super) struct Order {
    pub words: &'static str,
    pub other: Link,
}

/// None in a view of what waits, where the order goes without saying.
pub(super) fn order(query: &Query) -> Option<Order> {
    let (words, other, sort) = match query.sort() {
        Sort::LatestFirst => ("Newest first, urgent or not.", name_of_first(query), ""),
        Sort::WaitingFirst => ("Who waits first, then the newest.", NEWEST_FIRST, LATEST),
        Sort::UrgentFirst => ("Urgent first, then the earliest promise.", NEWEST_FIRST, LATEST),
    };
    let href = Query { sort: sort.to_owned(), ..query.clone() }.link(&[]);
    let is_history = View::of(query).is_some_and(View::is_history);
    let is_said = query.is_latest_first() || !query.q.trim().is_empty() || is_history;
    is_said.then(|| Order { words, other: Link { title: other.to_owned(), href } })
}

const NEWEST_FIRST: &str = "Newest first";

/// What the order of a view is called which it has when no other is chosen.
pub(super) fn name_of_first(query: &Query) -> &'static str {
    let unchosen = Query { sort: String::new(), ..query.clone() };
    if unchosen.sort() == Sort::WaitingFirst { "Who waits first" } else { "Urgent first" }
}

/// What stands on the pages before this one.
pub(super) fn before_it(query: &Query) -> &'static str {
    match query.sort() {
        Sort::LatestFirst => "Newer ones stand before it.",
        Sort::WaitingFirst => "Others stand before it: who waits, then what is newer.",
        Sort::UrgentFirst => "More urgent ones, or due earlier, stand before it.",
    }
}

/// What is to know about the numbers, and about what was typed.
pub(super) fn remarks(query: &Query, tabs: &[Tab]) -> Vec<String> {
    let left_out = query.shortened_to().map(|most| format!("Only the first {most} were looked for."));
    counted(query, tabs).into_iter().chain(left_out).collect()
}

fn counted(query: &Query, tabs: &[Tab]) -> Option<String> {
    let has_numbers = tabs.iter().any(|tab| tab.count.is_some());
    (!query.is_countable()).then(|| match has_numbers {
        true if query.q.trim().is_empty() => "Beside each view stands how many of it fit the filters.".to_owned(),
        true => "Beside each view stands how many of it were found.".to_owned(),
        false => format!(
            "The views show no numbers: more than {MOST_COUNTED} inquiries may fit, which are not counted one by one."
        ),
    })
}

/// "3 found for “Thor”, 1 to do"; None without a search, or where they are too many to be counted one by one.
pub(super) fn number_found(query: &Query, tabs: &[Tab], lines: usize, has_pages: bool) -> Option<String> {
    let sought = query.q.trim();
    let counted = tabs.iter().find(|tab| tab.is_current).and_then(|tab| tab.count);
    let number = counted.or_else(|| i64::try_from(lines).ok().filter(|_| !has_pages))?;
    let to_do = to_do(query, tabs).unwrap_or_default();
    (!query.words().is_empty() && number > 0).then(|| format!("{number} found for “{sought}”{to_do}"))
}

/// How many of a search that looks everywhere wait for an answer, and how many more are set aside.
fn to_do(query: &Query, tabs: &[Tab]) -> Option<String> {
    let of = |status| tabs.iter().find(|tab| tab.view == View::Of(status)).and_then(|tab| tab.count);
    let counts: Vec<i64> = Status::TO_DO.into_iter().map(of).collect::<Option<_>>()?;
    let words = match counts.iter().sum() {
        0 => ", none to do".to_owned(),
        number => format!(", {number} to do"),
    };
    let spam = tabs.iter().find(|tab| tab.is_spam()).and_then(|tab| tab.count).filter(|number| *number > 0);
    let beside = spam.map(|number| format!("; {number} more in suspected spam")).unwrap_or_default();
    (View::shown(query) == Some(View::All)).then_some(words + &beside)
}

/// That a search stopped before the page was full, and how far it looked.
pub(super) fn unfinished(query: &Query) -> String {
    let page = if matches!(query.order(), PageOrder::Before(_)) { "previous" } else { "next" };
    format!(
        "For this page {MOST_WALKED} inquiries were looked at, and more may hold these words: the {page} page goes on looking."
    )
}
