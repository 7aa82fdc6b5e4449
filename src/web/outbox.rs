//! The outbox on the screen: what waits, what left, and what was given up with the mail server's own words.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::bench::Bench;
use super::body::Fields;
use super::inbox::WayBack;
use super::{Head, Link, Site, page, routes, see_other};
use crate::desk;
use crate::inquiry::Reference;
use crate::outbox::{About, OwedMessage, State};
use crate::staff::Actor;
use crate::store::{self, MailPlace, OutboxCounts};

/// Lines on a page.
const LINES: usize = 50;

#[derive(Template)]
#[template(path = "desk/mail.html")]
struct MailPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    tabs: Vec<(Link, Option<i64>, bool)>,
    lines: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
}

struct Line {
    id: String,
    kind: &'static str,
    recipient: String,
    /// The inquiry; None for what is about an account.
    about: Option<Link>,
    state: State,
    queued: String,
    when: String,
    attempts: i64,
    answer: Option<String>,
}

/// What the address asks for: a state, and a place as the links write it.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Query {
    state: String,
    older: String,
    newer: String,
}

pub(super) async fn show(bench: Bench, query: Option<web::Query<Query>>) -> HttpResponse {
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    bench.or_unavailable(mail(&bench, &query).await)
}

async fn mail(bench: &Bench, query: &Query) -> Result<HttpResponse, store::Error> {
    let outbox = bench.store.outbox_counts().await?;
    let (state, place) = (State::parse(&query.state), place(query));
    let limit = i64::try_from(LINES).unwrap_or(i64::MAX) + 1;
    let mut messages = bench.store.outbox_page(state, &place, limit).await?;
    let has_more = messages.len() > LINES;
    match place {
        MailPlace::NewerThan(..) if has_more => drop(messages.remove(0)),
        _ => messages.truncate(LINES),
    }
    let (newer, older) = neighbours(state, &place, &messages, has_more);
    let mail = MailPage {
        site: &bench.site,
        head: Head::hidden("Mail", routes::MAIL),
        actor: &bench.actor,
        outbox,
        tabs: tabs(state, outbox),
        lines: messages.into_iter().map(|owed| line(owed, bench)).collect(),
        newer,
        older,
    };
    Ok(page(StatusCode::OK, &mail))
}

/// Tries a mail again. Whoever pressed that on the page of an inquiry hears there what came of it.
pub(super) async fn retry(
    bench: Bench,
    id: web::Path<String>,
    fields: Fields,
    bell: web::Data<Notify>,
) -> HttpResponse {
    let tried = desk::retry_message(&bench.store, &bench.actor, &id, bench.now).await;
    bell.notify_one();
    match (tried, Reference::parse(&fields.text("inquiry"))) {
        (Ok(_), Some(inquiry)) => see_other(&WayBack::of(&fields).along(&routes::inquiry_after_retry(&inquiry, &id))),
        (Ok(true), None) => see_other(routes::MAIL),
        (Ok(false), None) => {
            let words = ["This mail was sent already, or is not in the outbox.", "Nothing was changed."];
            bench.say(StatusCode::CONFLICT, "There is nothing to try again", &words).await
        }
        (Err(cause), _) => bench.unavailable(&cause),
    }
}

/// Owes the admin who asks a mail to their own address.
pub(super) async fn test(bench: Bench, bell: web::Data<Notify>) -> HttpResponse {
    if !bench.actor.is_admin() {
        return bench.forbidden().await;
    }
    let owed = desk::owe_test(&bench.store, &bench.actor, bench.now).await;
    bell.notify_one();
    bench.or_unavailable(owed.map(|()| see_other(routes::MAIL)))
}

fn tabs(state: Option<State>, counts: OutboxCounts) -> Vec<(Link, Option<i64>, bool)> {
    let tab = |title: &str, which: Option<State>, count| {
        let href = which.map_or(routes::MAIL.to_owned(), |state| format!("{}?state={}", routes::MAIL, state.as_str()));
        (Link { title: title.to_owned(), href }, count, state == which)
    };
    vec![
        tab("All", None, None),
        tab("Waiting", Some(State::Queued), Some(counts.queued)),
        tab("Sent", Some(State::Sent), Some(counts.sent)),
        tab("Failed", Some(State::Failed), Some(counts.failed)),
    ]
}

fn place(query: &Query) -> MailPlace {
    let read = |text: &str| {
        let (at, id) = text.split_once('.')?;
        Some((Timestamp::from_millisecond(at.parse().ok()?).ok()?, id.to_owned()))
    };
    match (read(&query.older), read(&query.newer)) {
        (Some((at, id)), _) => MailPlace::OlderThan(at, id),
        (_, Some((at, id))) => MailPlace::NewerThan(at, id),
        _ => MailPlace::Newest,
    }
}

/// The addresses of the pages before and after, where there are any.
fn neighbours(
    state: Option<State>,
    place: &MailPlace,
    messages: &[OwedMessage],
    has_more: bool,
) -> (Option<String>, Option<String>) {
    let (Some(first), Some(last)) = (messages.first(), messages.last()) else { return (None, None) };
    let upwards = matches!(place, MailPlace::NewerThan(..));
    let address = |key: &str, beside: &OwedMessage| {
        let state = state.map_or(String::new(), |state| format!("state={}&", state.as_str()));
        format!("{}?{state}{key}={}.{}", routes::MAIL, beside.created_at.as_millisecond(), beside.id)
    };
    let more_above = if upwards { has_more } else { *place != MailPlace::Newest };
    (more_above.then(|| address("newer", first)), (upwards || has_more).then(|| address("older", last)))
}

fn line(owed: OwedMessage, bench: &Bench) -> Line {
    let (about, anonymous) = match owed.about {
        About::Inquiry { reference, .. } => {
            (Some(Link { href: routes::inquiry(&reference), title: reference }), "the writer")
        }
        About::Account(_) => (None, "the account's owner"),
    };
    Line {
        kind: owed.kind.label(),
        recipient: owed.recipient.unwrap_or_else(|| anonymous.to_owned()),
        about,
        state: owed.state,
        queued: bench.near(owed.created_at),
        when: bench.near(owed.settled_at.unwrap_or(owed.next_attempt_at)),
        attempts: owed.attempts,
        answer: owed.last_answer,
        id: owed.id,
    }
}
