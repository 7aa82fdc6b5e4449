//! What staff tell a person whose inquiry they have just taken down: a page of its own, so that going back to it or reading it
//! again asks nobody to send the form once more.

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::SignedDuration;

use super::bench::Bench;
use super::stored_call::Last;
use super::taken::BEGUN;
use super::{Head, Link, Site, call_draft, page, routes};
use crate::content::RedFlags;
use crate::desk;
use crate::inquiry::{Answers, Inquiry, Reference, Urgent};
use crate::secret::SecretKey;
use crate::staff::Actor;
use crate::store::{Entry, EntryKind, OutboxCounts};

/// How long who took an inquiry down is shown the person's secret link. A call has ended by then.
const RECEIPT_SHOWN: SignedDuration = SignedDuration::from_hours(1);

#[derive(Template)]
#[template(path = "desk/taken.html")]
struct TakenPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    reference: String,
    groups: Vec<String>,
    path: String,
    /// The link to their receipt, for who took it down and not for long.
    receipt: Option<String>,
    answer_by: String,
    /// Who they are and how to reach them, for who took it down and not for long: whoever reads it back hears what was misheard.
    contact: Option<Vec<String>>,
    /// The inquiry that was being read when the call came.
    read: Option<Link>,
    /// How long ago it was stored.
    ago: String,
    /// What they took down before it: somebody who went back and corrected it there has stored another one.
    last: Option<Last>,
    /// Other calls that they have begun and not stored.
    begun: Vec<Link>,
    /// How many more there are from the same address or number.
    others: usize,
    is_mailed: bool,
    mails_leave: bool,
    /// They have a warning sign, or are not sure.
    is_urgent: bool,
    is_sure: bool,
    red_flags: &'a RedFlags,
}

/// What the address may ask for.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// The inquiry that was being read when the call came.
    read: String,
}

/// Their reference, by when somebody answers, and whom to call now; nothing that they said but, for who took it down, how to reach
/// them. There is no such page of an inquiry that nobody took down.
pub(super) async fn show(
    bench: Bench,
    request: HttpRequest,
    key: web::Data<SecretKey>,
    reference: web::Path<String>,
    wish: Option<web::Query<Wish>>,
) -> HttpResponse {
    let inquiry = match bench.find(&reference).await {
        Ok(inquiry) => inquiry,
        Err(answer) => return answer,
    };
    let timeline = match bench.store.timeline(inquiry.seq).await {
        Ok(timeline) => timeline,
        Err(cause) => return bench.unavailable(&cause),
    };
    let Some(taker) = taker(&timeline) else { return bench.not_found().await };
    let others = match bench.of_same_person(&inquiry, &[]).await {
        Ok(others) => others.len(),
        Err(cause) => return bench.unavailable(&cause),
    };
    let is_shown = taker == bench.actor.id() && bench.now.duration_since(inquiry.received_at) < RECEIPT_SHOWN;
    // They read who it is, as on its page; a HEAD shows nobody anything.
    if is_shown
        && request.method() == Method::GET
        && let Err(cause) = desk::open(&bench.store, &bench.actor, &inquiry, bench.now).await
    {
        return bench.unavailable(&cause);
    }
    let read = match wish.and_then(|wish| Reference::parse(&wish.read)) {
        Some(read) => bench.store.inquiry(&read).await.unwrap_or_default().as_ref().map(link_to),
        None => None,
    };
    let taken_page = TakenPage {
        site: &bench.site,
        head: Head::hidden("The inquiry is stored", &routes::taken(&inquiry.reference, None)),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await.unwrap_or_default(),
        groups: inquiry.reference.groups(),
        path: routes::inquiry(inquiry.reference.as_str()),
        reference: inquiry.reference.to_string(),
        receipt: is_shown.then(|| receipt_of(&inquiry, &key, &bench.site)),
        answer_by: bench.policy.opening.written(inquiry.answer_by),
        contact: is_shown.then(|| contact(&inquiry)),
        read,
        others,
        ago: bench.age(inquiry.received_at),
        last: if is_shown { Last::of(&bench, Some(&inquiry.reference)).await.unwrap_or_default() } else { None },
        begun: call_draft::links(&bench, BEGUN).await.unwrap_or_default(),
        mails_leave: bench.policy.mails_leave,
        is_mailed: bench.policy.acknowledge && inquiry.answers.contact.email().is_some(),
        is_urgent: inquiry.answers.urgent.is_marked(),
        is_sure: inquiry.answers.urgent == Urgent::Yes,
        red_flags: bench.content.red_flags(),
    };
    page(StatusCode::OK, &taken_page)
}

/// Back to what was being read, by the name that somebody has in mind.
fn link_to(read: &Inquiry) -> Link {
    let title = format!("{}, {}", read.answers.name.as_str(), read.reference);
    Link { title, href: routes::inquiry(read.reference.as_str()) }
}

fn contact(inquiry: &Inquiry) -> Vec<String> {
    let Answers { name, contact, .. } = &inquiry.answers;
    let phone = contact.phone().map(|phone| phone.as_str().to_owned());
    let email = contact.email().map(|email| email.as_str().to_owned());
    [Some(name.as_str().to_owned()), phone, email].into_iter().flatten().collect()
}

/// Who took an inquiry down, as an account; None for one that the person wrote.
fn taker(timeline: &[Entry]) -> Option<&str> {
    timeline.iter().find(|entry| entry.kind == EntryKind::Received)?.staff.as_deref()
}

fn receipt_of(inquiry: &Inquiry, key: &SecretKey, site: &Site) -> String {
    let receipt_key = key.receipt_key_of(&inquiry.submission, &inquiry.receipt_digest);
    format!("{}{}", site.public_url, routes::receipt(&receipt_key))
}
