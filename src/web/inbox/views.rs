//! The views of the inbox: their names, and how many each holds.

use super::super::Link;
use super::super::bench::Bench;
use super::query::{ALL, LATEST, ME, Query};
use crate::inquiry::Status;
use crate::store::{self, Few, Piles};

/// A view of the inbox with how many it holds.
pub(super) struct Tab {
    pub link: Link,
    /// None where only looking at every inquiry could tell.
    pub count: Option<i64>,
    pub is_current: bool,
    pub view: View,
}

impl Tab {
    /// The one of suspected spam, which has an access key.
    pub(super) fn is_spam(&self) -> bool {
        self.view == View::Of(Status::Spam)
    }

    /// It is called "All", and suspected spam is not in it.
    pub(super) fn is_but_spam(&self) -> bool {
        self.view == View::All
    }
}

/// What distinguishes a view.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    ToDo,
    Mine,
    Unopened,
    Overdue,
    Of(Status),
    All,
}

impl View {
    const ALL: [Self; 10] = [
        Self::ToDo,
        Self::Mine,
        Self::Unopened,
        Self::Overdue,
        Self::Of(Status::New),
        Self::Of(Status::Open),
        Self::Of(Status::Answered),
        Self::Of(Status::Closed),
        Self::Of(Status::Spam),
        Self::All,
    ];

    /// The view an address shows; None when it combines several.
    pub(super) fn of(query: &Query) -> Option<Self> {
        let is_mine = query.assignee == ME && query.status.is_empty() && !query.is_unopened() && !query.is_overdue();
        match (query.status.as_str(), query.is_unopened(), query.is_overdue()) {
            ("", false, false) if is_mine => Some(Self::Mine),
            ("", false, false) => Some(Self::ToDo),
            ("", true, false) => Some(Self::Unopened),
            ("", false, true) => Some(Self::Overdue),
            (ALL, false, false) => Some(Self::All),
            // What is no status asks for nothing, as what is no day does.
            (status, false, false) => Some(Status::parse(status).map_or(Self::ToDo, Self::Of)),
            _ => None,
        }
    }

    /// The view that is shown as current. A search looks everywhere, so that what is to do would be everything under another name.
    pub(super) fn shown(query: &Query) -> Option<Self> {
        let is_search = !query.q.trim().is_empty();
        Self::of(query).map(|view| if is_search && view == Self::ToDo { Self::All } else { view })
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::ToDo => "To do",
            Self::Mine => "Mine",
            Self::Unopened => "Unopened",
            Self::Overdue => "Overdue",
            Self::Of(status) => status.label(),
            Self::All => "All",
        }
    }

    /// Whether what was written last is looked for here, rather than what waits.
    pub(super) fn is_history(self) -> bool {
        matches!(self, Self::Of(Status::Closed) | Self::All)
    }

    /// This view with the further filters of the present one.
    pub(super) fn query(self, present: &Query) -> Query {
        let one = || "1".to_owned();
        let assignee = match self {
            Self::Mine => ME.to_owned(),
            // "Mine" is a view; somebody else, or nobody, is a filter.
            _ if present.assignee == ME => String::new(),
            _ => present.assignee.clone(),
        };
        Query {
            status: match self {
                Self::Of(status) => status.as_str().to_owned(),
                Self::All => ALL.to_owned(),
                _ => String::new(),
            },
            unopened: if self == Self::Unopened { one() } else { String::new() },
            overdue: if self == Self::Overdue { one() } else { String::new() },
            assignee,
            sort: if self.is_history() { LATEST.to_owned() } else { String::new() },
            after: String::new(),
            before: String::new(),
            done: String::new(),
            undone: String::new(),
            ..present.clone()
        }
    }

    /// What it means that nothing is here.
    pub(super) fn when_empty(self) -> &'static str {
        match self {
            Self::ToDo => "Nothing waits for an answer.",
            Self::Mine => "Nothing that waits for an answer is yours.",
            Self::Unopened => "Somebody has opened every inquiry.",
            Self::Overdue => "Nobody waits longer than they were promised.",
            Self::Of(Status::New) => "Nothing is new: somebody has taken up every inquiry.",
            Self::Of(Status::Open) => "Nobody is in the middle of an inquiry.",
            Self::Of(Status::Answered) => "No inquiry is answered and waits to be closed.",
            Self::Of(Status::Closed) => "No inquiry is closed yet.",
            Self::Of(Status::Spam) => {
                "Nothing is suspected spam. What a program seems to have filled in is kept here for 30 days, and nobody gets a mail about it."
            }
            Self::All => "There is no inquiry yet.",
        }
    }
}

/// Every view, with the present filters and how many inquiries it then holds. With a search, or days, the piles alone
/// cannot tell; then those that fit are counted one by one, unless they are too many.
pub(super) async fn tabs(
    query: &Query,
    bench: &Bench,
    piles: &Piles,
    few: Option<&Few>,
) -> Result<Vec<Tab>, store::Error> {
    let is_search = !query.q.trim().is_empty();
    let current = View::shown(query);
    let mut tabs = Vec::new();
    for view in View::ALL.into_iter().filter(|view| !is_search || *view != View::ToDo) {
        let asked = view.query(query);
        let filter = asked.filter(bench);
        let count = match view {
            _ if !query.is_countable() => few.map(|few| few.count(piles, &filter)),
            View::Overdue => Some(bench.store.overdue(piles, &filter, bench.now).await?),
            _ => Some(piles.count(&filter)),
        };
        let link = Link { title: view.title().to_owned(), href: asked.link(&[]) };
        tabs.push(Tab { link, count, is_current: current == Some(view), view });
    }
    Ok(tabs)
}
