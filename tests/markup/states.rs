//! Every page of the site and the desk, in every state that a person can bring it into.

use std::collections::BTreeMap;
use std::fs;

use crate::app::App;
use crate::checker::{findings, tools};
use crate::crawl::{crawl, is_page};
use crate::http::{Answer, between, send};
use crate::people::{Patient, Staff, somebody_asks};

/// The pages by what they show.
type Pages = BTreeMap<String, Answer>;

#[tokio::test(flavor = "multi_thread")]
async fn the_nu_checker_finds_nothing_in_any_page_or_stylesheet() {
    let folder = tools().join("markup");
    let _new = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut pages = public_pages().await;
    pages.extend(answers_that_are_no_receipt().await);
    pages.extend(desk_pages().await);
    pages.extend(pages_before_codes().await);
    assert!(pages.len() > 40, "{:?}", pages.keys());
    let mut sheets = BTreeMap::new();
    for (name, answer) in &pages {
        let html = answer.text();
        fs::write(folder.join(format!("{}.html", file_name(name))), &html).unwrap();
        if let Some(style) = between(&html, "<style>", "</style>") {
            sheets.insert(file_name(name), style);
        }
    }
    sheets.extend(linked_sheets().await);
    for (name, css) in sheets {
        fs::write(folder.join(format!("{name}.css")), css).unwrap();
    }
    let found = findings(&folder);
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

/// The checker must be able to find something, or its silence says nothing.
#[test]
fn the_checker_sees_a_wrong_page_and_a_wrong_stylesheet() {
    let folder = tempfile::tempdir().unwrap();
    let page = "<!doctype html><html lang=en><head><title>A</title></head><body><p><div id=a id=b></p></body></html>";
    fs::write(folder.path().join("wrong.html"), page).unwrap();
    fs::write(folder.path().join("wrong.css"), "p { colour: red; width: 3 }").unwrap();
    let found = findings(folder.path());
    for file in ["wrong.html:", "wrong.css:"] {
        assert!(found.iter().any(|line| line.starts_with(file)), "{file} {found:?}");
    }
}

fn file_name(page: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = page.chars().map(plain).take(60).collect();
    if name.trim_matches('-').is_empty() { "home".to_owned() } else { name.trim_matches('-').to_owned() }
}

async fn linked_sheets() -> BTreeMap<String, String> {
    let app = App::start().await;
    let mut sheets = BTreeMap::new();
    for (name, page) in [("site", "/unknown"), ("desk", "/admin/login")] {
        let path = between(&app.get(page).await.text(), "rel=\"stylesheet\" href=\"", "\"").unwrap();
        sheets.insert(name.to_owned(), app.get(&path).await.text());
    }
    sheets
}

async fn public_pages() -> Pages {
    let app = App::start().await;
    let mut pages = crawl(&app, "/", "").await;
    pages.retain(|_, answer| is_page(answer));
    let patient = Patient::opens_the_form(&app).await;
    let mut keep = async |name: &str, status: u16, answer: Answer| {
        assert_eq!(answer.status, status, "{name}");
        pages.insert(name.to_owned(), answer);
    };
    keep("unknown", 404, app.get("/unknown").await).await;
    keep("wrong method", 405, send(app.address, "POST", "/techniques", &[], b"").await).await;
    keep("nothing filled in", 422, patient_with_nothing(&app).await).await;
    keep("interrupted", 200, patient.clone().answers("urgent", "yes").sends().await).await;
    keep("interrupted and not sure", 200, patient.clone().answers("urgent", "unsure").sends().await).await;
    keep("an old page", 422, patient.clone().answers("token", "old").sends().await).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for (name, body) in [
        ("advice", "urgent=no&health=sunburn&health=blood-thinners"),
        ("advice with a warning sign", "urgent=yes&health=pregnancy"),
    ] {
        keep(name, 200, send(app.address, "POST", "/suitability", &form, body.as_bytes()).await).await;
    }
    keep("too long", 413, send(app.address, "POST", "/contact", &form, &vec![b'a'; 70_000]).await).await;
    keep("no form", 415, send(app.address, "POST", "/contact", &[("content-type", "text/plain")], b"x").await).await;
    let receipt = patient.gets_a_receipt().await;
    app.deliver().await;
    keep("receipt", 200, app.get(&receipt).await).await;
    let post = async |action: &str, body: &[u8]| {
        send(app.address, "POST", &format!("{receipt}/{action}"), &[form[0], ("sec-fetch-site", "same-origin")], body)
            .await
    };
    keep("receipt with a wrong number", 422, post("phone", b"phone=1").await).await;
    let withdrawn = post("withdraw", b"").await;
    keep("withdrawn", 200, withdrawn).await;
    keep("receipt of nobody", 404, app.get("/receipt/nobody").await).await;
    pages
}

async fn patient_with_nothing(app: &App) -> Answer {
    let mut patient = Patient::opens_the_form(app).await;
    patient.fields.retain(|(name, _)| name == "token");
    patient.sends().await
}

/// What a person gets who cannot be thanked.
async fn answers_that_are_no_receipt() -> Pages {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "1")]).await;
    let patient = Patient::opens_the_form(&app).await;
    somebody_asks(&app, "one").await;
    app.deliver().await;
    let many = patient.clone().answers("message", "two").sends().await;
    let other = App::start().await;
    let patient = Patient::opens_the_form(&other).await;
    other.store.close().await;
    let lost = patient.sends().await;
    assert_eq!((many.status, lost.status), (429, 503));
    Pages::from([("too many".to_owned(), many), ("not stored".to_owned(), lost)])
}

