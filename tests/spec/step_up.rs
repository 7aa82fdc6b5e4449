//! The most sensitive actions ask again who it is, and what was begun goes on.

use jiff::SignedDuration;

use crate::app::App;
use crate::people::{PASSWORD, Staff, somebody_asks};

#[tokio::test(flavor = "multi_thread")]
async fn an_export_right_after_signing_in_asks_nothing_and_later_asks_and_goes_on() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let file = "/admin/inquiries.csv?status=new&q=words";
    app.clock.advance(SignedDuration::from_mins(5) - SignedDuration::from_millis(1));
    assert_eq!(admin.opens(file).await.status, 200);
    app.clock.advance(SignedDuration::from_millis(1));
    assert_eq!(admin.opens("/admin/inquiries").await.status, 200, "reading goes on");
    let asked = admin.opens(file).await;
    assert_eq!(asked.status, 303);
    let page = admin.opens(asked.location()).await;
    assert!(page.words().contains("What you want to do: Download inquiries as a file."), "{}", page.words());
    assert!(page.text().contains("autocomplete=\"current-password\" autofocus>"), "one can type at once");
    assert_eq!((page.status, page.value_of("next").as_str()), (200, file));
    let before = admin.cookie.clone();
    let wrong = admin.does("/admin/confirm", &[("next", file), ("proof_password", "wrong wrong wrong")]).await;
    assert_eq!((wrong.status, wrong.title().starts_with("Error:")), (401, true));
    let confirmed = admin.does("/admin/confirm", &[("next", file), ("proof_password", PASSWORD)]).await;
    assert_eq!((confirmed.status, confirmed.location()), (303, file));
    assert_ne!(before, admin.cookie, "a new session secret");
    assert_eq!(admin.opens(file).await.status, 200);
    let old = Staff::with_cookies(&app, &before);
    assert_eq!(old.opens("/admin/inquiries").await.status, 303, "the one before is dead");
    let elsewhere = admin.does("/admin/confirm", &[("next", "//evil.example"), ("proof_password", PASSWORD)]).await;
    assert_eq!(elsewhere.location(), "/admin/inquiries");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_was_interrupted_goes_on_with_every_word() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    app.clock.advance(SignedDuration::from_mins(6));
    let name = "Ümit \"<b>&amp; Söhne";
    let form = [("email", "new@clinic.example"), ("name", name), ("role", "admin"), ("how", "link")];
    let page = admin.does("/admin/users", &form).await;
    assert_eq!(page.status, 401);
    assert_eq!(app.store.staff().await.unwrap().len(), 1, "nothing was done yet");
    let kept: Vec<(&str, String)> = form
        .iter()
        .map(|(field, _)| (*field, page.value_of(field)))
        .chain([("proof_password", "wrong".to_owned())])
        .collect();
    let fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let again = admin.does("/admin/users", &fields).await;
    assert_eq!((again.status, again.value_of("name").as_str()), (401, name), "a wrong password loses nothing");
    let mut fields = fields;
    *fields.last_mut().unwrap() = ("proof_password", PASSWORD);
    let done = admin.does("/admin/users", &fields).await;
    assert_eq!(done.status, 200, "{}", done.words());
    let members = app.store.staff().await.unwrap();
    assert_eq!(members.iter().find(|member| member.email.as_str() == "new@clinic.example").unwrap().name, name);
    assert_eq!(admin.opens("/admin/users").await.status, 200, "with the new session");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_touches_accounts_and_factors_asks_and_a_code_will_do() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let (phone, _) = admin.sets_up_codes().await;
    let id = app.store.staff().await.unwrap()[0].id.clone();
    app.clock.advance(SignedDuration::from_mins(6));
    for path in [
        "/admin/users".to_owned(),
        format!("/admin/users/{id}/reset"),
        format!("/admin/users/{id}/role"),
        format!("/admin/users/{id}/sessions"),
        format!("/admin/users/{id}/disable"),
        format!("/admin/users/{id}/enable"),
        "/admin/account/sessions".to_owned(),
        "/admin/account/second-factor".to_owned(),
        "/admin/account/second-factor/confirm".to_owned(),
        "/admin/account/second-factor/remove".to_owned(),
        "/admin/account/recovery-codes".to_owned(),
    ] {
        let asked = admin.posts(&path, &[("email", "new@clinic.example")]).await;
        assert_eq!((asked.status, asked.title().contains("Confirm that it is you")), (401, true), "{path}");
        let named = asked.words().contains("Add an account for new@clinic.example .");
        assert_eq!(named, path == "/admin/users", "{path}: {}", asked.words());
        assert!(asked.text().contains(&format!("action=\"{path}\"")), "{path}");
    }
    let code = phone.shows_next();
    assert_eq!(admin.does("/admin/account/recovery-codes", &[("proof_code", "000000")]).await.status, 401);
    assert_eq!(admin.does("/admin/account/recovery-codes", &[("proof_code", &code)]).await.status, 200);
    assert_eq!(admin.posts("/admin/account/recovery-codes", &[]).await.status, 200, "not asked again for five minutes");
}
