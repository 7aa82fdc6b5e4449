//! The outbox on the screen: what waits, what left, and what was given up with the mail server's own words.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::bench::Bench;
use super::body::Fields;
use super::{Head, Link, Site, inbox, page, routes, see_other};
use crate::desk;
use crate::outbox::{About, OwedMessage, State};
use crate::staff::Actor;
use crate::store::{self, MailPlace, OutboxCounts};

/// Lines on a page.
const LINES: usize = 50;
/// One more, which tells that there are more.
const MOST: i64 = LINES as i64 + 1;

#[derive(Template)]
#[template(path = "desk/mail.html")]
struct MailPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    tabs: Vec<(Link, Option<i64>, bool)>,
    /// Which are shown; None for all.
    state: Option<State>,
    /// Beside which mail, as the address says it; None for the newest.
    place: Option<(&'static str, String)>,
    /// Whose mails were looked for; empty where nobody's were.
    whose: &'a str,
    /// What was found of these.
    found: Option<String>,
    /// What came of the mail that this person had tried again.
    retried: Option<String>,
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
    /// Who wrote that inquiry.
    writer: Option<String>,
    state: State,
    is_only_in_a_file: bool,
    waits_for_a_file: bool,
    queued: String,
    when: String,
    attempts: i64,
    answer: Option<String>,
}

/// What the address asks for: a state, a place as the links write it, and what to say about a mail that was tried again.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Query {
    state: String,
    older: String,
    newer: String,
    retried: String,
    /// Whose mails to show: words of their inquiry.
    q: String,
}

pub(super) async fn show(bench: Bench, query: Option<web::Query<Query>>) -> HttpResponse {
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    bench.or_unavailable(mail(&bench, &query).await)
}

async fn mail(bench: &Bench, query: &Query) -> Result<HttpResponse, store::Error> {
    let outbox = bench.store.outbox_counts().await?;
    let (state, place) = (State::parse(&query.state), place(&query.older, &query.newer));
    let whose = query.q.trim();
    let Leaf { messages, found, newer, older } = match whose.is_empty() {
        true => leaf(bench, state, &place).await?,
        false => of_person(bench, whose).await?,
    };
    let inquiries: Vec<_> = messages.iter().filter_map(|owed| owed.about.number()).collect();
    let writers = if inquiries.is_empty() { HashMap::new() } else { bench.store.writers(&inquiries).await? };
    let written = |owed: OwedMessage| {
        let writer = owed.about.number().and_then(|seq| writers.get(&seq).cloned());
        line(owed, writer, bench)
    };
    let mail = MailPage {
        site: &bench.site,
        head: Head::hidden("Mail", routes::MAIL),
        actor: &bench.actor,
        outbox,
        tabs: tabs(state, outbox, bench.policy.mails_leave, !whose.is_empty()),
        state,
        place: key_of(&place),
        whose,
        found,
        retried: retried_words(bench, &query.retried).await?,
        lines: messages.into_iter().map(written).collect(),
        newer,
        older,
    };
    Ok(page(StatusCode::OK, &mail))
}

/// The mails of a page, what is said of them, and the pages beside it.
struct Leaf {
    messages: Vec<OwedMessage>,
    found: Option<String>,
    newer: Option<String>,
    older: Option<String>,
}

async fn leaf(bench: &Bench, state: Option<State>, place: &MailPlace) -> Result<Leaf, store::Error> {
    let mut messages = bench.store.outbox_page(state, place, MOST).await?;
    let has_more = messages.len() > LINES;
    match place {
        MailPlace::NewerThan(..) if has_more => drop(messages.remove(0)),
        _ => messages.truncate(LINES),
    }
    let (newer, older) = neighbours(state, place, &messages, has_more);
    Ok(Leaf { messages, found: None, newer, older })
}

/// The mails about the inquiries in which these words stand.
async fn of_person(bench: &Bench, whose: &str) -> Result<Leaf, store::Error> {
    let (inquiries, has_more) = inbox::found_by(bench, whose).await?;
    let mut messages = Vec::new();
    if !inquiries.is_empty() {
        messages = bench.store.messages_about(&inquiries, MOST).await?;
    }
    let is_cut = has_more || messages.len() > LINES;
    messages.truncate(LINES);
    let count = |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let (mails, about) = (count(messages.len(), "mail", "mails"), count(inquiries.len(), "inquiry", "inquiries"));
    let more = if is_cut { " There may be more: type more of the name, or an address." } else { "" };
    let found = format!("{mails} of {about} found for “{whose}”.{more}");
    Ok(Leaf { messages, found: Some(found), newer: None, older: None })
}

/// Tries a mail again, and leads back to the same mails, which say what came of it.
pub(super) async fn retry(
    bench: Bench,
    id: web::Path<String>,
    fields: Fields,
    bell: web::Data<Notify>,
) -> HttpResponse {
    let tried = desk::retry_message(&bench.store, &bench.actor, &id, bench.now).await;
    bell.notify_one();
    match tried {
        Ok(true) => {
            let place = key_of(&place(&fields.text("older"), &fields.text("newer")));
            let place = place.iter().map(|(key, value)| (*key, value.as_str()));
            let whose = fields.text("q");
            let whose = (!whose.is_empty()).then_some(("q", whose.as_str()));
            let place = place.chain(whose).chain([("retried", id.as_str())]).collect::<Vec<_>>();
            see_other(&routes::mail_with(State::parse(&fields.text("state")), &place))
        }
        Ok(false) => {
            let words = ["This mail was sent already, or is not in the outbox.", "Nothing was changed."];
            bench.say(StatusCode::CONFLICT, "There is nothing to try again", &words).await
        }
        Err(cause) => bench.unavailable(&cause),
    }
}

