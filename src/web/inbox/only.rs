//! What the filters leave, in plain words above the list, with the way to take them off. Their boxes stand folded, or above the
//! edge of a small screen.

use jiff::civil::Date;

use super::super::bench::Bench;
use super::super::inquiry::name_of;
use super::query::{ME, NOBODY, Query, day};
use super::views::View;
use crate::staff::StaffMember;

pub(super) struct Only {
    /// "urgent · Swedish massage · from 1 November"
    pub words: String,
    /// The same view and search without filters.
    pub clear: String,
}

/// None where nothing but a view and a search narrow the list down.
pub(super) fn only(query: &Query, staff: &[StaffMember], bench: &Bench) -> Option<Only> {
    let view = View::of(query);
    let is_combined = view.is_none();
    let word = |holds: bool, word: &str| holds.then(|| word.to_owned());
    let parts = [
        word(query.is_urgent(), "urgent"),
        word(query.is_unopened() && is_combined, "unopened"),
        word(query.is_overdue() && is_combined, "overdue"),
        technique(query, bench),
        whose(query, staff).filter(|_| view != Some(View::Mine)),
        day(&query.from).map(|day| format!("from {}", written(day, bench))),
        day(&query.to).map(|day| format!("until {}", written(day, bench))),
    ];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    (!words.is_empty()).then(|| Only { words, clear: without_filters(query, view).link(&[]) })
}

fn technique(query: &Query, bench: &Bench) -> Option<String> {
    let slug = query.technique.trim();
    let name = bench.content.technique_name(slug);
    (!slug.is_empty()).then(|| name.to_owned())
}

fn whose(query: &Query, staff: &[StaffMember]) -> Option<String> {
    match query.assignee.trim() {
        "" => None,
        ME => Some("mine".to_owned()),
        NOBODY => Some("nobody’s".to_owned()),
        id => Some(name_of(id, staff)),
    }
}

/// "1 November", with its year unless that is this one.
fn written(day: Date, bench: &Bench) -> String {
    let is_this_year = bench.policy.opening.local(bench.now).year() == day.year();
    day.strftime(if is_this_year { "%-d %B" } else { "%-d %B %Y" }).to_string()
}

fn without_filters(query: &Query, view: Option<View>) -> Query {
    let kept = |holds: bool, text: &String| if holds { text.clone() } else { String::new() };
    Query {
        status: query.status.clone(),
        q: query.q.clone(),
        assignee: kept(view == Some(View::Mine), &query.assignee),
        unopened: kept(view.is_some(), &query.unopened),
        overdue: kept(view.is_some(), &query.overdue),
        sort: query.sort.clone(),
        refresh: query.refresh.clone(),
        ..Query::default()
    }
}
