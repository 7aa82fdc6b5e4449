//! What the address of the inbox asks for, and the addresses made from it. The whole state of a view is in its address:
//! a bookmark is a saved view.

use jiff::Timestamp;
use jiff::civil::Date;
use url::form_urlencoded::{byte_serialize, parse};

use super::super::bench::Bench;
use super::super::routes;
use crate::inquiry::{Reference, Status};
use crate::store::asked::{Asked, asked};
use crate::store::{InboxFilter, Keyset, PageOrder, Sort, Whose};

/// The word for every status in the address.
pub(super) const ALL: &str = "all";
/// Whoever is signed in.
pub(super) const ME: &str = "me";
/// Nobody yet.
pub(super) const NOBODY: &str = "nobody";
/// The latest promise first.
pub(super) const LATEST: &str = "latest";
/// Words that a search looks for, the first ones: each is counted by itself.
pub(super) const MOST_WORDS: usize = 12;
/// Bytes of a search as a link has it, of which a page has more than a dozen; of a longer one the beginning is looked for.
const LONGEST_SEARCH: usize = 300;
/// After how many seconds a page may ask for itself again.
pub(super) const PACES: [(&str, &str); 2] = [("60", "Every minute"), ("300", "Every 5 minutes")];

/// What the address asks for.
#[derive(Clone, Default)]
pub(crate) struct Query {
    pub status: String,
    pub technique: String,
    pub assignee: String,
    pub q: String,
    /// Whether more was typed than [`LONGEST_SEARCH`].
    pub is_cut: bool,
    pub urgent: String,
    pub unopened: String,
    pub overdue: String,
    /// Received on this day or later.
    pub from: String,
    /// Received on this day or before.
    pub to: String,
    /// In which order: [`LATEST`], or as the inbox is.
    pub sort: String,
    pub refresh: String,
    pub after: String,
    pub before: String,
    /// Which lines are ticked when the page opens: [`ALL`], or their references with points between them.
    pub tick: String,
    /// What is chosen to be done with them when the page opens, as the box says it.
    pub change: String,
    /// Between which lines a change of several has just written, and one that took such a change back.
    pub done: String,
    pub undone: String,
}

impl Query {
    /// Reads the part of an address after its question mark. Of what stands in it twice the last is taken, and what is unknown
    /// is left out: an address that somebody put together by hand still shows a view.
    pub(crate) fn read(asked: &str) -> Self {
        let mut query = Self::default();
        for (key, value) in parse(asked.as_bytes()) {
            if let Some(part) = query.part(&key) {
                *part = value.into_owned();
            }
        }
        query.cut_search();
        query
    }

    fn cut_search(&mut self) {
        let mut bytes = 0;
        let end = self.q.char_indices().find(|(_, c)| {
            bytes += in_a_link(*c).len();
            bytes > LONGEST_SEARCH
        });
        if let Some((end, _)) = end {
            self.q.truncate(end);
            self.is_cut = true;
        }
    }

    fn part(&mut self, key: &str) -> Option<&mut String> {
        Some(match key {
            "status" => &mut self.status,
            "technique" => &mut self.technique,
            "assignee" => &mut self.assignee,
            "q" => &mut self.q,
            "urgent" => &mut self.urgent,
            "unopened" => &mut self.unopened,
            "overdue" => &mut self.overdue,
            "from" => &mut self.from,
            "to" => &mut self.to,
            "sort" => &mut self.sort,
            "refresh" => &mut self.refresh,
            "after" => &mut self.after,
            "before" => &mut self.before,
            "tick" => &mut self.tick,
            "change" => &mut self.change,
            "done" => &mut self.done,
            "undone" => &mut self.undone,
            _ => return None,
        })
    }

    /// What waits for somebody comes first; a search, and some views, look everywhere but into suspected spam.
    pub(super) fn statuses(&self) -> Vec<Status> {
        let looks_everywhere =
            self.status == ALL || !self.q.trim().is_empty() || self.is_unopened() || self.is_overdue();
        match Status::parse(&self.status) {
            Some(status) => vec![status],
            None if looks_everywhere => Vec::new(),
            None => Status::TO_DO.to_vec(),
        }
    }

