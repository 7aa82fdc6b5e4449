//! Whatever goes wrong at the desk: whoever is signed in stays at it, and nobody else sees anything of it.

use jiff::SignedDuration;
use sqlx::Connection;

use crate::app::App;
use crate::http::{Answer, send};
use crate::people::{Staff, somebody_asks};

const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");
const SIBLING: (&str, &str) = ("sec-fetch-site", "same-site");

fn is_at_the_desk(answer: &Answer) -> bool {
    let is_there = answer.title().contains("Desk of");
    for words in ["Adele Admin", "Sign out", "Go to the inbox", "/admin/audit"] {
        assert_eq!(answer.text().contains(words), is_there, "{words} in {}", answer.words());
    }
    is_there
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_used_the_wrong_way_says_so_at_the_desk_and_to_strangers_not_at_all() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let action = format!("{path}/status");
    for (method, address, allow) in [
        ("GET", action.as_str(), "POST"),
        ("DELETE", "/admin/inquiries", "GET, HEAD"),
        ("PUT", "/admin/users", "GET, HEAD, POST"),
    ] {
        let answer = send(app.address, method, address, &[HERE, ("cookie", &staff.cookie)], b"").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {address}");
        assert!(is_at_the_desk(&answer), "{}", answer.words());
        let stranger = send(app.address, method, address, &[HERE], b"").await;
        assert!(!is_at_the_desk(&stranger), "{method} {address}");
        assert!(!stranger.words().contains("This address cannot"), "strangers meet the door first");
    }
    let answer = send(app.address, "DELETE", "/admin/login", &[HERE, ("cookie", &staff.cookie)], b"").await;
    assert_eq!((answer.status, is_at_the_desk(&answer)), (405, false), "the door is outside");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_is_refused_at_the_desk_only_to_who_sits_there_and_keeps_no_session_awake() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let stranger = Staff::with_a_new_browser(&app);
    for (person, is_there) in [(&staff, true), (&stranger, false)] {
        let answer = person.posts_with("/admin/users", &[("email", "a@example.org")], &[SIBLING]).await;
        assert_eq!((answer.status, is_at_the_desk(&answer)), (403, is_there), "{}", answer.words());
        assert!(answer.words().contains("came from another site, so nothing was changed"), "{}", answer.words());
    }
    app.clock.advance(SignedDuration::from_mins(29));
    assert_eq!(staff.posts_with("/admin/users", &[("email", "a@example.org")], &[SIBLING]).await.status, 403);
    app.clock.advance(SignedDuration::from_mins(2));
    assert!(staff.opens("/admin/help").await.location().starts_with("/admin/login"), "another site is no use of it");
    let late = staff.posts_with("/admin/users", &[("email", "a@example.org")], &[SIBLING]).await;
    assert_eq!((late.status, is_at_the_desk(&late)), (403, false), "their session is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owes_codes_sees_nothing_of_the_desk_on_these_pages_either() {
    let app = App::with(&[("BACKWISE_DESK__REQUIRE_SECOND_FACTOR", "true")]).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let foreign = staff.posts_with("/admin/users", &[("email", "a@example.org")], &[SIBLING]).await;
    assert_eq!((foreign.status, is_at_the_desk(&foreign)), (403, false));
    let wrong = send(app.address, "GET", "/admin/logout", &[("cookie", &staff.cookie)], b"").await;
    assert_eq!((wrong.status, is_at_the_desk(&wrong)), (405, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_is_told_at_the_desk_and_shows_a_stranger_nothing() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    loses_its_timelines(&app).await;
    for path in [path.as_str(), &format!("{path}/merge?with=BW-2222-2222")] {
        let answer = staff.opens(path).await;
        assert_eq!((answer.status, is_at_the_desk(&answer)), (503, true), "{path}: {}", answer.words());
    }
    let stranger = Staff::with_a_new_browser(&app).opens(&path).await;
    assert!(stranger.location().starts_with("/admin/login"));
    app.store.close().await;
    let answer = staff.opens(&path).await;
    assert_eq!((answer.status, is_at_the_desk(&answer)), (503, false), "nothing can tell who it is");
}

/// Somebody takes a table away while the server runs.
async fn loses_its_timelines(app: &App) {
    let sql = "ALTER TABLE entry RENAME TO gone";
    if let Some((_, url)) = app.environment.iter().find(|(key, _)| key == "BACKWISE_DATABASE__URL") {
        sqlx::raw_sql(sql).execute(&mut sqlx::PgConnection::connect(url).await.unwrap()).await.unwrap();
        return;
    }
    let url = format!("sqlite://{}", app.folder().join("backwise.db").display());
    sqlx::raw_sql(sql).execute(&mut sqlx::SqliteConnection::connect(&url).await.unwrap()).await.unwrap();
}
