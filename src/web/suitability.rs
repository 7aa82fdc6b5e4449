//! Which massage may suit a person: their ticks compared with the cautions of each technique. Nothing is stored or
//! logged, and no answer enters an address.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

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

fn suitability_page<'a>(site: &'a Site, content: &'a Content) -> SuitabilityPage<'a> {
    let words = content.suitability();
    let head = Head::new(words.title(), words.description(), routes::SUITABILITY);
    SuitabilityPage { site, head, content, words, urgent: None, ticked: Vec::new(), advice: None }
}

/// The page with nothing answered, to be rendered once.
pub(super) fn questions(site: &Site, content: &Content) -> Result<String, askama::Error> {
    let page = suitability_page(site, content);
    SuitabilityPage { head: Head { style_inside: true, ..page.head }, ..page }.render()
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
        ..suitability_page(&site, &content)
    };
    page(StatusCode::OK, &answered)
}
