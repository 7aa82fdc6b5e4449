//! The pages people read: rendered once before the first request, so that a broken template stops the start and a
//! reader waits for nothing.

use std::collections::HashMap;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::prerender::Ready;
use super::styles::Dress;
use super::{Head, Site, error, headers, picture, routes, structured, suitability};
use crate::content::{Content, Page, Review, Section, Technique};

const FAVICON_SVG: &str = include_str!("../../static/favicon.svg");
const FAVICON_ICO: &[u8] = include_bytes!("../../static/favicon.ico");

#[derive(Template)]
#[template(path = "pages/home.html")]
struct HomePage<'a> {
    site: &'a Site,
    head: Head,
    content: &'a Content,
}

impl HomePage<'_> {
    /// The sections in the order in which the page shows them.
    fn contents(&self) -> [&Section; 9] {
        let article = self.content.article();
        [
            article.what_it_is(),
            article.how_it_may_help(),
            article.which_technique(),
            article.who_should_not_have_it(),
            article.what_to_expect(),
            article.talk_with_a_physician(),
            article.how_sure_are_we(),
            article.when_to_get_help(),
            article.contact_us(),
        ]
    }
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
    pages: Vec<Listed>,
}

/// A page that search engines may list, and since when its words stand.
struct Listed {
    path: String,
    since: Date,
}

/// Every public page and file, by path.
pub(super) struct Pages(HashMap<String, Ready>);

impl Pages {
    /// Renders and compresses all of them.
    pub(super) fn render(site: &Site, content: &Content, now: Timestamp) -> anyhow::Result<Self> {
        let contact = Listed::of(routes::CONTACT, [content.contact().review(), content.red_flags().review()]);
        let mut press = Press { site, content, pages: HashMap::new(), listed: vec![contact] };
        press.home(site.clinic.opening.local(now).date())?;
        press.techniques()?;
        press.check()?;
        press.statements()?;
        let Press { mut pages, listed, .. } = press;
        add_files(&mut pages, site, listed, now)?;
        Ok(Self(pages))
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}

/// The pages being made.
struct Press<'a> {
    site: &'a Site,
    content: &'a Content,
    pages: HashMap<String, Ready>,
    listed: Vec<Listed>,
}

impl Press<'_> {
    fn home(&mut self, today: Date) -> anyhow::Result<()> {
        let (site, content) = (self.site, self.content);
        let article = content.article();
        let head = reading(article.title(), article.description(), routes::HOME);
        let head = head.telling(|head| structured::home(site, head, content, today));
        let reviews = [article.review(), content.red_flags().review(), content.cautions_review()];
        self.add(head, &reviews, |head| HomePage { site, head, content }.render())
    }

    /// The comparison and each technique.
    fn techniques(&mut self) -> anyhow::Result<()> {
        let (site, content) = (self.site, self.content);
        let comparison = content.comparison();
        let above = reading(comparison.title(), comparison.description(), routes::TECHNIQUES);
        let head = above.clone().telling(|head| structured::comparison(site, head, comparison));
        self.add(head, &[comparison.review()], |head| TechniquesPage { site, head, content }.render())?;
        for technique in content.techniques() {
            let path = routes::technique(technique.slug().as_str());
            let head = reading(technique.title(), technique.description(), &path)
                .telling(|head| structured::technique(site, head, &above, content, technique));
            let reviews = [technique.review(), content.cautions_review()];
            self.add(head, &reviews, |head| TechniquePage { site, head, content, technique }.render())?;
        }
        Ok(())
    }

    fn check(&mut self) -> anyhow::Result<()> {
        let (site, content) = (self.site, self.content);
        let review = content.suitability().review();
        let head = suitability::head(content).telling(|head| structured::plain(site, head, review));
        let reviews = [review, content.red_flags().review(), content.cautions_review()];
        self.add(head, &reviews, |head| suitability::questions(site, content, head))
    }

    fn statements(&mut self) -> anyhow::Result<()> {
        let (site, content) = (self.site, self.content);
        for (path, page) in [(routes::PRIVACY, content.privacy()), (routes::ACCESSIBILITY, content.accessibility())] {
            let head = reading(page.title(), page.description(), path)
                .telling(|head| structured::plain(site, head, page.review()));
            self.add(head, &[page.review()], |head| StatementPage { site, head, page }.render())?;
        }
        Ok(())
    }

    /// A page made from files with these reviews.
    fn add(
        &mut self,
        head: Head,
        reviews: &[&Review],
        render: impl FnOnce(Head) -> askama::Result<String>,
    ) -> anyhow::Result<()> {
        let (path, style) = (head.path.clone(), self.site.styles.inside(&head.dress));
        let policy = style.map(headers::policy_with).transpose()?;
        self.listed.push(Listed::of(&path, reviews.iter().copied()));
        self.pages.insert(path, Ready::page(render(head)?, policy)?);
        Ok(())
    }
}

impl Listed {
    /// A page made from files with these reviews: the youngest says since when it stands.
    fn of<'r>(path: &str, reviews: impl IntoIterator<Item = &'r Review>) -> Self {
        let since = reviews.into_iter().map(Review::dated).max().unwrap_or_default();
        Self { path: path.to_owned(), since }
    }
}

/// The head of a page to read.
fn reading(title: &str, description: &str, path: &str) -> Head {
    Head::new(title, description, path).dressed(Dress::Reading)
}

/// What is no page for people: stylesheets, icons, the picture, and words for search engines.
fn add_files(
    pages: &mut HashMap<String, Ready>,
    site: &Site,
    mut listed: Vec<Listed>,
    now: Timestamp,
) -> anyhow::Result<()> {
    listed.sort_by(|one, other| one.path.cmp(&other.path));
    let robots = format!(
        "User-agent: *\nDisallow: /admin\nDisallow: /receipt/\n\nSitemap: {}{}\n",
        site.public_url,
        routes::SITEMAP
    );
    let text = "text/plain; charset=utf-8";
    pages.insert(routes::ROBOTS.to_owned(), Ready::file(text, robots)?);
    let sitemap = Sitemap { site, pages: listed }.render()?;
    pages.insert(routes::SITEMAP.to_owned(), Ready::file("application/xml; charset=utf-8", sitemap)?);
    pages.insert(routes::SECURITY.to_owned(), Ready::file(text, security_text(site, now))?);
    pages.insert("/favicon.svg".to_owned(), Ready::file("image/svg+xml", FAVICON_SVG)?);
    pages.insert("/favicon.ico".to_owned(), Ready::file("image/x-icon", FAVICON_ICO)?);
    pages.insert(site.picture.clone(), Ready::hashed("image/png", picture::PNG)?);
    for sheet in [&site.styles.site, &site.styles.desk] {
        pages.insert(sheet.path().to_owned(), Ready::hashed("text/css; charset=utf-8", sheet.text().to_owned())?);
    }
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
