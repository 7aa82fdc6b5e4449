//! What the content promises: it loads, it carries every fact, and a mistake in it is named with file and line.

use std::fs;

use backwise::content::{Content, Fault, OLDEST_READER, reading_age};

use crate::app::App;
use crate::pages::PUBLIC;

fn faults_with(path: &str, text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    let faults = Content::load(Some(folder.path())).err().unwrap_or_default();
    faults.iter().map(Fault::to_string).collect()
}

fn built_in(path: &str) -> String {
    fs::read_to_string(format!("{}/content/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_built_in_content_loads_and_only_its_missing_reviews_are_remarked() {
    let content = Content::load(None).unwrap();
    let today = jiff::civil::date(2026, 12, 1);
    for warning in content.warnings(today) {
        assert!(warning.what().contains("reviewed"), "{warning}");
    }
    let slugs: Vec<_> = content.techniques().iter().map(|technique| technique.slug().as_str()).collect();
    assert_eq!(slugs, ["deep-tissue", "swedish", "hot-stone"]);
}

/// The text of a page's main part, paragraph by paragraph.
fn paragraphs(page: &str) -> Vec<String> {
    let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    let blocks =
        ["<p", "<li", "<h1", "<h2", "<h3", "<dt", "<dd", "<td", "<th", "<label", "<legend", "<div", "<ul", "<ol"];
    let mut text = main.to_owned();
    blocks.iter().for_each(|block| text = text.replace(block, &format!("\u{1}{block}")));
    text.split('\u{1}').map(crate::http::words).filter(|words| !words.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_of_eleven_can_read_every_page() {
    let app = App::start().await;
    for path in PUBLIC.into_iter().chain(["/contact"]) {
        let texts = paragraphs(&app.get(path).await.text());
        let age = reading_age(texts.iter().map(String::as_str)).unwrap();
        println!("{path}: {age:.1}");
        assert!((5.0..=OLDEST_READER).contains(&age), "{path} asks for a reader of {age:.1}");
    }
    for (file, age) in Content::load(None).unwrap().reading_ages() {
        assert!((5.0..=OLDEST_READER).contains(age), "{file} asks for a reader of {age:.1}");
    }
}

#[test]
fn what_an_editor_should_mend_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = built_in("article.md")
        .replace("next_review = 2027-11-25", "next_review = 2026-11-30")
        .replacen("description = \"", &format!("description = \"{}", "It is long. ".repeat(12)), 1)
        .replacen(" ([from practice](source:usual-practice))", "", 1)
        .replacen(
            "## What to expect {#what-to-expect}\n\n",
            "## What to expect {#what-to-expect}\n\nOne. Two. Three. Four.\n\n",
            1,
        );
    fs::write(folder.path().join("article.md"), &text).unwrap();
    fs::write(
        folder.path().join("cautions.toml"),
        built_in("cautions.toml").replacen("level = \"ask\"", "level = \"avoid\"", 1).replacen(
            "Do not have any",
            "Avoid any",
            1,
        ),
    )
    .unwrap();
    let content = Content::load(Some(folder.path())).unwrap();
    let found: Vec<_> = content.warnings(jiff::civil::date(2026, 12, 1)).iter().map(Fault::to_string).collect();
    let line = |start: &str| text.lines().position(|line| line.starts_with(start)).unwrap() + 1;
    for start in [
        format!("article.md:{}: the review was due on 2026-11-30", line("next_review")),
        format!("article.md:{}: the description has ", line("description")),
        format!("article.md:{}: no clinician has reviewed this page", line("reviewed_by")),
        format!(
            "article.md:{}: this section tells what massage may do and names no source",
            line("## How it may help")
        ),
        format!("article.md:{}: the paragraph “One. Two. Three. Four. …” has 4 sentences", line("One. Two.")),
        "cautions.toml:9: this caution forbids something; say “do not” in it".to_owned(),
    ] {
        assert!(found.iter().any(|fault| fault.starts_with(&start)), "{start} in {found:#?}");
    }
}

#[test]
fn a_claim_is_reviewed_with_its_page_unless_it_names_its_own_review() {
    let folder = tempfile::tempdir().unwrap();
    let reviewed = built_in("article.md")
        .replacen("reviewed_by = \"\"", "reviewed_by = \"Dr R. Ose\"\nreviewed_on = 2026-12-01", 1)
        .replacen("sources = [\"cochrane-2015\"]", "sources = [\"cochrane-2015\"]\nreviewed_by = \"\"", 1)
        .replacen(
            "sources = [\"mak-2024\"]",
            "sources = [\"mak-2024\"]\nreviewed_by = \"Dr T. Ulip\"\nreviewed_on = 2026-12-02",
            1,
        );
    fs::write(folder.path().join("article.md"), &reviewed).unwrap();
    let content = Content::load(Some(folder.path())).unwrap();
    let own: Vec<_> = content.article().claims().iter().filter_map(|claim| claim.own_review()).collect();
    assert_eq!(own[0].words(), "a clinician has not yet reviewed this");
    assert_eq!(own[1].words(), "reviewed by Dr T. Ulip, 2 December 2026");
    assert_eq!(own.len(), 2, "the others stand under the review of their page");
    let warnings = content.warnings(jiff::civil::date(2026, 12, 3));
    let about: Vec<_> = warnings.iter().map(Fault::to_string).filter(|fault| fault.starts_with("article.md")).collect();
    let line = reviewed.lines().position(|line| line == "reviewed_by = \"\"").unwrap() + 1;
    let said = format!("article.md:{line}: no clinician has reviewed this claim");
    assert!(about.len() == 1 && about[0].starts_with(&said), "{about:?}");

    fs::write(folder.path().join("article.md"), reviewed.replace("\nreviewed_on = 2026-12-02", "")).unwrap();
    let faults = Content::load(Some(folder.path())).unwrap_err();
    assert!(faults[0].to_string().contains("a review needs a name and a day"), "{faults:?}");
}

#[test]
fn a_technique_without_a_caution_is_refused_with_file_and_line() {
    let text = built_in("techniques/hot-stone.md");
    let (before, rest) = text.split_once("[[cautions]]").unwrap();
    let claims = rest.find("[[claims]]").unwrap();
    let faults = faults_with("techniques/hot-stone.md", &format!("{before}{}", &rest[claims..]));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with("techniques/hot-stone.md:1: the caution list is empty"), "{faults:?}");
}

#[test]
fn a_claim_without_a_source_is_refused_with_file_and_line() {
    let text = built_in("article.md").replacen("sources = [\"cochrane-2015\"]\n", "", 1);
    let line = text.lines().position(|line| line.contains("25 trials")).unwrap();
    let faults = faults_with("article.md", &text);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("the claim names no source"), "{faults:?}");
    assert!(faults[0].starts_with(&format!("article.md:{line}:")), "{faults:?} at {line}");
}

#[test]
fn a_technique_is_added_by_adding_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("techniques")).unwrap();
    let text = built_in("techniques/swedish.md").replace("Swedish massage", "Thai massage");
    fs::write(folder.path().join("techniques/thai.md"), text).unwrap();
    let content = Content::load(Some(folder.path())).unwrap();
    assert_eq!(content.techniques().len(), 4);
    assert_eq!(content.technique("thai").unwrap().name(), "Thai massage");
}

#[test]
fn every_mistake_of_every_file_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("article.md"), built_in("article.md").replacen("nice-ng59", "nice-ng5", 1)).unwrap();
    fs::write(folder.path().join("privacy.md"), built_in("privacy.md").replacen("version = ", "verzion = ", 1))
        .unwrap();
    fs::write(folder.path().join("aticle.md"), "x").unwrap();
    let faults = Content::load(Some(folder.path())).unwrap_err();
    let texts: Vec<_> = faults.iter().map(Fault::to_string).collect();
    let named = |words: &str| texts.iter().any(|text| text.contains(words));
    assert!(named("did you mean `nice-ng59`?") && named("did you mean `article.md`?") && named("verzion"), "{texts:?}");
}
