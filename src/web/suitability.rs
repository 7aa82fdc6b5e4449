//! Which massage may suit a person: their ticks compared with the cautions of each technique. Nothing is stored or
//! logged, and no answer enters an address.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::styles::Dress;
use super::{Head, Site, body, page, routes};
use crate::content::{Advice, Content, Page};
use crate::inquiry::Urgent;

/// The questions, and below them the advice once they are answered.
#[derive(Template)]
#[template(path = "pages/suitability.html")]
struct SuitabilityPage<'a> {
    site: &'a Site,
    head: Head,
    content: &'a Content,
    words: &'a Page,
    urgent: Option<Urgent>,
    ticked: Vec<String>,
    advice: Option<Vec<Advice<'a>>>,
}

impl SuitabilityPage<'_> {
    fn is_ticked(&self, slug: &str) -> bool {
        self.ticked.iter().any(|known| known == slug)
    }

    /// Warning signs come before any massage.
    fn needs_help_first(&self) -> bool {
        self.urgent.is_some_and(Urgent::is_marked)
    }
}

fn suitability_page<'a>(site: &'a Site, content: &'a Content, head: Head) -> SuitabilityPage<'a> {
    let words = content.suitability();
    SuitabilityPage { site, head, content, words, urgent: None, ticked: Vec::new(), advice: None }
}

/// The head of the page with nothing answered, which everybody gets alike.
pub(super) fn head(content: &Content) -> Head {
    let words = content.suitability();
    Head::new(words.title(), words.description(), routes::SUITABILITY).dressed(Dress::Asking)
}

/// The page with nothing answered, to be rendered once.
pub(super) fn questions(site: &Site, content: &Content, head: Head) -> Result<String, askama::Error> {
    suitability_page(site, content, head).render()
}

/// The advice. A tick that no condition knows is left out: the page shows what was understood.
pub(super) async fn advise(
    request: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
    content: web::Data<Content>,
) -> HttpResponse {
    let fields = match body::read(&request, payload, body::PUBLIC).await {
        Ok(fields) => fields,
        Err(unreadable) => return unreadable.page(&site),
    };
    let mut ticked = fields.texts("health");
    ticked.retain(|slug| content.condition(slug).is_some());
    let answered = SuitabilityPage {
        urgent: Urgent::parse(&fields.text("urgent")),
        advice: Some(content.advice(&ticked)),
        ticked,
        ..suitability_page(&site, &content, head(&content).dressed(Dress::Linked))
    };
    page(StatusCode::OK, &answered)
}