/// What came of a mail that this person had tried again a moment ago; the address names the mail only.
async fn retried_words(bench: &Bench, mail: &str) -> Result<Option<String>, store::Error> {
    if mail.is_empty() || bench.had_tried(mail).await? != Some(true) {
        return Ok(None);
    }
    let Some(owed) = bench.store.message(mail).await? else { return Ok(None) };
    let words = match (owed.state, owed.attempts) {
        (State::Sent, _) if owed.is_only_in_a_file() => "was tried again and was only written to a file.",
        (State::Sent, _) => "was tried again and has left.",
        (State::Queued, 0) => "is tried again now. Load this page again to see whether it left.",
        (State::Queued, _) => "was tried again and stands under “Waiting” until its next attempt.",
        (State::Failed, _) => "was tried again and failed again. What the mail server said stands under “Failed”.",
    };
    let line = line(owed, None, bench);
    let of = line.about.map(|inquiry| format!(" of {}", inquiry.title)).unwrap_or_default();
    Ok(Some(format!("“{}”{of} {words}", line.kind)))
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

/// The views of all mail. Whoever reads the mails of one person is in none of them, and their numbers would be taken for that person’s.
fn tabs(
    state: Option<State>,
    counts: OutboxCounts,
    mails_leave: bool,
    is_found: bool,
) -> Vec<(Link, Option<i64>, bool)> {
    let tab = |title: &str, which: Option<State>, count: Option<i64>| {
        let count = count.filter(|_| !is_found);
        (Link { title: title.to_owned(), href: routes::mail(which) }, count, state == which && !is_found)
    };
    vec![
        tab("All", None, None),
        tab("Waiting", Some(State::Queued), Some(counts.queued)),
        tab(if mails_leave { "Sent" } else { "Sent or filed" }, Some(State::Sent), Some(counts.sent)),
        tab("Failed", Some(State::Failed), Some(counts.failed)),
    ]
}

fn place(older: &str, newer: &str) -> MailPlace {
    let read = |text: &str| {
        let (at, id) = text.split_once('.')?;
        Some((Timestamp::from_millisecond(at.parse().ok()?).ok()?, id.to_owned()))
    };
    match (read(older), read(newer)) {
        (Some((at, id)), _) => MailPlace::OlderThan(at, id),
        (_, Some((at, id))) => MailPlace::NewerThan(at, id),
        _ => MailPlace::Newest,
    }
}

/// The key and the value that say a place in an address and in a form.
fn key_of(place: &MailPlace) -> Option<(&'static str, String)> {
    match place {
        MailPlace::Newest => None,
        MailPlace::OlderThan(at, id) => Some(("older", written(*at, id))),
        MailPlace::NewerThan(at, id) => Some(("newer", written(*at, id))),
    }
}

fn written(at: Timestamp, id: &str) -> String {
    format!("{}.{id}", at.as_millisecond())
}

/// The addresses of the pages before and after, where there are any.
fn neighbours(
    state: Option<State>,
    place: &MailPlace,
    messages: &[OwedMessage],
    has_more: bool,
) -> (Option<String>, Option<String>) {
    let (Some(first), Some(last)) = (messages.first(), messages.last()) else {
        // They left this page meanwhile, as when the last one was tried again.
        return ((*place != MailPlace::Newest).then(|| routes::mail(state)), None);
    };
    let upwards = matches!(place, MailPlace::NewerThan(..));
    let address =
        |key: &str, beside: &OwedMessage| routes::mail_with(state, &[(key, &written(beside.created_at, &beside.id))]);
    let more_above = if upwards { has_more } else { *place != MailPlace::Newest };
    (more_above.then(|| address("newer", first)), (upwards || has_more).then(|| address("older", last)))
}

fn line(owed: OwedMessage, writer: Option<String>, bench: &Bench) -> Line {
    let is_only_in_a_file = owed.is_only_in_a_file();
    let waits_for_a_file = owed.waits_for_a_file(bench.policy.mails_leave);
    let (about, anonymous) = match owed.about {
        About::Inquiry { reference, .. } => {
            (Some(Link { href: routes::inquiry(&reference), title: reference }), "the writer")
        }
        About::Account(_) => (None, "the account's owner"),
    };
    Line {
        is_only_in_a_file,
        waits_for_a_file,
        kind: owed.kind.label(),
        recipient: owed.recipient.unwrap_or_else(|| anonymous.to_owned()),
        about,
        writer,
        state: owed.state,
        queued: bench.near(owed.created_at),
        when: bench.near(owed.settled_at.unwrap_or(owed.next_attempt_at)),
        attempts: owed.attempts,
        answer: owed.last_answer.filter(|_| !is_only_in_a_file),
        id: owed.id,
    }
}
