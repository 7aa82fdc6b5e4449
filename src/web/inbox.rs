//! The inbox: what waits for an answer, urgent first, then by promise. It reads only, apart from the audit entry of a search.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, web};
use askama::Template;
use futures_util::{StreamExt, stream};

use super::bench::Bench;
use super::{Head, Link, Site, error, page, routes, see_other};
use crate::desk::{csv_head, csv_of};
use crate::inquiry::{Inquiry, Name, Status};
use crate::staff::Actor;
use crate::store::{self, Counts, InboxFilter, InboxRow, Keyset, OutboxCounts, PageOrder, Store, search};

/// Lines on a page.
const LINES: usize = 50;
/// Lines of the file that are read at once.
const CSV_PAGE: i64 = 200;
/// The word for every status in the address.
const ALL: &str = "all";
/// Words that a search looks for; each is a subquery.
const MOST_WORDS: usize = 12;
/// Characters of a message shown in a line.
const PREVIEW: usize = 120;

/// What the address asks for.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Query {
    status: String,
    technique: String,
    q: String,
    unopened: String,
    after: String,
    before: String,
}

#[derive(Template)]
#[template(path = "desk/inbox.html")]
struct InboxPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    tabs: Vec<Tab>,
    techniques: Vec<(&'a str, &'a str)>,
    query: &'a Query,
    lines: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
    is_filtered: bool,
    csv: String,
}

/// A view of the inbox with how many it holds.
struct Tab {
    link: Link,
    count: Option<i64>,
    is_current: bool,
}

struct Line {
    href: String,
    reference: String,
    name: String,
    preview: String,
    technique: Option<String>,
    status: Status,
    is_urgent: bool,
    is_unopened: bool,
    is_overdue: bool,
    received: String,
    answer_by: String,
    failed: i64,
    queued: i64,
}

pub(super) async fn home() -> HttpResponse {
    see_other(routes::INBOX)
}

pub(super) async fn show(bench: Bench, query: Option<web::Query<Query>>) -> HttpResponse {
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    let inbox = look(&bench, &query).await.map(|found| inbox(&bench, &query, found));
    bench.or_unavailable(inbox)
}

fn inbox(bench: &Bench, query: &Query, found: Found) -> HttpResponse {
    let (newer, older) = neighbours(query, &found);
    let filters = [&query.q, &query.technique, &query.status, &query.unopened];
    let techniques = bench.content.techniques().iter();
    let inbox = InboxPage {
        site: &bench.site,
        head: Head::hidden("Inbox", routes::INBOX),
        actor: &bench.actor,
        outbox: found.outbox,
        tabs: tabs(query, found.counts),
        techniques: techniques.map(|technique| (technique.slug().as_str(), technique.name())).collect(),
        query,
        lines: found.rows.iter().map(|row| line(row, bench)).collect(),
        newer,
        older,
        csv: address(query, &[]).replacen(routes::INBOX, routes::INBOX_CSV, 1),
        is_filtered: filters.iter().any(|filter| !filter.trim().is_empty()),
    };
    page(StatusCode::OK, &inbox)
}

struct Found {
    rows: Vec<InboxRow>,
    /// Whether more lie in the direction that was read.
    has_more: bool,
    counts: Counts,
    outbox: OutboxCounts,
}

fn filter(query: &Query) -> InboxFilter {
    InboxFilter {
        statuses: statuses(query),
        technique: Some(query.technique.clone()).filter(|slug| !slug.is_empty()),
        words: search::words(&query.q).into_iter().take(MOST_WORDS).collect(),
        unopened: query.unopened == "1",
        ..InboxFilter::default()
    }
}

/// The inquiries of the current filter as a file. Written page by page as it is read, so that memory does not grow with it.
pub(super) async fn csv(bench: Bench, query: Option<web::Query<Query>>) -> HttpResponse {
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    let recorded = async {
        let mut tx = bench.store.begin().await?;
        tx.add_audit(bench.now, bench.actor.id(), "inquiries.exported", "", "").await?;
        tx.commit().await
    };
    if let Err(cause) = recorded.await {
        return error::unavailable(&bench.site, &cause);
    }
    let day = bench.policy.opening.local(bench.now).strftime("%Y-%m-%d").to_string();
    let first = csv_head().map(web::Bytes::from);
    let (store, filter) = (bench.store.clone(), filter(&query));
    let pages = stream::try_unfold(Some(PageOrder::First), move |order| {
        let (store, filter) = (store.clone(), filter.clone());
        async move { csv_page(&store, &filter, order).await }
    });
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"inquiries-{day}.csv\"")))
        .streaming(stream::once(std::future::ready(first)).chain(pages))
}

/// The lines of one page, and where the next one begins.
async fn csv_page(
    store: &Store,
    filter: &InboxFilter,
    order: Option<PageOrder>,
) -> std::io::Result<Option<(web::Bytes, Option<PageOrder>)>> {
    let Some(order) = order else { return Ok(None) };
    let rows = store.inbox(filter, order, CSV_PAGE).await.map_err(std::io::Error::other)?;
    let mut lines = Vec::new();
    for row in &rows {
        lines.extend(csv_of(&row.inquiry)?);
    }
    Ok(rows.last().map(|last| (lines.into(), Some(PageOrder::After(last.place())))))
}

