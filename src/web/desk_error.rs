//! The pages for when something is not as hoped, for whoever is signed in: with the desk around them, and the way back.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::bench::Bench;
use super::events::{What, marked};
use super::{Head, Site, page};
use crate::staff::Actor;
use crate::store::OutboxCounts;

#[derive(Template)]
#[template(path = "desk/error.html")]
struct DeskErrorPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    heading: &'a str,
    words: &'a [&'a str],
}

impl Bench {
    /// A page with a heading and a few sentences. The state of the mail is left out when the store cannot tell it.
    pub(super) async fn say(&self, status: StatusCode, heading: &str, words: &[&str]) -> HttpResponse {
        let outbox = self.store.outbox_counts().await.unwrap_or_default();
        let (site, actor, head) = (&self.site, &self.actor, Head::hidden(heading, ""));
        page(status, &DeskErrorPage { site, head, actor, outbox, heading, words })
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

/// For an address of the desk where nothing is.
pub(super) async fn nowhere(bench: Bench) -> HttpResponse {
    bench.not_found().await
}
