//! Where somebody is signed in: their sessions are told apart by the browser that each began in, of which a short name is kept.

use std::path::Path;

use backwise::contact::EmailAddress;
use backwise::secret::digest;
use backwise::staff::{Browser, Role};
use backwise::store::{Expected, Store};
use jiff::{SignedDuration, Timestamp};
use sqlx::Connection;

use crate::app::{App, FRIDAY_AT_TEN, keys, new_postgres_database, open_sqlite, patience};
use crate::people::{PASSWORD, Staff};

const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0; Stringcanary) Gecko/20100101 Firefox/145.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
     Version/18.6 Mobile/15E148 Safari/604.1";

/// Signs the first admin in with a browser that says this of itself.
async fn signs_in_with<'a>(app: &'a App, said: &str) -> Staff<'a> {
    app.clock.advance(SignedDuration::from_secs(1));
    let mut staff = Staff::with_a_new_browser(app);
    let typed = [("email", "admin@clinic.example"), ("password", PASSWORD), ("next", "")];
    let headers = [("sec-fetch-site", "same-origin"), ("user-agent", said)];
    let answer = staff.posts_with("/admin/login", &typed, &headers).await;
    assert_eq!(answer.status, 303, "{}", answer.words());
    staff.takes_cookies(&answer);
    staff
}

/// The lines about sessions on one's own account, each up to when it began, and whether it is this browser's.
async fn sessions(staff: &Staff<'_>) -> Vec<(String, bool)> {
    let page = staff.opens("/admin/account").await.text();
    let list = page.split("<ul class=\"mails\">").nth(1).unwrap().split("</ul>").next().unwrap();
    let line = |item: &str| {
        let name = item.split("<strong>").nth(1).unwrap().split("</strong>: since ").next().unwrap();
        (name.to_owned(), item.contains(">this browser<"))
    };
    list.split("<li>").skip(1).map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_session_names_its_browser_in_short_and_says_which_is_this() {
    let app = App::start().await;
    Staff::becomes_the_first_admin(&app).await;
    let mut here = signs_in_with(&app, WINDOWS).await;
    signs_in_with(&app, IPHONE).await;
    let expected = [
        ("Firefox on Windows".to_owned(), true),
        ("Safari on iPhone".to_owned(), false),
        ("A browser that does not say its name".to_owned(), false),
    ];
    assert_eq!(sessions(&here).await, expected);
    app.clock.advance(SignedDuration::from_mins(6));
    let proved = here.does("/admin/confirm", &[("proof_password", PASSWORD), ("next", "/admin/account")]).await;
    assert_eq!(proved.status, 303, "{}", proved.words());
    assert_eq!(sessions(&here).await, expected, "the session goes on, under another secret");
    let page = here.opens("/admin/account").await.words();
    assert!(page.contains("Sign out there , Safari on iPhone since"), "{page}");
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} in {page}"));
    let [sessions, password, codes] =
        ["Where you are signed in", "Another password", "Codes for signing in"].map(place);
    assert!(sessions < password && password < codes, "who has lost a phone comes for the first");
    assert!(!page.contains("Stringcanary") && !page.contains("Gecko"), "nothing else of it is shown");
    let id = app.store.staff().await.unwrap()[0].id.clone();
    let kept: Vec<_> = app.store.sessions_of(&id).await.unwrap().into_iter().map(|open| open.browser).collect();
    assert_eq!(kept, ["Safari on iPhone", "Firefox on Windows", ""].map(|name| Some(Browser::kept(name.into()))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_began_before_browsers_were_noted_says_so() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let url = app.environment.iter().find(|(key, _)| key == "BACKWISE_DATABASE__URL").map(|(_, url)| url.as_str());
    does(url, app.folder(), "UPDATE session SET browser = NULL").await;
    assert_eq!(sessions(&staff).await, [("A browser whose name was not noted yet".to_owned(), true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_stays_so_when_browsers_begin_to_be_noted() {
    let folder = tempfile::tempdir().unwrap();
    let url = new_postgres_database().await;
    let store = open(url.as_deref(), folder.path()).await;
    let now: Timestamp = FRIDAY_AT_TEN.parse().unwrap();
    let mut tx = store.begin().await.unwrap();
    let anna = EmailAddress::parse("anna@example.org").unwrap();
    let anna = tx.add_staff(&anna, "Anna", Role::Staff, now).await.unwrap().unwrap();
    tx.add_session(&digest("before"), &anna, &Browser::of(WINDOWS), now).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let older = "ALTER TABLE session DROP COLUMN browser; DELETE FROM _sqlx_migrations WHERE version = 130";
    does(url.as_deref(), folder.path(), older).await;
    let store = open(url.as_deref(), folder.path()).await;
    let open = store.sessions_of(&anna).await.unwrap();
    assert_eq!((open.len(), &open[0].browser, open[0].is_alive(now)), (1, &None, true));
}

async fn open(url: Option<&str>, folder: &Path) -> Store {
    match url {
        Some(url) => Store::open_postgres(&url.to_owned().into(), 5, &keys(folder), patience().database).await.unwrap(),
        None => open_sqlite(&folder.join("backwise.db"), Expected::Anything, folder).await.unwrap(),
    }
}

/// Does something to the database that the program would not.
async fn does(url: Option<&str>, folder: &Path, sql: &'static str) {
    if let Some(url) = url {
        sqlx::raw_sql(sql).execute(&mut sqlx::PgConnection::connect(url).await.unwrap()).await.unwrap();
        return;
    }
    let url = format!("sqlite://{}", folder.join("backwise.db").display());
    sqlx::raw_sql(sql).execute(&mut sqlx::SqliteConnection::connect(&url).await.unwrap()).await.unwrap();
}
