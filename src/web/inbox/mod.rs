//! The inbox: what waits for an answer, urgent first, then by promise; behind it, where all is looked through, and among what is
//! closed, the latest first. It reads only, apart from the audit entry of a search.

mod asked;
mod changes;
mod csv;
mod done;
mod excerpt;
mod first_steps;
mod line;
mod nothing;
mod only;
mod query;
mod remarks;
mod views;
mod way_back;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::bench::Bench;
use super::{Head, Link, Site, call_draft, page, routes, see_other};
use crate::inquiry::Status;
use crate::staff::{Actor, StaffMember};
use crate::store::{self, Begun, Few, InboxFilter, InboxRow, Keyset, Listed, OutboxCounts, PageOrder, Piles};

use self::asked::UNDO;
pub(super) use self::asked::changes_address;
pub(super) use self::changes::{change, confirm};
pub(super) use self::csv::csv;
use self::done::Said;
use self::first_steps::{Step, What, first_steps};
use self::line::{Line, lines};
use self::nothing::{Nothing, nothing};
use self::only::{Only, only};
use self::query::{ALL, LATEST, ME, NOBODY, PACES, Query};
use self::remarks::Order;
use self::views::{Tab, View, tabs};
pub(super) use self::way_back::{WayBack, next_to_do};

/// Lines on a page.
const LINES: usize = 50;

#[derive(Template)]
#[template(path = "desk/inbox.html")]
struct InboxPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    tabs: Vec<Tab>,
    /// How many a search found, when it is known.
    found: Option<String>,
    /// What the filters leave.
    only: Option<Only>,
    order: Option<Order>,
    /// What the order of this view is called, and what stands before a page further on.
    first_order: &'static str,
    before_it: &'static str,
    /// What the numbers of the views count, or why there are none, and what a search left out.
    remarks: Vec<String>,
    techniques: Vec<(&'a str, &'a str)>,
    members: &'a [StaffMember],
    paces: [(&'static str, &'static str); 2],
    pace: Option<&'static str>,
    /// Which of the changes of several is offered by its own button.
    is_spam: bool,
    /// Where some of this view may be moved.
    moves: Vec<Status>,
    query: &'a Query,
    /// Whether the boxes of the filters are in use, and must be seen.
    is_filtered: bool,
    here: String,
    /// Whether every line is ticked when the page opens, and the page on which it is so.
    is_all_ticked: bool,
    all_ticked: String,
    lines: Vec<Line>,
    nothing: Nothing,
    /// Calls that they have begun and not stored, whom they have begun to answer, or noted something about, and not sent; and
    /// whether there are more.
    begun: Vec<Link>,
    has_more_begun: bool,
    /// Whether nobody has written yet.
    is_new: bool,
    /// What a new desk still lacks, on its first page.
    steps: Option<Vec<Step>>,
    /// The top of this view, and this page without loading itself again.
    first: String,
    still: String,
    /// Whether the page says that others come before it, above the list.
    goes_on: bool,
    newer: Option<String>,
    older: Option<String>,
    /// That a search stopped before the page was full, and how far it looked.
    unfinished: Option<String>,
    /// What a change of several has just done.
    said: Option<Said>,
    /// Where nothing was, what they changed last and may still undo.
    recent: Option<Said>,
    csv: String,
}

impl InboxPage<'_> {
    /// Whether nothing is left that somebody can do here.
    fn are_for_the_server(&self, steps: &[Step]) -> bool {
        steps
            .iter()
            .filter(|step| !step.is_done)
            .all(|step| matches!(step.what, What::Clinic | What::Staff | What::MailServer))
    }

    /// The next page, led to above the list as well: the address of a long search is in the page often enough.
    fn older_above(&self) -> Option<&str> {
        self.older.as_deref().filter(|href| href.len() < 300)
    }
}

pub(super) async fn home() -> HttpResponse {
    see_other(routes::INBOX)
}

pub(super) async fn show(bench: Bench, request: HttpRequest) -> HttpResponse {
    let query = Query::read(request.query_string());
    bench.or_unavailable(inbox(&bench, &query).await)
}

