//! How the desk works, on one page, for somebody who sees it for the first time.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::bench::Bench;
use super::taken::read_before;
use super::{Head, Site, page, routes};
use crate::inquiry::{Reference, Status};
use crate::staff::Actor;
use crate::store::{self, OutboxCounts};

/// Every access key of the desk: the key, where it works, and what it does. No page has one twice.
const ACCESS_KEYS: [(&str, &str, &str); 27] = [
    ("i", "everywhere", "to the inbox"),
    ("c", "everywhere", "new inquiry, by phone or in person"),
    ("h", "everywhere", "to this page"),
    ("q", "everywhere", "to the menu"),
    ("s", "inbox, mail", "search"),
    ("j", "inbox", "to the views"),
    ("l", "inbox", "to the list of inquiries"),
    ("p", "inbox", "to suspected spam"),
    ("d", "inbox, one inquiry", "to what you have begun and not sent or stored"),
    ("f", "inbox", "what to do with those that are ticked"),
    ("v", "new inquiry", "what they say"),
    ("y", "new inquiry", "tick that they agreed"),
    ("z", "new inquiry", "store it"),
    ("d", "new inquiry", "keep it as a draft"),
    ("r", "one inquiry", "write a reply, where they gave an email address"),
    ("b", "one inquiry", "choose the words with which a reply begins"),
    ("n", "one inquiry", "write a note"),
    ("t", "one inquiry", "change the status"),
    ("k", "one inquiry", "make it mine"),
    ("a", "one inquiry", "assign it to somebody"),
    ("w", "one inquiry", "to what happened with it"),
    ("e", "one inquiry", "to what is to do next"),
    ("g", "one inquiry", "back to the list from which you came, and to its line there"),
    ("u", "inbox, one inquiry", "undo your last change"),
    ("x", "one inquiry, after storing one", "correct the address or the number"),
    ("m", "one inquiry", "merge a duplicate into it"),
    ("o", "one inquiry", "release suspected spam, which sends the mails that were held back"),
];

#[derive(Template)]
#[template(path = "desk/help.html")]
struct HelpPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    /// The inquiry that was being read.
    read: Option<Reference>,
    statuses: [(Status, &'static str); 5],
    keys: &'static [(&'static str, &'static str, &'static str)],
}

pub(super) async fn show(bench: Bench, request: HttpRequest) -> HttpResponse {
    let read = read_before(&request, &bench.site);
    bench.or_unavailable(help(&bench, read).await)
}

async fn help(bench: &Bench, read: Option<Reference>) -> Result<HttpResponse, store::Error> {
    let help = HelpPage {
        site: &bench.site,
        head: Head::hidden("Help", routes::HELP),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        read,
        statuses: Status::ALL.map(|status| (status, meaning(status))),
        keys: &ACCESS_KEYS,
    };
    Ok(page(StatusCode::OK, &help))
}

fn meaning(status: Status) -> &'static str {
    match status {
        Status::New => "Nobody has answered it or set it to “Open”. It may be somebody’s already.",
        Status::Open => "Somebody is at it.",
        Status::Answered => "The person has an answer, by mail or by phone. They may write or call again.",
        Status::Closed => "Nothing more is to be done. It is erased when it was kept long enough.",
        Status::Spam => {
            "A field that people cannot see was filled in: neither a notice nor an acknowledgement was sent, and staff get one mail a day that tells how many there are. Or somebody set it aside. It is erased 30 days after it came."
        }
    }
}
