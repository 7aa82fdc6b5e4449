//! Codes of an app beside the password: set up, asked for, used once, lost.

use backwise::secret::digest;
use jiff::SignedDuration;

use crate::app::App;
use crate::http::between;
use crate::people::{PASSWORD, Staff};

const ADMIN: &str = "admin@clinic.example";

/// Gives the right password in a browser that was never here.
async fn gives_the_password(app: &App) -> (Staff<'_>, crate::http::Answer) {
    let mut browser = Staff::with_a_new_browser(app);
    let answer =
        browser.does("/admin/login", &[("email", ADMIN), ("password", PASSWORD), ("next", "/admin/mail")]).await;
    (browser, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_count_after_the_first_one_was_right_and_not_before() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    admin.does("/admin/account/second-factor", &[]).await;
    let page = admin.opens("/admin/account/second-factor").await;
    assert!(page.text().contains("<svg class=\"qr\" role=\"img\" aria-label=\"QR code for your app\""));
    let key = between(&page.text(), "<p class=\"key\"><code>", "<").unwrap();
    assert_eq!(key.len(), 39, "32 letters in groups of four: {key}");
    assert!(page.text().contains("autocomplete=\"one-time-code\""));
    let wrong = admin.does("/admin/account/second-factor/confirm", &[("code", "000000")]).await;
    assert_eq!((wrong.status, wrong.title().starts_with("Error:")), (422, true));
    assert!(wrong.text().contains(&key), "the same key, to try again");
    assert_eq!(gives_the_password(&app).await.1.status, 303, "a factor that was not confirmed is asked from nobody");

    let elsewhere = gives_the_password(&app).await.0;
    let (phone, codes) = admin.sets_up_codes().await;
    assert_eq!(codes.len(), 10);
    assert_eq!(admin.opens("/admin/account").await.status, 200, "this browser has a new session");
    assert_eq!(elsewhere.opens("/admin/account").await.status, 303, "the others have none");
    assert!(admin.opens("/admin/account").await.words().contains("10 recovery codes are left"));
    assert_eq!(admin.opens("/admin/account/second-factor").await.status, 303, "the key is not shown again");
    assert_eq!(gives_the_password(&app).await.1.status, 200, "from now on a code is asked for");
    let stored = app.store.second_factor(&app.store.staff().await.unwrap()[0].id).await.unwrap().unwrap();
    assert_eq!(stored.secret, phone.key.replace(' ', ""));
    let files = std::fs::read_dir(app.folder()).unwrap().filter_map(|file| std::fs::read(file.unwrap().path()).ok());
    for bytes in files {
        let has = |words: &str| bytes.windows(words.len()).any(|part| part == words.as_bytes());
        assert!(!has(&stored.secret) && codes.iter().all(|code| !has(code)), "it lies sealed, the codes as digests");
    }
}

/// From the first link, and from an invitation: a password, then codes, then the desk.
#[tokio::test(flavor = "multi_thread")]
async fn v6_3_3_where_codes_are_demanded_everybody_sets_them_up_before_anything_else() {
    let app = App::with(&[("BACKWISE_DESK__REQUIRE_SECOND_FACTOR", "true")]).await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    assert_eq!(admin.opens("/admin/inquiries").await.location(), "/admin/account/second-factor");
    let page = admin.opens("/admin/account/second-factor").await;
    assert!(page.title().starts_with("Set up codes first") && page.text().contains("Sign out"), "{}", page.title());
    let note = admin.posts("/admin/users", &[("email", "x@clinic.example"), ("role", "staff")]).await;
    assert!(note.status == 403 && note.words().contains("was not done"), "{}", note.words());
    let (phone, _) = admin.sets_up_codes().await;
    assert_eq!(admin.opens("/admin/inquiries").await.status, 200);

    let mut sam = admin.invites("sam@clinic.example", "staff").await;
    assert_eq!(sam.opens("/admin/inquiries").await.location(), "/admin/account/second-factor");
    sam.sets_up_codes().await;
    assert_eq!(sam.opens("/admin/inquiries").await.status, 200);

    app.clock.advance(jiff::SignedDuration::from_hours(9));
    let mut again = Staff::with_a_new_browser(&app);
    again.does("/admin/login", &[("email", "admin@clinic.example"), ("password", PASSWORD)]).await;
    assert_eq!(again.opens("/admin/inquiries").await.location(), "/admin/login?next=%2Fadmin%2Finquiries");
    again.does("/admin/login", &[("code", &phone.shows_next())]).await;
    assert_eq!(again.opens("/admin/inquiries").await.status, 200);
    again.does("/admin/account/second-factor/remove", &[("current", PASSWORD)]).await;
    assert_eq!(
        again.opens("/admin/inquiries").await.location(),
        "/admin/account/second-factor",
        "a new phone, not none"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn v6_5_1_no_session_before_the_code_and_no_code_twice() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let (phone, _) = admin.sets_up_codes().await;
    let (mut browser, asked) = gives_the_password(&app).await;
    assert_eq!(asked.status, 200);
    assert!(!browser.cookie.contains("session="), "{}", browser.cookie);
    assert_eq!(browser.opens("/admin/inquiries").await.status, 303, "half a sign-in opens nothing");
    let used = browser.does("/admin/login", &[("code", &phone.shows()), ("next", "/admin/mail")]).await;
    assert_eq!(used.status, 401, "the code that confirmed the factor is spent");
    let next = phone.shows_next();
    let right = browser.does("/admin/login", &[("code", &next), ("next", "/admin/mail")]).await;
    assert_eq!((right.status, right.location()), (303, "/admin/mail"));
    assert_eq!(browser.opens("/admin/inquiries").await.status, 200);
    assert!(!browser.cookie.contains("code="), "{}", browser.cookie);

    let (mut other, _) = gives_the_password(&app).await;
    assert_eq!(other.does("/admin/login", &[("code", &next)]).await.status, 401, "nor in another browser");
    let at_once = [("email", ADMIN), ("password", PASSWORD), ("code", &phone.shows_next())];
    assert_eq!(Staff::with_a_new_browser(&app).does("/admin/login", &at_once).await.status, 303, "or all at once");
    let mut stranger = Staff::with_a_new_browser(&app);
    assert_eq!(stranger.does("/admin/login", &[("code", &phone.shows_next())]).await.status, 401, "a code alone");
    let (mut slow, _) = gives_the_password(&app).await;
    app.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(slow.does("/admin/login", &[("code", &phone.shows_next())]).await.status, 401, "ten minutes later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_half_a_minute_early_and_late() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let (phone, _) = admin.sets_up_codes().await;
    let code = phone.shows_next();
    app.clock.advance(SignedDuration::from_secs(59));
    let (mut late, _) = gives_the_password(&app).await;
    assert_eq!(late.does("/admin/login", &[("code", &code)]).await.status, 303);
    let code = phone.shows_next();
    app.clock.advance(SignedDuration::from_secs(60));
    let (mut too_late, _) = gives_the_password(&app).await;
    assert_eq!(too_late.does("/admin/login", &[("code", &code)]).await.status, 401);
    let ahead = phone.shows_next();
    app.clock.advance(SignedDuration::from_secs(-30));
    let (mut early, _) = gives_the_password(&app).await;
    assert_eq!(early.does("/admin/login", &[("code", &ahead)]).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_takes_the_place_of_the_app_once_and_the_owner_hears_of_it() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let (_, codes) = admin.sets_up_codes().await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    let (mut browser, _) = gives_the_password(&app).await;
    assert_eq!(browser.does("/admin/login", &[("code", &typed)]).await.status, 303);
    assert!(browser.opens("/admin/account").await.words().contains("9 recovery codes are left"));
    let (mut again, _) = gives_the_password(&app).await;
    assert_eq!(again.does("/admin/login", &[("code", &typed)]).await.status, 401);

    let page = browser.does("/admin/account/recovery-codes", &[]).await;
    assert_eq!((page.status, page.text().matches("<li><code>").count()), (200, 10));
    assert!(!page.text().contains(&codes[4]));
    assert_eq!(again.does("/admin/login", &[("code", &codes[4])]).await.status, 401, "the old ones are void");
    app.deliver().await;
    let mails = app.mail_server.arrived_for(ADMIN);
    let subjects: Vec<String> = mails.iter().map(|mail| mail.header("Subject")).collect();
    for subject in [
        "Your account asks for a code from now on",
        "Somebody signed in with a recovery code",
        "Your account has new recovery codes",
        "Somebody signed in with a new browser",
    ] {
        assert!(subjects.iter().any(|told| told == subject), "{subject}: {subjects:?}");
    }
    for mail in &mails {
        assert!(codes.iter().all(|code| !mail.raw.contains(code)), "a mail holds no code");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_slowed_down_and_told_and_do_not_shut_the_owner_out() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let (phone, _) = admin.sets_up_codes().await;
    let (mut thief, _) = gives_the_password(&app).await;
    for _ in 0..5 {
        assert_eq!(thief.does("/admin/login", &[("code", "000000")]).await.status, 401);
    }
    let held = thief.does("/admin/login", &[("code", &phone.shows_next())]).await;
    assert_eq!((held.status, held.header("retry-after").is_some()), (429, true));
    let mut owner = Staff::with_cookies(&app, &admin.cookie);
    let answer = owner.does("/admin/login", &[("email", ADMIN), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(owner.does("/admin/login", &[("code", &phone.shows_next())]).await.status, 303, "in their own browser");
    told(&app, "Somebody knows your password").await;
}

/// What is told behind an answer arrives a moment after it.
async fn told(app: &App, subject: &str) {
    for _ in 0..200 {
        app.deliver().await;
        if app.mail_server.arrived_for(ADMIN).iter().any(|mail| mail.header("Subject") == subject) {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("nobody was told: {subject}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_wrong_passwords_are_told_to_the_owner_once() {
    let app = App::start().await;
    Staff::becomes_the_first_admin(&app).await;
    for _ in 0..5 {
        assert_eq!(Staff::signs_in(&app, ADMIN, "wrong wrong wrong").await.1.status, 401);
    }
    told(&app, "Somebody tried to sign in to your account").await;
    let mail = app.mail_server.arrived_for(ADMIN).pop().unwrap();
    assert!(mail.text().contains("Friday 20 November 2026, 10:00"), "{}", mail.text());
}

/// Whoever sits at an open browser is in already, so these words differ from those about a stranger at the door.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_of_somebody_who_is_signed_in_are_told_to_the_owner() {
    for (path, fields) in [
        ("/admin/account", vec![("current", "wrong"), ("password", "four other words"), ("password_again", "")]),
        ("/admin/account/second-factor/remove", vec![("current", "wrong")]),
        ("/admin/confirm", vec![("next", "/admin"), ("proof_password", "wrong")]),
    ] {
        let app = App::start().await;
        let mut admin = Staff::becomes_the_first_admin(&app).await;
        admin.sets_up_codes().await;
        for _ in 0..4 {
            assert_eq!(admin.does(path, &fields).await.status / 100, 4, "{path}");
        }
        app.deliver().await;
        let heard = app.mail_server.arrived_for(ADMIN).len();
        admin.does(path, &fields).await;
        told(&app, "Somebody in your account does not know its password").await;
        let mails = app.mail_server.arrived_for(ADMIN);
        assert_eq!(mails.len(), heard + 1, "{path}");
        let words = mails.last().unwrap().text();
        assert!(words.contains("was not done") && words.contains("change your password at once"), "{path}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_makes_up_for_three_characters_and_a_short_password_does_not_stand_alone() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let short = "twelve chars";
    let change = [("current", PASSWORD), ("password", short), ("password_again", short)];
    assert_eq!(admin.does("/admin/account", &change).await.status, 422, "15 without a code");
    admin.sets_up_codes().await;
    assert_eq!(admin.does("/admin/account", &change).await.status, 303, "12 with one");
    let refused = admin.does("/admin/account/second-factor/remove", &[("current", short)]).await;
    assert_eq!(refused.status, 409, "{}", refused.words());
    let change = [("current", short), ("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(admin.does("/admin/account", &change).await.status, 303);
    assert_eq!(admin.does("/admin/account/second-factor/remove", &[("current", "wrong")]).await.status, 422);
    assert_eq!(admin.does("/admin/account/second-factor/remove", &[("current", PASSWORD)]).await.status, 303);
    assert_eq!(gives_the_password(&app).await.1.status, 303, "no code is asked for any more");
    app.deliver().await;
    let subjects: Vec<String> = app.mail_server.arrived_for(ADMIN).iter().map(|mail| mail.header("Subject")).collect();
    assert!(subjects.contains(&"Your account asks for no code any more".to_owned()), "{subjects:?}");
    assert!(subjects.contains(&"Your password was changed".to_owned()), "{subjects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn v6_4_3_a_one_time_link_does_not_pass_by_the_code() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let mut staff = admin.invites("staff@clinic.example", "staff").await;
    let (phone, _) = staff.sets_up_codes().await;
    let members = app.store.staff().await.unwrap();
    let id = &members.iter().find(|member| member.email.as_str().starts_with("staff")).unwrap().id;
    let page = admin.posts(&format!("/admin/users/{id}/reset"), &[]).await;
    let link = between(&page.text(), "id=\"link\" readonly autofocus value=\"", "\"").unwrap();
    let mut browser = Staff::with_a_new_browser(&app);
    let fields = [("password", PASSWORD), ("password_again", PASSWORD)];
    let asked = browser.does(link.trim_start_matches(&app.url), &fields).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("name=\"code\""), "{}", asked.words());
    assert_eq!(browser.opens("/admin/inquiries").await.status, 303);
    assert_eq!(browser.does("/admin/login", &[("code", &phone.shows_next())]).await.status, 303);
    assert_eq!(browser.opens("/admin/inquiries").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_between_the_steps_is_ours_and_void_with_another_password() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let (phone, _) = admin.sets_up_codes().await;
    let (browser, _) = gives_the_password(&app).await;
    let word = browser.cookie.split("code=").nth(1).unwrap().to_owned();
    for forged in ["", ".", "..", "a.b.c", &word[..word.len() - 1], &format!("{word}.x"), &word.replacen('.', ".1", 1)]
    {
        let mut stranger = Staff::with_cookies(&app, &format!("code={forged}"));
        assert_eq!(stranger.does("/admin/login", &[("code", &phone.shows_next())]).await.status, 401, "{forged}");
    }
    let new = "quite another set of words";
    admin.does("/admin/account", &[("current", PASSWORD), ("password", new), ("password_again", new)]).await;
    let mut late = Staff::with_cookies(&app, &format!("code={word}"));
    assert_eq!(late.does("/admin/login", &[("code", &phone.shows_next())]).await.status, 401);
    assert!(app.store.session(&digest("")).await.unwrap().is_none());
}