/// Which view a tab of the browser holds, without the words that were looked for: browsers keep titles. Pages begin at a place
/// and not at a number, so that a number could only be wrong.
fn title(query: &Query, is_further_on: bool) -> String {
    let view = View::shown(query).map(|view| format!(", {}", view.title())).unwrap_or_default();
    let search = if query.q.trim().is_empty() { "" } else { ", a search" };
    let place = if is_further_on { ", after the first page" } else { "" };
    format!("Inbox{view}{search}{place}")
}

async fn inbox(bench: &Bench, query: &Query) -> Result<HttpResponse, store::Error> {
    let found = look(bench, query).await?;
    let staff = bench.store.staff().await?;
    let members: Vec<StaffMember> = staff.iter().filter(|member| member.disabled_at.is_none()).cloned().collect();
    let (newer, older) = neighbours(query, &found);
    let techniques = bench.content.techniques().iter();
    let outbox = bench.store.outbox_counts().await?;
    let tabs = tabs(query, bench, &found.piles, found.few.as_ref()).await?;
    let only = only(query, &staff, bench);
    let begun = begun(bench, query).await?;
    let said = done::said(bench, query, &staff).await?;
    let goes_on = newer.is_some() && !found.is_left;
    // What of it cannot be read keeps no list back, and a search, which takes long enough, does not look for it.
    let may_undo = said.is_none() && !goes_on && query.q.trim().is_empty();
    let recent = if may_undo { done::recent(bench, &staff).await.unwrap_or_default() } else { None };
    let is_begin = query.order() == PageOrder::First && View::of(query) == Some(View::ToDo) && !query.is_narrowed();
    let inbox = InboxPage {
        site: &bench.site,
        head: Head::hidden(&title(query, newer.is_some() || found.is_left), routes::INBOX),
        actor: &bench.actor,
        outbox,
        has_more_begun: begun.len() > BEGUN,
        begun: begun.into_iter().take(BEGUN).collect(),
        is_new: found.piles.count(&InboxFilter { statuses: Status::ALL.to_vec(), ..InboxFilter::default() }) == 0,
        steps: is_begin.then(|| first_steps(bench, &found.piles, outbox)).flatten(),
        found: remarks::number_found(query, &tabs, found.rows.len(), newer.is_some() || older.is_some()),
        order: remarks::order(query).filter(|_| !found.rows.is_empty()),
        first_order: remarks::name_of_first(query),
        before_it: remarks::before_it(query),
        remarks: remarks::remarks(query, &tabs),
        techniques: techniques.map(|technique| (technique.slug().as_str(), technique.name())).collect(),
        lines: lines(&found.rows, query, &members, bench).await?,
        members: &members,
        paces: PACES,
        pace: query.pace(),
        is_filtered: query.has_filters() || only.is_some(),
        only,
        is_spam: query.status == "spam",
        moves: query.moves(),
        here: query.link_here(),
        is_all_ticked: query.tick == ALL,
        all_ticked: query.all_ticked(),
        first: query.link(&[]),
        still: query.still(),
        nothing: nothing(query, &found, &tabs, bench),
        tabs,
        unfinished: found.stopped_at.map(|_| remarks::unfinished(query)),
        goes_on,
        newer,
        older,
        said,
        recent,
        csv: query.link(&[]).replacen(routes::INBOX, routes::INBOX_CSV, 1),
        query,
    };
    Ok(page(StatusCode::OK, &inbox))
}

/// Drafts that the top of the inbox names.
const BEGUN: usize = 5;

/// What they have begun, on the first page of what is to do or is theirs, and on every other page the calls: a search is made for
/// somebody who is on the phone. One more than is named.
async fn begun(bench: &Bench, query: &Query) -> Result<Vec<Link>, store::Error> {
    let is_their_work = matches!(View::of(query), Some(View::ToDo | View::Mine));
    let calls = call_draft::links(bench, BEGUN + 1).await?;
    if !is_their_work || query.order() != PageOrder::First || !query.q.trim().is_empty() {
        return Ok(calls);
    }
    // Into the box: who comes back goes on writing, and what is typed beside it would be lost.
    let begun = bench.store.begun_by(bench.actor.id(), BEGUN + 1).await?;
    let link = |begun: &Begun| {
        let (what, place) = match (begun.has_reply, begun.has_note) {
            (true, true) => ("a reply and a note", "reply"),
            (false, true) => ("a note", "note"),
            _ => ("a reply", "reply"),
        };
        Link {
            title: format!("{} ({what})", begun.row.inquiry.answers.name.as_str()),
            href: format!("{}#{place}", routes::inquiry(begun.row.inquiry.reference.as_str())),
        }
    };
    Ok(calls.into_iter().chain(begun.iter().map(link)).take(BEGUN + 1).collect())
}

