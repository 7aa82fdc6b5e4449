//! The check of which massage may suit a person: advice from the content's cautions, and nothing kept.

use std::fs;

use crate::app::App;
use crate::http::{Answer, encode, send};

async fn answered(app: &App, fields: &[(&str, &str)]) -> Answer {
    fields.iter().for_each(|(_, value)| app.has_typed(value));
    let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    send(app.address, "POST", "/suitability", &headers, encode(&fields).as_bytes()).await
}

/// What the page says of a technique, up to the next one.
fn verdict(page: &Answer, technique: &str) -> String {
    let words = page.words();
    let list = words.split("Take this to the form").next().unwrap();
    let from = list.rfind(technique).unwrap_or_else(|| panic!("{technique} in {list}"));
    let rest = &list[from..];
    let end = ["Deep tissue massage", "Swedish massage", "Hot stone massage"]
        .into_iter()
        .filter_map(|other| rest[technique.len()..].find(other))
        .min();
    rest[..end.map_or(rest.len(), |end| end + technique.len())].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_technique_gets_its_advice_and_the_reason() {
    let app = App::start().await;
    let page = answered(&app, &[("urgent", "no"), ("health", "sunburn"), ("health", "blood-thinners")]).await;
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
    assert!(
        verdict(&page, "Hot stone massage").contains("Do not have it now Do not have hot stones on sunburned skin."),
        "{}",
        page.words()
    );
    assert!(
        verdict(&page, "Swedish massage").contains("Ask a doctor first Ask a doctor first if you take blood thinners")
    );
    assert!(page.is_chosen("health", "sunburn") && page.is_chosen("urgent", "no"));
    let clear = answered(&app, &[("urgent", "no")]).await;
    for technique in ["Deep tissue massage", "Swedish massage", "Hot stone massage"] {
        assert!(verdict(&clear, technique).contains("May fit"), "{technique}");
    }
    assert!(!clear.words().contains("Get medical help first"));
}

#[tokio::test(flavor = "multi_thread")]
async fn warning_signs_come_before_any_massage() {
    let app = App::start().await;
    for urgent in ["yes", "unsure"] {
        let page = answered(&app, &[("urgent", urgent)]).await;
        let words = page.words();
        assert!(words.find("Get medical help first").unwrap() < words.find("What your other answers mean").unwrap());
        assert!(page.text().contains("tel:112"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_stored_and_the_answers_go_to_the_form_without_an_address() {
    let app = App::start().await;
    let page =
        answered(&app, &[("urgent", "unsure"), ("health", "ruptured-disc"), ("health", "unknown-canaryslug")]).await;
    assert!(!page.text().contains("unknown-canaryslug") && !page.text().contains("?health"));
    assert!(app.store.audit(9).await.unwrap().is_empty());
    let fields = [("urgent", "unsure"), ("health", "ruptured-disc"), ("urgent_seen", "back")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let form = send(app.address, "POST", "/contact", &headers, encode(&fields).as_bytes()).await;
    assert_eq!(form.status, 200);
    assert!(
        form.is_chosen("health", "ruptured-disc")
            && form.is_chosen("urgent", "unsure")
            && !form.is_chosen("health", "sunburn")
    );
    assert!(!form.title().starts_with("Error"));
    assert_eq!(app.store.counts().await.unwrap(), Default::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_technique_and_a_condition_are_added_by_files_alone() {
    let content = tempfile::tempdir().unwrap();
    for folder in ["techniques", "conditions"] {
        fs::create_dir(content.path().join(folder)).unwrap();
    }
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/content/techniques/swedish.md");
    let thai = fs::read_to_string(built_in).unwrap().replace("Swedish massage", "Thai massage");
    let thai = thai.replacen("[[cautions]]", "[[cautions]]\ncondition = \"knee\"\nlevel = \"avoid\"\nwords = \"Do not have Thai massage with a new knee.\"\nsource = \"usual-practice\"\n\n[[cautions]]", 1);
    fs::write(content.path().join("techniques/thai.md"), thai).unwrap();
    fs::write(
        content.path().join("conditions/knee.toml"),
        "order = 5\nname = \"New knee\"\nlabel = \"I have a new knee\"\n",
    )
    .unwrap();
    let app = App::with(&[("BACKWISE_CONTENT_DIR", content.path().to_str().unwrap())]).await;
    assert!(app.get("/suitability").await.words().contains("I have a new knee"));
    let page = answered(&app, &[("health", "knee")]).await;
    assert!(page.words().contains("Do not have Thai massage with a new knee."));
    assert!(verdict(&page, "Swedish massage").contains("May fit"));
}
