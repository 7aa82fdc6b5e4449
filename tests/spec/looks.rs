//! How the pages look, as far as numbers can say: contrast, weight, and nothing fetched on the side.

use std::collections::HashMap;

use crate::app::App;
use crate::http::{Answer, between, send};
use crate::pages::PUBLIC;

/// What a server may send before the first acknowledgement: ten segments of 1,460 bytes.
const ROUND_TRIP: usize = 14_600;

type Tokens = HashMap<String, String>;

/// The tokens of the light scheme, and those that the dark one puts in their place.
fn tokens() -> (Tokens, Tokens) {
    let css = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/static/tokens.css")).unwrap();
    let (light, rest) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let dark = rest.split("@media").next().unwrap();
    let read = |part: &str| {
        let named = part.split(['{', ';']).filter_map(|entry| entry.trim().split_once(": "));
        named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Tokens>()
    };
    let light = read(light);
    let mut both = light.clone();
    both.extend(read(dark));
    (light, both)
}

/// Relative luminance (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let hex = colour.strip_prefix('#').unwrap_or_else(|| panic!("{colour} is no colour"));
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_text_stands_out_sevenfold_from_its_ground_in_both_schemes() {
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.001);
    assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.01);
    let mut pairs: Vec<(&str, &str)> = vec![
        ("--brand-ink", "--brand"),
        ("--deep-ink", "--deep"),
        ("--bad-ink", "--bad-soft"),
        ("--bad", "--bad-soft"),
        ("--warm-ink", "--warm-soft"),
        ("--warm", "--warm-soft"),
        ("--bad", "--warm-soft"),
        ("--good-ink", "--good-soft"),
        ("--focus-ink", "--focus"),
    ];
    for ground in ["--paper", "--sheet", "--brand-soft"] {
        for text in ["--ink", "--quiet", "--link", "--brand", "--bad", "--warm", "--good"] {
            pairs.push((text, ground));
        }
    }
    let (light, dark) = tokens();
    for (scheme, tokens) in [("light", light), ("dark", dark)] {
        for (text, ground) in &pairs {
            let ratio = contrast(&tokens[*text], &tokens[*ground]);
            assert!(ratio >= 7.0, "{scheme}: {text} on {ground} is {ratio:.2}:1");
        }
        for ground in ["--paper", "--sheet"] {
            let ratio = contrast(&tokens["--edge"], &tokens[ground]);
            assert!(ratio >= 3.0, "{scheme}: the edge of a field on {ground} is {ratio:.2}:1");
        }
    }
}

/// Head and body as they travel.
fn weight(answer: &Answer) -> usize {
    let head: usize = answer.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    "HTTP/1.1 200 OK\r\n\r\n".len() + head + answer.body.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_view_of_every_page_fits_into_one_round_trip() {
    // What a clinic behind https sends weighs the most.
    let app = App::with(&[("BACKWISE_SERVER__PUBLIC_URL", "https://clinic.example")]).await;
    let get = async |path: &str| send(app.address, "GET", path, &[("accept-encoding", "br")], b"").await;
    let icon = weight(&get("/favicon.svg").await);
    for path in PUBLIC.into_iter().chain(["/contact"]) {
        let answer = get(path).await;
        assert_eq!(answer.header("content-encoding"), Some("br"), "{path}");
        let bytes = weight(&answer) + icon;
        println!("{path}: {bytes} bytes with its icon");
        assert!(bytes <= ROUND_TRIP, "{path}: {bytes} bytes are more than ten segments");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_page_fetches_nothing_but_its_icon() {
    let app = App::start().await;
    for path in PUBLIC.into_iter().chain(["/contact"]) {
        let page = app.get(path).await.text();
        for fetched in
            ["src=", "srcset=", "@import", "url(", "rel=\"stylesheet\"", "rel=\"preload\"", "<iframe", "<object"]
        {
            assert!(!page.contains(fetched), "{path} fetches with {fetched}");
        }
        assert_eq!(page.matches("<link rel=\"icon\"").count(), 1, "{path}");
        let scripts = page.matches("<script").count();
        assert_eq!(page.matches("<script type=\"application/ld+json\">").count(), scripts, "{path} has a script");
        assert!(!page.contains(" style=\"") && !page.contains(" onclick"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_made_for_one_person_link_a_style_that_browsers_keep_for_ever() {
    let app = App::start().await;
    for (page, name) in [("/unknown", "site"), ("/admin/login", "desk")] {
        let answer = app.get(page).await;
        let path = between(&answer.text(), "rel=\"stylesheet\" href=\"", "\"").unwrap();
        assert!(path.starts_with(&format!("/static/{name}-")), "{page}: {path}");
        assert!(!answer.text().contains("<style>"), "{page}");
        let sheet = app.get(&path).await;
        assert_eq!(sheet.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert!(sheet.text().contains("--paper"), "{path} knows the tokens");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_style_inside_a_page_is_the_one_that_its_policy_allows() {
    use base64::Engine;
    use sha2::Digest;
    let app = App::start().await;
    for path in PUBLIC.into_iter().chain(["/contact"]) {
        let answer = app.get(path).await;
        let style = between(&answer.text(), "<style>", "</style>").unwrap();
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style.as_bytes()));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains(&format!("style-src 'self' 'sha256-{hash}';")), "{path}: {policy}");
    }
}
