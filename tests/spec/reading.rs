//! What the content promises: it loads, it carries every fact, and a mistake in it is named with file and line.

use std::fs;

use backwise::content::{Content, Fault};

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