    /// Where some of those in this view may be moved.
    pub(super) fn moves(&self) -> Vec<Status> {
        match self.statuses() {
            // Everywhere.
            statuses if statuses.is_empty() => Status::ALL.to_vec(),
            // “Not spam” makes it new, and says so.
            statuses if statuses == [Status::Spam] => {
                let moves = Status::moves_of_some(&statuses).into_iter();
                moves.filter(|status| *status != Status::New).collect()
            }
            statuses => Status::moves_of_some(&statuses),
        }
    }

    pub(super) fn is_urgent(&self) -> bool {
        self.urgent == "1"
    }

    pub(super) fn is_unopened(&self) -> bool {
        self.unopened == "1"
    }

    pub(super) fn is_overdue(&self) -> bool {
        self.overdue == "1"
    }

    /// Whether anything beyond the view narrows the list down.
    pub(super) fn is_narrowed(&self) -> bool {
        let texts = [&self.q, &self.technique, &self.assignee, &self.from, &self.to];
        self.is_urgent() || texts.iter().any(|text| !text.trim().is_empty())
    }

    /// Whether the boxes under "Filters" are in use. Whose they are, unopened and overdue are views, unless they are combined.
    pub(super) fn has_filters(&self) -> bool {
        let texts = [&self.technique, &self.from, &self.to];
        let is_somebodys = !self.assignee.is_empty() && self.assignee != ME;
        self.is_urgent() || is_somebodys || texts.iter().any(|text| !text.trim().is_empty())
    }

    /// Whether piles alone can say how many there are.
    pub(super) fn is_countable(&self) -> bool {
        asked(&self.q).is_empty() && day(&self.from).is_none() && day(&self.to).is_none()
    }

