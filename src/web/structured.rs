//! What a page tells search engines about itself, as JSON-LD in the words of schema.org; tests/spec/found.rs compares it
//! with the vocabulary. It says nothing that the page does not show, and no page claims to answer frequent questions: ours
//! are read from top to bottom.

use jiff::civil::{Date, Time};
use serde_json::{Map, Value, json};

use super::{Head, Site, routes};
use crate::clock::OpeningHours;
use crate::content::{Caution, Content, Page, Review, Technique};

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The home page, and the clinic whose page it is.
pub(super) fn home(site: &Site, head: &Head, content: &Content, today: Date) -> Value {
    page("MedicalWebPage", site, head, content.article().review()).with("publisher", clinic(site, today)).done()
}

/// The comparison of techniques.
pub(super) fn comparison(site: &Site, head: &Head, page_of: &Page) -> Value {
    page("MedicalWebPage", site, head, page_of.review()).with("breadcrumb", trail(site, &[head])).done()
}

/// One technique, with everything that speaks against having it.
pub(super) fn technique(site: &Site, head: &Head, above: &Head, content: &Content, technique: &Technique) -> Value {
    let cautions = content.cautions_for(Some(technique.slug().as_str()));
    let therapy = json!({
        "@type": "MedicalTherapy",
        "name": technique.name(),
        "description": technique.summary(),
        "contraindication": cautions.into_iter().map(Caution::words).collect::<Vec<_>>(),
    });
    let page = page("MedicalWebPage", site, head, technique.review());
    page.with("mainEntity", therapy).with("breadcrumb", trail(site, &[above, head])).done()
}

/// A page that is not about health: the check, a statement.
pub(super) fn plain(site: &Site, head: &Head, review: &Review) -> Value {
    page("WebPage", site, head, review).with("breadcrumb", trail(site, &[head])).done()
}

/// The form, and the clinic that it reaches.
pub(super) fn contact(site: &Site, head: &Head, content: &Content, today: Date) -> Value {
    let page = page("ContactPage", site, head, content.contact().review());
    page.with("publisher", clinic(site, today)).with("breadcrumb", trail(site, &[head])).done()
}

/// The text of a script element: no sign in it can end the element or begin another.
pub(super) fn script_text(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

/// An object being filled.
struct Object(Map<String, Value>);

impl Object {
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// What every page says: whose it is, and who vouches for it since when.
fn page(kind: &str, site: &Site, head: &Head, review: &Review) -> Object {
    let object = Object(Map::new())
        .with("@context", "https://schema.org")
        .with("@type", kind)
        .with("url", site.address_of(&head.path))
        .with("name", head.title.as_str())
        .with("description", head.description.as_str())
        .with("inLanguage", "en-GB")
        .with("dateModified", review.written_on().to_string())
        .with("publisher", json!({ "@id": clinic_id(site) }));
    match (review.reviewed_by(), review.reviewed_on()) {
        (Some(by), Some(on)) => {
            object.with("reviewedBy", json!({ "@type": "Person", "name": by })).with("lastReviewed", on.to_string())
        }
        _ => object,
    }
}

fn clinic_id(site: &Site) -> String {
    site.address_of("/#clinic")
}

/// A clinic offers massage and no medicine, so it is a business for health and beauty.
fn clinic(site: &Site, today: Date) -> Value {
    let clinic = &site.clinic;
    json!({
        "@type": "HealthAndBeautyBusiness",
        "@id": clinic_id(site),
        "name": clinic.name,
        "url": site.address_of(routes::HOME),
        "image": site.address_of(&site.picture),
        "telephone": clinic.phone,
        "email": clinic.email,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": clinic.street,
            "postalCode": clinic.postcode,
            "addressLocality": clinic.city,
            "addressCountry": clinic.country,
        },
        "openingHoursSpecification": opening(&clinic.opening, today),
    })
}

/// Days that share a span stand together. A closed day that is still to come opens and closes at midnight, which is how
/// search engines want to be told.
fn opening(hours: &OpeningHours, today: Date) -> Vec<Value> {
    let mut spans: Vec<((Time, Time), Vec<&str>)> = Vec::new();
    for (day, week) in DAYS.into_iter().zip(&hours.week) {
        for span in week {
            match spans.iter_mut().find(|(known, _)| known == span) {
                Some((_, days)) => days.push(day),
                None => spans.push((*span, vec![day])),
            }
        }
    }
    let open = spans.into_iter().map(|((from, to), days)| {
        json!({ "@type": "OpeningHoursSpecification", "dayOfWeek": days, "opens": written(from), "closes": written(to) })
    });
    let closed = hours.closed_on.iter().filter(|date| **date >= today).map(|date| {
        let date = date.to_string();
        json!({ "@type": "OpeningHoursSpecification", "validFrom": date, "validThrough": date, "opens": "00:00", "closes": "00:00" })
    });
    open.chain(closed).collect()
}

/// The end of the day is 23:59: 24:00 is no time here.
fn written(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// The way from the home page to the last of these.
fn trail(site: &Site, heads: &[&Head]) -> Value {
    let home = ("Home", routes::HOME);
    let pages = std::iter::once(home).chain(heads.iter().map(|head| (head.title.as_str(), head.path.as_str())));
    let item = |(at, (name, path)): (usize, (&str, &str))| json!({ "@type": "ListItem", "position": at + 1, "name": name, "item": { "@id": site.address_of(path) } });
    json!({ "@type": "BreadcrumbList", "itemListElement": pages.enumerate().map(item).collect::<Vec<_>>() })
}
