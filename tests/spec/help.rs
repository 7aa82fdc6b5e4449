//! The page for somebody who sees the desk for the first time, and the access keys that it tells of.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::app::App;
use crate::html::Page;
use crate::http::{between, send};
use crate::people::{Staff, somebody_asks};

/// The access keys in each template of the desk.
fn keys_in_templates() -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/desk");
    let mut found = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let written = text.split("accesskey=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        // Of what is a link on one page and a button on another, the last word says the key.
        let ways = text.split("{% call ").skip(1).map(|rest| rest.split(") %}").next().unwrap());
        let ways = ways.filter_map(|way| way.rsplit(", ").next()?.strip_prefix('"')?.strip_suffix('"'));
        let keys = written.chain(ways.filter(|key| key.len() == 1)).filter(|key| !key.starts_with("{{"));
        found.insert(path.file_name().unwrap().to_string_lossy().into_owned(), keys.map(str::to_owned).collect());
    }
    found
}

#[test]
fn no_page_has_one_access_key_twice() {
    let templates = keys_in_templates();
    let everywhere = &templates["layout.html"];
    assert!(templates.len() > 20 && !everywhere.is_empty(), "the test reads the templates");
    for (name, keys) in templates.iter().filter(|(name, _)| *name != "layout.html") {
        let all: Vec<_> = everywhere.iter().chain(keys).collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(all.len(), distinct.len(), "{name}: {all:?}");
    }
}

/// Fingers remember a letter, not the page it is for.
#[test]
fn a_letter_means_the_same_on_every_page() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, keys) in keys_in_templates() {
        for key in keys {
            places.entry(key).or_default().push(name.clone());
        }
    }
    places.retain(|_, names| names.len() > 1);
    let shared: Vec<_> = places.keys().map(String::as_str).collect();
    assert_eq!(shared, ["d", "s", "u", "x"], "what is begun, searching, undoing, correcting: {places:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_anything_takes_a_call_with_one_key_that_is_there_once() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let one = staff.inbox("").await.remove(0);
    for path in [&one, "/admin/inquiries", "/admin/inquiries/new", "/admin/mail", "/admin/help", "/admin/users"] {
        let page = Page::read(&staff.opens(path).await.text());
        let keyed = page.0.iter().filter(|element| element.attribute("accesskey") == Some("c"));
        let leads: Vec<_> =
            keyed.map(|element| element.attribute("href").or_else(|| element.attribute("value"))).collect();
        assert_eq!(leads, [Some("/admin/inquiries/new")], "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_keys_lead_to_the_list_and_to_the_keys() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let skips = async |path: &str| {
        let page = Page::read(&staff.opens(path).await.text());
        let skips = page.0.iter().filter(|element| element.attribute("class") == Some("skip"));
        skips.map(|skip| skip.attribute("href").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(skips("/admin/inquiries").await, ["#main", "/admin/help#keys"], "there is no list");
    somebody_asks(&app, "words").await;
    app.deliver().await;
    assert_eq!(skips("/admin/inquiries").await, ["#main", "#list", "/admin/help#keys"]);
    let list = staff.opens("/admin/inquiries").await.text();
    assert!(list.contains("id=\"list\" tabindex=\"-1\""), "the next Tab goes on in the list");
    assert_eq!(skips("/admin/inquiries/new").await, ["#main"], "a link would lose the call, and its keys stand there");
}

#[test]
fn no_access_key_lies_inside_what_is_folded_away() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/desk");
    let mut folded = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("<details").skip(1) {
            let inside = part.split("</details>").next().unwrap().split_once("</summary>").unwrap().1;
            assert!(!inside.contains("accesskey"), "{}: {inside}", path.display());
            folded += 1;
        }
    }
    assert!(folded > 3, "the test reads the templates");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_finds_everything_on_one_page_and_every_access_key_in_one_table() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let colleague = admin.invites("berta@clinic.example", "staff").await;
    for path in ["/admin/inquiries", "/admin/mail", "/admin/account"] {
        assert!(colleague.opens(path).await.text().contains("href=\"/admin/help\""), "{path}");
    }
    let help = colleague.opens("/admin/help").await;
    let text = help.text();
    let told: BTreeSet<String> = Page::read(&text).texts("kbd", None).into_iter().map(str::to_owned).collect();
    let used: BTreeSet<String> = keys_in_templates().into_values().flatten().collect();
    assert_eq!(told, used);
    let how = "A reference is found by the first three letters or digits of one of its groups, or more";
    assert!(help.words().contains(how), "{}", help.words());
    let unfound = colleague.opens("/admin/inquiries?q=zebrafish").await.words();
    assert!(
        unfound.contains("Try fewer letters: the first ones of a word are enough, and three of a reference."),
        "{unfound}"
    );
    for status in backwise::inquiry::Status::ALL {
        assert!(help.words().contains(status.label()), "{}", status.label());
    }
    assert!(!text.contains("/admin/users") && admin.opens("/admin/help").await.text().contains("/admin/users"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_top_of_an_inquiry_leads_to_what_happened_and_its_buttons_have_keys() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let page = staff.opens(&staff.inbox("").await.remove(0)).await;
    let jumps = between(&page.text(), "<nav class=\"jumps", "</nav>").unwrap();
    assert!(jumps.contains("href=\"#timeline\" accesskey=\"w\">What happened</a>"), "{jumps}");
    assert!(page.text().contains("id=\"timeline\" tabindex=\"-1\""), "the next Tab goes on from there");
    let keyed = |name: &str, value: &str| {
        let page = Page::read(&page.text());
        let fits = |element: &&crate::html::Element| {
            element.attribute("name") == Some(name) && element.attribute("value").unwrap_or_default() == value
        };
        page.0.iter().find(fits).and_then(|found| found.attribute("accesskey").map(str::to_owned))
    };
    assert_eq!(keyed("then", "mine").as_deref(), Some("k"));
    assert_eq!(keyed("template", "").as_deref(), Some("b"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_a_word_up_while_reading_an_inquiry_is_led_back_to_it() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let backs = async |from: &str| {
        let headers = [("cookie", staff.cookie.as_str()), ("referer", from)];
        let help = send(app.address, "GET", "/admin/help", &headers, b"").await;
        assert_eq!(help.status, 200);
        let back = |place| format!("<a class=\"reach\" href=\"{path}{place}\"><span>Back to <span");
        ["", "#status-title"].into_iter().filter(|place| help.text().contains(&back(*place))).count()
    };
    assert_eq!(
        backs(&format!("{}{path}?back=x", app.url)).await,
        2,
        "at the top, and where the statuses are explained"
    );
    for elsewhere in [format!("{}/admin/inquiries", app.url), format!("https://evil.example{path}")] {
        assert_eq!(backs(&elsewhere).await, 0, "{elsewhere}");
    }
}