    /// Seconds after which the page asks for itself again; None unless somebody chose it, and with all ticked, which would be
    /// forgotten.
    pub(super) fn pace(&self) -> Option<&'static str> {
        PACES.iter().map(|(seconds, _)| *seconds).find(|seconds| *seconds == self.refresh && self.tick.is_empty())
    }

    pub(super) fn filter(&self, bench: &Bench) -> InboxFilter {
        let assignee = match self.assignee.as_str() {
            "" => None,
            ME => Some(Whose::Of(bench.actor.id().to_owned())),
            NOBODY => Some(Whose::Nobody),
            staff => Some(Whose::Of(staff.to_owned())),
        };
        InboxFilter {
            statuses: self.statuses(),
            technique: Some(self.technique.clone()).filter(|slug| !slug.is_empty()),
            assignee,
            urgent: self.is_urgent(),
            unopened: self.is_unopened(),
            overdue_at: self.is_overdue().then_some(bench.now),
            received_from: day(&self.from).and_then(|day| begins(day, bench)),
            received_until: day(&self.to).and_then(|day| begins(day.tomorrow().ok()?, bench)),
            words: self.words(),
        }
    }

    /// What the search looks for.
    pub(super) fn words(&self) -> Vec<Asked> {
        let mut asked = asked(&self.q);
        asked.truncate(MOST_WORDS);
        asked
    }

    /// Whether something was typed that the search cannot look for, as a picture or a stop.
    pub(super) fn is_wordless(&self) -> bool {
        !self.q.trim().is_empty() && asked(&self.q).is_empty()
    }

    /// What is looked for of a longer search; None when it is all of it.
    pub(super) fn shortened_to(&self) -> Option<String> {
        if asked(&self.q).len() > MOST_WORDS {
            return Some(format!("{MOST_WORDS} words"));
        }
        self.is_cut.then(|| format!("{} characters", self.q.chars().count()))
    }

    pub(super) fn sort(&self) -> Sort {
        match self.is_latest_first() {
            true => Sort::LatestFirst,
            false if self.statuses().is_empty() => Sort::WaitingFirst,
            false => Sort::UrgentFirst,
        }
    }

    pub(super) fn is_latest_first(&self) -> bool {
        self.sort == LATEST
    }

    pub(super) fn order(&self) -> PageOrder {
        match (place(&self.after), place(&self.before)) {
            (Some(place), _) => PageOrder::After(place),
            (None, Some(place)) => PageOrder::Before(place),
            (None, None) => PageOrder::First,
        }
    }

    /// The address of the first page of this view, with these further parts.
    pub(super) fn address(&self, more: &[(&str, &str)]) -> String {
        self.written(more, |text| byte_serialize(text.as_bytes()).collect())
    }

    /// The same as it stands in the links of a page, of which there are many: letters are written as they are, which is a third
    /// of their numbers. Browsers put the numbers in.
    pub(super) fn link(&self, more: &[(&str, &str)]) -> String {
        self.written(more, |text| text.chars().map(in_a_link).collect())
    }

    fn written(&self, more: &[(&str, &str)], write: impl Fn(&str) -> String) -> String {
        let kept = [
            ("status", &self.status),
            ("technique", &self.technique),
            ("assignee", &self.assignee),
            ("q", &self.q),
            ("urgent", &self.urgent),
            ("unopened", &self.unopened),
            ("overdue", &self.overdue),
            ("from", &self.from),
            ("to", &self.to),
            ("sort", &self.sort),
            ("refresh", &self.refresh),
        ];
        let all = kept.into_iter().map(|(key, value)| (key, value.as_str())).chain(more.iter().copied());
        let asked = all.filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key}={}", write(value)));
        let asked = asked.collect::<Vec<_>>().join("&");
        if asked.is_empty() { routes::INBOX.to_owned() } else { format!("{}?{asked}", routes::INBOX) }
    }

    /// The address of this very page.
    pub(super) fn here(&self) -> String {
        self.address(&[("after", &self.after), ("before", &self.before)])
    }

    /// The same as a page may carry it.
    pub(super) fn link_here(&self) -> String {
        self.link(&[("after", &self.after), ("before", &self.before)])
    }

    /// Whether the line of an inquiry is ticked when the page opens.
    pub(super) fn is_ticked(&self, reference: &Reference) -> bool {
        self.tick == ALL || self.tick.split('.').any(|ticked| ticked == reference.as_str())
    }

    /// The link to this very page with all of its lines ticked.
    pub(super) fn all_ticked(&self) -> String {
        self.link(&[("after", &self.after), ("before", &self.before), ("tick", ALL)]) + "#several"
    }

    /// The link to this very page that does not load itself again.
    pub(super) fn still(&self) -> String {
        Self { refresh: String::new(), ..self.clone() }.link_here()
    }

    /// The link to what precedes or follows a place.
    pub(super) fn beside(&self, key: &str, place: Keyset) -> String {
        let Keyset { tier, answer_by, seq } = place;
        self.link(&[(key, &format!("{tier}.{answer_by}.{seq}"))])
    }
}

/// A character as the links of a page have it.
fn in_a_link(c: char) -> String {
    match !c.is_ascii() && c.is_alphanumeric() {
        true => c.to_string(),
        false => byte_serialize(c.encode_utf8(&mut [0; 4]).as_bytes()).collect(),
    }
}

/// A day as browsers send it; what is none asks for nothing.
pub(super) fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// When a day begins at the clinic.
fn begins(day: Date, bench: &Bench) -> Option<Timestamp> {
    day.to_zoned(bench.policy.opening.timezone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// Reads a place as the links write it: tier, promise, number.
fn place(text: &str) -> Option<Keyset> {
    let mut parts = text.split('.').map(str::parse);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(tier)), Some(Ok(answer_by)), Some(Ok(seq)), None) => Some(Keyset { tier, answer_by, seq }),
        _ => None,
    }
}