struct Found {
    rows: Vec<InboxRow>,
    /// Whether more lie in the direction that was read.
    has_more: bool,
    /// Up to where a search looked, when it stopped before the page was full.
    stopped_at: Option<Keyset>,
    /// Whether nothing is on this page while the view holds some, or may.
    is_left: bool,
    piles: Piles,
    few: Option<Few>,
}

async fn look(bench: &Bench, query: &Query) -> Result<Found, store::Error> {
    let filter = query.filter(bench);
    if query.is_wordless() {
        let piles = bench.store.piles().await?;
        return Ok(Found { rows: Vec::new(), has_more: false, stopped_at: None, is_left: false, piles, few: None });
    }
    if !filter.words.is_empty() {
        // What was looked for may be a name: that somebody searched is recorded, not what for.
        let mut tx = bench.store.begin().await?;
        tx.add_audit(bench.now, bench.actor.id(), "inbox.searched", "", "").await?;
        tx.commit().await?;
    }
    let order = query.order();
    let Listed { mut rows, stopped_at, piles, few } =
        bench.store.inbox(&filter, query.sort(), order, LINES + 1).await?;
    let has_more = rows.len() > LINES;
    if has_more {
        match order {
            PageOrder::Before(_) => drop(rows.remove(0)),
            _ => drop(rows.pop()),
        }
    }
    let is_left = rows.is_empty() && stopped_at.is_none() && order != PageOrder::First && {
        let first = bench.store.inbox(&filter, query.sort(), PageOrder::First, 1).await?;
        !first.rows.is_empty() || first.stopped_at.is_some()
    };
    Ok(Found { rows, has_more, stopped_at, is_left, piles, few })
}

/// The numbers of inquiries in which these words were found, at most as many as a page has lines, and whether there may be more:
/// for who looks for something that hangs on them. It is recorded as any search.
///
/// # Errors
/// When the database cannot be read, or the search not recorded.
pub(super) async fn found_by(bench: &Bench, words: &str) -> Result<(Vec<i64>, bool), store::Error> {
    let query = Query { q: words.to_owned(), status: ALL.to_owned(), ..Query::default() };
    let found = look(bench, &query).await?;
    let has_more = found.has_more || found.stopped_at.is_some();
    Ok((found.rows.iter().map(|row| row.inquiry.seq).collect(), has_more))
}

/// The addresses of the pages before and after this one. Where a search stopped, the next page goes on from there.
fn neighbours(query: &Query, found: &Found) -> (Option<String>, Option<String>) {
    let order = query.order();
    let is_end = found.rows.is_empty() && found.stopped_at.is_none();
    if is_end && (!found.is_left || matches!(order, PageOrder::Before(_))) {
        // Before an empty page there is nothing, and what comes after it is the first page.
        return (None, None);
    }
    let place = |row: &InboxRow| row.place(query.sort());
    let (first, last) = (found.rows.first().map(place), found.rows.last().map(place));
    // A page without lines lies beside the place it was asked for, which belongs to the page it was asked from.
    let (before, after) = match order {
        PageOrder::First => (None, found.stopped_at.or(last.filter(|_| found.has_more))),
        PageOrder::After(from) => {
            let from = first.unwrap_or(from.just_after());
            (Some(from), found.stopped_at.or(last.filter(|_| found.has_more)))
        }
        PageOrder::Before(from) => {
            let from = last.unwrap_or(from.just_before());
            (found.stopped_at.or(first.filter(|_| found.has_more)), Some(from))
        }
    };
    (before.map(|place| query.beside("before", place)), after.map(|place| query.beside("after", place)))
}