/// Where everybody must have codes, before they have.
async fn pages_before_codes() -> Pages {
    let app = App::with(&[("BACKWISE_DESK__REQUIRE_SECOND_FACTOR", "true")]).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let first = staff.opens("/admin/account/second-factor").await;
    let refused = staff.posts("/admin/inquiries/new", &[]).await;
    staff.posts("/admin/account/second-factor", &[]).await;
    let begun = staff.opens("/admin/account/second-factor").await;
    assert_eq!((first.status, refused.status, begun.status), (200, 403, 200));
    [("codes first", first), ("codes first refused", refused), ("codes begun", begun)]
        .map(|(name, page)| (name.to_owned(), page))
        .into()
}

async fn desk_pages() -> Pages {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "My back hurts.\n\nSince Monday.").await;
    Patient::opens_the_form(&app)
        .await
        .answers("urgent", "yes")
        .answers("urgent_seen", "yes")
        .answers("health", "sunburn")
        .answers("technique", "hot-stone")
        .gets_a_receipt()
        .await;
    app.deliver().await;
    let welcome = app.get(&format!("/admin/welcome/{}", app.key.first_admin_secret())).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    staff.posts(&format!("{inquiry}/reply"), &[("message", "Please call us.")]).await;
    staff.posts(&format!("{inquiry}/notes"), &[("note", "Called back.")]).await;
    app.deliver().await;
    let mut pages = crawl(&app, "/admin", &staff.cookie).await;
    pages.retain(|path, answer| is_page(answer) && path.starts_with("/admin"));
    pages.insert("first admin".to_owned(), welcome);
    pages.insert("sign in".to_owned(), app.get("/admin/login").await);
    let wrong = staff.posts("/admin/login", &[("email", "a@b.example"), ("password", "x"), ("next", "")]).await;
    pages.insert("sign in refused".to_owned(), wrong);
    pages.insert("sign in empty".to_owned(), staff.posts("/admin/login", &[("email", ""), ("next", "")]).await);
    pages.insert("desk unknown".to_owned(), staff.opens("/admin/unknown").await);
    pages.insert("used link".to_owned(), app.get("/admin/welcome/used").await);
    pages.insert("note without words".to_owned(), staff.posts(&format!("{inquiry}/notes"), &[("note", "")]).await);
    pages.insert("answered receipt".to_owned(), app.get(&receipt).await);
    pages.retain(|_, answer| is_page(answer));
    pages
}
