//! The pages for when something is not as hoped, for whoever is signed in: with the desk around them, and the way back.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::bench::Bench;
use super::error::{self, Words};
use super::events::{What, marked};
use super::inbox::WayBack;
use super::{Head, Site, page};
use crate::staff::Actor;
use crate::store::{self, OutboxCounts, Store};

#[derive(Template)]
#[template(path = "desk/error.html")]
struct DeskErrorPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    heading: &'a str,
    words: &'a [&'a str],
    inbox: &'a str,
}

/// The page, with the mail as the store told it.
fn framed(site: &Site, actor: &Actor, outbox: OutboxCounts, say: (StatusCode, &str, &[&str])) -> HttpResponse {
    framed_before(&WayBack::default(), site, actor, outbox, say)
}

/// The same, with the way back to a view of the inbox.
fn framed_before(
    way_back: &WayBack,
    site: &Site,
    actor: &Actor,
    outbox: OutboxCounts,
    (status, heading, words): (StatusCode, &str, &[&str]),
) -> HttpResponse {
    let (head, inbox) = (Head::hidden(heading, ""), way_back.href());
    page(status, &DeskErrorPage { site, head, actor, outbox, heading, words, inbox })
}

/// A form of another site, sent by the browser of somebody who is signed in here.
pub(super) async fn foreign(site: &Site, store: &Store, actor: &Actor) -> HttpResponse {
    let outbox = store.outbox_counts().await.unwrap_or_default();
    let Words { status, heading, words } = error::FOREIGN;
    marked(framed(site, actor, outbox, (status, heading, words)), What::CrossSite)
}

impl Bench {
    /// A page with a heading and a few sentences. The state of the mail is left out when the store cannot tell it.
    pub(super) async fn say(&self, status: StatusCode, heading: &str, words: &[&str]) -> HttpResponse {
        let outbox = self.store.outbox_counts().await.unwrap_or_default();
        framed(&self.site, &self.actor, outbox, (status, heading, words))
    }

    /// The same, for whoever goes on in a view of the inbox.
    pub(super) async fn say_before(
        &self,
        way_back: &WayBack,
        status: StatusCode,
        heading: &str,
        words: &[&str],
    ) -> HttpResponse {
        let outbox = self.store.outbox_counts().await.unwrap_or_default();
        framed_before(way_back, &self.site, &self.actor, outbox, (status, heading, words))
    }

    /// The store failed: logged here, once. It is not asked for the state of the mail.
    pub(super) fn unavailable(&self, cause: &store::Error) -> HttpResponse {
        unavailable(&self.site, &self.actor, cause)
    }

    pub(super) async fn wrong_method(&self, allow: &'static str) -> HttpResponse {
        let Words { status, heading, words } = error::WRONG_METHOD;
        error::allowing(self.say(status, heading, words).await, allow)
    }

    pub(super) async fn not_found(&self) -> HttpResponse {
        let words = [
            "There is no page at this address. Perhaps a letter is missing, or the inquiry was erased.",
            "A reference can be looked for in the inbox.",
        ];
        self.say(StatusCode::NOT_FOUND, "We could not find that page", &words).await
    }

    pub(super) async fn forbidden(&self) -> HttpResponse {
        let words = ["Your account may not open this page. Ask an admin of your clinic."];
        marked(self.say(StatusCode::FORBIDDEN, "This is for admins", &words).await, What::NotAdmin)
    }
}

/// The same for where there is an actor and no bench.
pub(super) fn unavailable(site: &Site, actor: &Actor, cause: &store::Error) -> HttpResponse {
    error::log_failure(cause);
    let Words { status, heading, words } = error::UNAVAILABLE;
    framed(site, actor, OutboxCounts::default(), (status, heading, words))
}

/// For an address of the desk where nothing is.
pub(super) async fn nowhere(bench: Bench) -> HttpResponse {
    bench.not_found().await
}
