//! Found by search: titles and descriptions for people, one address for each page, a picture for links, a sitemap with
//! dates, and structured data that keeps to the vocabulary of schema.org.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::app::App;
use crate::http::{between, unescape};
use crate::pages::PUBLIC;

const CLINIC: &str = "https://clinic.example";

async fn clinic() -> App {
    App::with(&[
        ("BACKWISE_SERVER__PUBLIC_URL", CLINIC),
        ("BACKWISE_CLINIC__NAME", "Rücken & Co <1>"),
        ("BACKWISE_CLINIC__HOURS", "mon-fri=09:00-12:00,14:00-17:00; sat=10:00-24:00"),
        ("BACKWISE_CLINIC__CLOSED_ON", "2026-11-19,2026-12-25"),
    ])
    .await
}

fn pages() -> impl Iterator<Item = &'static str> {
    PUBLIC.into_iter().chain(["/contact"])
}

fn content_of(page: &str, meta: &str) -> String {
    let found = between(page, &format!("<meta {meta} content=\""), "\">");
    unescape(&found.unwrap_or_else(|| panic!("no {meta}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_and_descriptions_are_of_a_good_length_and_each_its_own() {
    let app = App::start().await;
    let mut known = BTreeSet::new();
    for path in pages() {
        let page = app.get(path).await;
        let (title, description) = (unescape(&page.title()), content_of(&page.text(), "name=\"description\""));
        let (title_length, length) = (title.chars().count(), description.chars().count());
        assert!((25..=70).contains(&title_length), "{path}: {title_length} characters: {title}");
        assert!((70..=160).contains(&length), "{path}: {length} characters: {description}");
        assert!(known.insert(title.clone()) && known.insert(description), "{path}: {title} stands on two pages");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_page_shows_its_words_and_a_picture() {
    let app = clinic().await;
    let mut pictures = BTreeSet::new();
    for path in pages() {
        let page = app.get(path).await.text();
        let address = format!("{CLINIC}{path}");
        assert_eq!(between(&page, "rel=\"canonical\" href=\"", "\""), Some(address.clone()));
        assert_eq!(content_of(&page, "property=\"og:url\""), address);
        assert_eq!(content_of(&page, "property=\"og:description\""), content_of(&page, "name=\"description\""));
        assert_eq!(content_of(&page, "property=\"og:site_name\""), "Rücken & Co <1>");
        pictures.insert(content_of(&page, "property=\"og:image\""));
    }
    assert_eq!(pictures.len(), 1);
    let picture = app.get(pictures.first().unwrap().strip_prefix(CLINIC).unwrap()).await;
    assert_eq!(
        (picture.header("content-type"), picture.header("cache-control")),
        (Some("image/png"), Some("public, max-age=31536000, immutable"))
    );
    let side = |at: usize| u32::from_be_bytes(picture.body[at..at + 4].try_into().unwrap());
    assert_eq!((&picture.body[..8], side(16), side(20)), (&b"\x89PNG\r\n\x1a\n"[..], 1200, 630));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_one_person_is_not_offered_to_search_engines() {
    let app = App::start().await;
    for path in ["/unknown", "/admin/login"] {
        let answer = app.get(path).await;
        let page = answer.text();
        let is_hidden = page.contains("<meta name=\"robots\" content=\"noindex\">");
        assert!(is_hidden || answer.header("x-robots-tag") == Some("noindex, nofollow"), "{path}");
        assert!(!page.contains("ld+json") && !page.contains("og:title") && !page.contains("canonical"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sitemap_lists_every_page_with_the_day_of_its_words() {
    let app = clinic().await;
    let sitemap = app.get("/sitemap.xml").await.text();
    let robots = app.get("/robots.txt").await;
    assert_eq!((robots.status, robots.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert_eq!(
        robots.text(),
        format!("User-agent: *\nDisallow: /admin\nDisallow: /receipt/\n\nSitemap: {CLINIC}/sitemap.xml\n")
    );
    let mut listed: Vec<&str> = Vec::new();
    for entry in sitemap.split("<url>").skip(1) {
        let path = entry.split("<loc>").nth(1).unwrap().split("</loc>").next().unwrap();
        let day = between(entry, "<lastmod>", "</lastmod>").unwrap();
        assert!(day.parse::<jiff::civil::Date>().unwrap() >= jiff::civil::date(2026, 11, 24), "{entry}");
        listed.push(path.strip_prefix(CLINIC).unwrap());
    }
    let mut expected: Vec<_> = pages().collect();
    expected.sort_unstable();
    assert_eq!(listed, expected);
}

fn data_of(page: &str) -> Value {
    let script = between(page, "<script type=\"application/ld+json\">", "</script>").unwrap();
    assert!(!script.contains('<'), "{script}");
    let data: Value = serde_json::from_str(&script).unwrap();
    assert_eq!(data["@context"], "https://schema.org");
    data
}

#[tokio::test(flavor = "multi_thread")]
async fn structured_data_says_what_the_page_shows() {
    let app = clinic().await;
    for path in pages() {
        let page = app.get(path).await;
        let data = data_of(&page.text());
        assert_eq!(data["url"], format!("{CLINIC}{path}"));
        let shown = page.words();
        for name in ["name", "description"] {
            assert!(unescape(&page.text()).contains(data[name].as_str().unwrap()), "{path}: {name}");
        }
        let kind = data["@type"].as_str().unwrap();
        let about_health = path == "/" || path.starts_with("/techniques");
        assert_eq!(kind == "MedicalWebPage", about_health, "{path} is a {kind}");
        assert!(data["reviewedBy"].is_null() && data["lastReviewed"].is_null(), "nobody has reviewed {path}");
        assert_eq!(data["breadcrumb"]["@type"] == "BreadcrumbList", path != "/", "{path}");
        let last = data["breadcrumb"]["itemListElement"].as_array().and_then(|items| items.last());
        assert!(last.is_none_or(|last| last["item"]["@id"] == data["url"]), "{path}");
        if path.starts_with("/techniques/") {
            let therapy = &data["mainEntity"];
            assert_eq!(therapy["@type"], "MedicalTherapy");
            let against = therapy["contraindication"].as_array().unwrap();
            assert!(against.len() > 10, "{path}");
            for words in against {
                assert!(shown.contains(words.as_str().unwrap()), "{path} does not show {words}");
            }
        }
        let has_clinic = data["publisher"]["@type"] == "HealthAndBeautyBusiness";
        assert_eq!(has_clinic, ["/", "/contact"].contains(&path), "{path}");
        assert_eq!(data["publisher"]["@id"], format!("{CLINIC}/#clinic"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clinic_is_told_with_its_hours_and_the_closed_days_to_come() {
    let app = clinic().await;
    let data = data_of(&app.get("/contact").await.text());
    let clinic = &data["publisher"];
    assert_eq!(clinic["name"], "Rücken & Co <1>");
    assert_eq!(clinic["address"]["postalCode"], "EX1 2MP");
    let hours = clinic["openingHoursSpecification"].as_array().unwrap();
    let told: Vec<String> = hours
        .iter()
        .map(|span| {
            let days = span["dayOfWeek"].as_array().map_or(0, Vec::len);
            let from = span["validFrom"].as_str().unwrap_or_default();
            format!("{days} {from} {} {}", span["opens"].as_str().unwrap(), span["closes"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told, ["5  09:00 12:00", "5  14:00 17:00", "1  10:00 23:59", "0 2026-12-25 00:00 00:00"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_is_told_once_there_is_one() {
    let content = tempfile::tempdir().unwrap();
    let article = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/content/article.md")).unwrap();
    let reviewed = article.replace("reviewed_by = \"\"", "reviewed_by = \"Dr R. Ose\"\nreviewed_on = 2026-12-03");
    std::fs::write(content.path().join("article.md"), reviewed).unwrap();
    let app = App::with(&[("BACKWISE_CONTENT_DIR", content.path().to_str().unwrap())]).await;
    let data = data_of(&app.get("/").await.text());
    assert_eq!((&data["reviewedBy"]["name"], &data["lastReviewed"]), (&"Dr R. Ose".into(), &"2026-12-03".into()));
    let sitemap = app.get("/sitemap.xml").await.text();
    assert!(sitemap.contains("/</loc><lastmod>2026-12-03</lastmod>"), "{sitemap}");
}

/// The types of the vocabulary, each with those above it and its own properties.
struct Vocabulary(BTreeMap<&'static str, (Words, BTreeMap<&'static str, Words>)>);

type Words = Vec<&'static str>;

impl Vocabulary {
    fn read() -> Self {
        let mut types: BTreeMap<_, (Vec<_>, BTreeMap<_, _>)> = BTreeMap::new();
        let mut current = "";
        let lines = include_str!("schema_org.txt").lines();
        for line in lines.filter(|line| !line.starts_with('#')) {
            match line.strip_prefix("  ").and_then(|property| property.split_once(" = ")) {
                Some((name, holds)) => {
                    types.get_mut(current).unwrap().1.insert(name, holds.split(' ').collect());
                }
                None => {
                    let (name, above) = line.split_once(" < ").unwrap_or((line, ""));
                    current = name;
                    types.insert(name, (above.split_whitespace().collect(), BTreeMap::new()));
                }
            }
        }
        Self(types)
    }

    /// The type itself and everything above it.
    fn lineage(&self, kind: &str) -> Vec<&str> {
        let (name, (above, _)) =
            self.0.get_key_value(kind).unwrap_or_else(|| panic!("{kind} is no type of the vocabulary"));
        std::iter::once(*name).chain(above.iter().flat_map(|above| self.lineage(above))).collect()
    }

    /// What a property of this type may hold.
    fn holds(&self, kind: &str, property: &str) -> Option<&[&str]> {
        self.lineage(kind).into_iter().find_map(|kind| self.0[kind].1.get(property)).map(Vec::as_slice)
    }

    /// Every fault of an object, with the way to it.
    fn faults(&self, object: &Value, at: &str) -> Vec<String> {
        let kind = object["@type"].as_str().unwrap_or_else(|| panic!("{at} has no type"));
        let properties = object.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with('@'));
        let mut faults = Vec::new();
        for (name, value) in properties {
            let at = format!("{at}.{name}");
            let Some(holds) = self.holds(kind, name) else {
                faults.push(format!("{at} is no property of {kind}"));
                continue;
            };
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            values.iter().for_each(|value| faults.extend(self.value_faults(value, holds, &at)));
        }
        faults
    }

    fn value_faults(&self, value: &Value, holds: &[&str], at: &str) -> Vec<String> {
        let fits = match value {
            // A reference to what another page tells.
            Value::Object(object) if object.keys().eq(["@id"]) => true,
            Value::Object(object) => {
                let lineage = self.lineage(object["@type"].as_str().unwrap());
                holds.iter().any(|kind| lineage.contains(kind))
            }
            Value::String(text) => holds.iter().any(|kind| text_fits(text, kind)),
            Value::Number(_) => holds.iter().any(|kind| ["Integer", "Number", "Float"].contains(kind)),
            _ => false,
        };
        let mut faults: Vec<String> = Vec::new();
        if !fits {
            faults.push(format!("{at} may not hold {value}, only {holds:?}"));
        } else if value.is_object() && value["@type"].is_string() {
            faults.extend(self.faults(value, at));
        }
        faults
    }
}

fn text_fits(text: &str, kind: &str) -> bool {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    match kind {
        "Text" => !text.is_empty(),
        "URL" => url::Url::parse(text).is_ok(),
        "Date" => text.parse::<jiff::civil::Date>().is_ok(),
        "Time" => text.parse::<jiff::civil::Time>().is_ok(),
        "DayOfWeek" => DAYS.contains(&text),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn structured_data_keeps_to_the_vocabulary() {
    let vocabulary = Vocabulary::read();
    let wrong = serde_json::json!({ "@type": "MedicalTherapy", "name": 7, "opens": "09:00", "contraindication": "x" });
    assert_eq!(vocabulary.faults(&wrong, "it").len(), 2, "the check finds faults");
    let app = clinic().await;
    for path in pages() {
        let faults = vocabulary.faults(&data_of(&app.get(path).await.text()), path);
        assert!(faults.is_empty(), "{faults:#?}");
    }
}
