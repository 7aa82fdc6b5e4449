//! The pages people read: rendered once before the first request, so that a broken template stops the start and a
//! reader waits for nothing.

use std::collections::HashMap;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::prerender::Ready;
use super::{Head, Site, error, routes, suitability};
use crate::content::{Content, Page, Technique};

const STYLESHEET: &str = include_str!("../../static/site.css");
const FAVICON_SVG: &str = include_str!("../../static/favicon.svg");
const FAVICON_ICO: &[u8] = include_bytes!("../../static/favicon.ico");

const HTML: &str = "text/html; charset=utf-8";

#[derive(Template)]
#[template(path = "pages/home.html")]
struct HomePage<'a> {
    site: &'a Site,
    head: Head,
    content: &'a Content,
}

#[derive(Template)]
#[template(path = "pages/techniques.html")]
struct TechniquesPage<'a> {
    site: &'a Site,
    head: Head,
    content: &'a Content,
}

#[derive(Template)]
#[template(path = "pages/technique.html")]
struct TechniquePage<'a> {
    site: &'a Site,
    head: Head,
    content: &'a Content,
    technique: &'a Technique,
}

#[derive(Template)]
#[template(path = "pages/statement.html")]
struct StatementPage<'a> {
    site: &'a Site,
    head: Head,
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "pages/sitemap.xml", escape = "html")]
struct Sitemap<'a> {
    site: &'a Site,
    paths: Vec<String>,
}

/// Where the stylesheet lies; the name changes with its content, so browsers may keep it for ever.
pub(super) fn stylesheet_path() -> String {
    let hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(STYLESHEET.as_bytes())[..9]);
    format!("/static/site-{hash}.css")
}

/// Every public page and file, by path.
pub(super) struct Pages(HashMap<String, Ready>);

impl Pages {
    /// Renders and compresses all of them.
    pub(super) fn render(site: &Site, content: &Content, now: Timestamp) -> anyhow::Result<Self> {
        let mut pages = HashMap::new();
        let article = content.article();
        let head = Head::new(article.title(), article.description(), "/");
        add(&mut pages, HomePage { site, head, content }.render()?, "/")?;
        let comparison = content.comparison();
        let head = Head::new(comparison.title(), comparison.description(), routes::TECHNIQUES);
        add(&mut pages, TechniquesPage { site, head, content }.render()?, routes::TECHNIQUES)?;
        for technique in content.techniques() {
            let path = routes::technique(technique.slug().as_str());
            let head = Head::new(technique.title(), technique.description(), &path);
            add(&mut pages, TechniquePage { site, head, content, technique }.render()?, &path)?;
        }
        add(&mut pages, suitability::questions(site, content)?, routes::SUITABILITY)?;
        for (path, page) in [(routes::PRIVACY, content.privacy()), (routes::ACCESSIBILITY, content.accessibility())] {
            let head = Head::new(page.title(), page.description(), path);
            add(&mut pages, StatementPage { site, head, page }.render()?, path)?;
        }
        add_files(&mut pages, site, now)?;
        Ok(Self(pages))
    }
}

fn add(pages: &mut HashMap<String, Ready>, body: String, path: &str) -> anyhow::Result<()> {
    pages.insert(path.to_owned(), Ready::page(HTML, body)?);
    Ok(())
}

/// What is no page for people: stylesheet, icons, and words for search engines. Called when all pages are there.
fn add_files(pages: &mut HashMap<String, Ready>, site: &Site, now: Timestamp) -> anyhow::Result<()> {
    let mut paths: Vec<String> = pages.keys().cloned().collect();
    paths.push(routes::CONTACT.to_owned());
    paths.sort();
    let robots = format!(
        "User-agent: *\nDisallow: /admin\nDisallow: /receipt/\n\nSitemap: {}{}\n",
        site.public_url,
        routes::SITEMAP
    );
    let text = "text/plain; charset=utf-8";
    pages.insert(routes::ROBOTS.to_owned(), Ready::page(text, robots)?);
    let sitemap = Sitemap { site, paths }.render()?;
    pages.insert(routes::SITEMAP.to_owned(), Ready::page("application/xml; charset=utf-8", sitemap)?);
    pages.insert(routes::SECURITY.to_owned(), Ready::page(text, security_text(site, now))?);
    pages.insert("/favicon.svg".to_owned(), Ready::page("image/svg+xml", FAVICON_SVG)?);
    pages.insert("/favicon.ico".to_owned(), Ready::page("image/x-icon", FAVICON_ICO)?);
    pages.insert(stylesheet_path(), Ready::hashed("text/css; charset=utf-8", STYLESHEET)?);
    Ok(())
}

/// Whom to tell of a hole (RFC 9116). It is made anew at each start and says that it is good for a year, the longest that
/// the RFC recommends.
fn security_text(site: &Site, now: Timestamp) -> String {
    let expires = now + SignedDuration::from_hours(364 * 24);
    format!(
        "Contact: mailto:{}\nExpires: {}\nPreferred-Languages: en\nCanonical: {}{}\n",
        site.clinic.email,
        expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        site.public_url,
        routes::SECURITY
    )
}

/// Whatever no other route takes: a ready page, or the page that says there is none.
pub(super) async fn any(request: HttpRequest, pages: web::Data<Pages>, site: web::Data<Site>) -> HttpResponse {
    match pages.0.get(request.path()) {
        Some(page) if matches!(*request.method(), Method::GET | Method::HEAD) => page.respond(&request),
        Some(_) => error::wrong_method(&request, "GET, HEAD"),
        None => error::not_found(&site),
    }
}