async fn look(bench: &Bench, query: &Query) -> Result<Found, store::Error> {
    let filter = filter(query);
    if !filter.words.is_empty() {
        // What was looked for may be a name: that somebody searched is recorded, not what for.
        let mut tx = bench.store.begin().await?;
        tx.add_audit(bench.now, bench.actor.id(), "inbox.searched", "", "").await?;
        tx.commit().await?;
    }
    let order = order(query);
    let limit = i64::try_from(LINES).unwrap_or(i64::MAX) + 1;
    let mut rows = bench.store.inbox(&filter, order, limit).await?;
    let has_more = rows.len() > LINES;
    if has_more {
        match order {
            PageOrder::Before(_) => drop(rows.remove(0)),
            _ => drop(rows.pop()),
        }
    }
    Ok(Found { rows, has_more, counts: bench.store.counts().await?, outbox: bench.store.outbox_counts().await? })
}

/// What waits for somebody comes first; a search, and the view "All", look everywhere but into suspected spam.
fn statuses(query: &Query) -> Vec<Status> {
    match Status::parse(&query.status) {
        Some(status) => vec![status],
        None if query.status == ALL || !query.q.trim().is_empty() || query.unopened == "1" => Vec::new(),
        None => vec![Status::New, Status::Open],
    }
}

fn order(query: &Query) -> PageOrder {
    match (place(&query.after), place(&query.before)) {
        (Some(place), _) => PageOrder::After(place),
        (None, Some(place)) => PageOrder::Before(place),
        (None, None) => PageOrder::First,
    }
}

/// Reads a place as the links write it: rank, promise, number.
fn place(text: &str) -> Option<Keyset> {
    let mut parts = text.split('.').map(str::parse);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Ok(rank)), Some(Ok(answer_by)), Some(Ok(seq)), None) => Some(Keyset { rank, answer_by, seq }),
        _ => None,
    }
}

fn neighbours(query: &Query, found: &Found) -> (Option<String>, Option<String>) {
    let order = order(query);
    let (Some(first), Some(last)) = (found.rows.first(), found.rows.last()) else { return (None, None) };
    let backwards = matches!(order, PageOrder::Before(_));
    let more_before = if backwards { found.has_more } else { order != PageOrder::First };
    let more_after = backwards || found.has_more;
    let link = |key: &str, row: &InboxRow| {
        let Keyset { rank, answer_by, seq } = row.place();
        address(query, &[(key, &format!("{rank}.{answer_by}.{seq}"))])
    };
    (more_before.then(|| link("before", first)), more_after.then(|| link("after", last)))
}

/// The inbox's address with the query's filters and these further parts.
fn address(query: &Query, more: &[(&str, &str)]) -> String {
    let kept =
        [("status", &query.status), ("technique", &query.technique), ("q", &query.q), ("unopened", &query.unopened)];
    let mut parts = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in kept.into_iter().map(|(key, value)| (key, value.as_str())).chain(more.iter().copied()) {
        if !value.is_empty() {
            parts.append_pair(key, value);
        }
    }
    let parts = parts.finish();
    if parts.is_empty() { routes::INBOX.to_owned() } else { format!("{}?{parts}", routes::INBOX) }
}

fn tabs(query: &Query, counts: Counts) -> Vec<Tab> {
    let tab = |title: &str, status: &str, unopened: &str, count| {
        let view = Query {
            status: status.to_owned(),
            unopened: unopened.to_owned(),
            technique: query.technique.clone(),
            q: query.q.clone(),
            ..Query::default()
        };
        let is_current = query.status == status && query.unopened == unopened;
        Tab { link: Link { title: title.to_owned(), href: address(&view, &[]) }, count, is_current }
    };
    let mut tabs =
        vec![tab("To do", "", "", Some(counts.new + counts.open)), tab("Unopened", "", "1", Some(counts.unopened))];
    let per_status = [counts.new, counts.open, counts.answered, counts.closed, counts.spam];
    for (status, count) in Status::ALL.into_iter().zip(per_status) {
        tabs.push(tab(status.label(), status.as_str(), "", Some(count)));
    }
    tabs.push(tab("All", ALL, "", None));
    tabs
}

fn line(row: &InboxRow, bench: &Bench) -> Line {
    let Inquiry { reference, answers, status, opened_at, received_at, answer_by, .. } = &row.inquiry;
    let technique = answers.technique.as_deref();
    Line {
        href: routes::inquiry(reference.as_str()),
        reference: reference.to_string(),
        name: Name::as_str(&answers.name).to_owned(),
        preview: preview(answers.message.as_str()),
        technique: technique
            .map(|slug| bench.content.technique(slug).map_or(slug, |technique| technique.name()).to_owned()),
        status: *status,
        is_urgent: answers.urgent.is_marked(),
        is_unopened: opened_at.is_none(),
        is_overdue: row.inquiry.is_overdue(bench.now),
        received: bench.soon(*received_at),
        answer_by: bench.soon(*answer_by),
        failed: row.failed,
        queued: row.queued,
    }
}

fn preview(message: &str) -> String {
    let mut text: String = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = text.char_indices().nth(PREVIEW) {
        text.truncate(end);
        text.push('…');
    }
    text
}
