//! Signing in: who gets in, for how long, and what strangers learn (nothing).

use jiff::SignedDuration;

use crate::app::App;
use crate::http::send;
use crate::people::{PASSWORD, Staff, somebody_asks};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_link_makes_one_admin_and_then_no_more() {
    let app = App::start().await;
    let path = format!("/admin/welcome/{}", app.key.first_admin_secret());
    for _ in 0..2 {
        assert_eq!(app.get(&path).await.status, 200, "opening the link uses nothing up");
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert_eq!(staff.opens("/admin/inquiries").await.status, 200);
    assert_eq!(app.get(&path).await.status, 410);
    let (_, again) = Staff::uses_link(&app, &path).await;
    assert_eq!(again.status, 410);
    assert_eq!(app.store.staff().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_desk_is_shut_to_strangers() {
    let app = App::start().await;
    somebody_asks(&app, "secret words").await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let inquiry = admin.inbox("").await.remove(0);
    let pages = [
        "/admin",
        "/admin/inquiries",
        "/admin/inquiries.csv",
        &inquiry,
        "/admin/mail",
        "/admin/users",
        "/admin/audit",
        "/admin/account",
    ];
    for path in pages {
        assert!([200, 303].contains(&admin.opens(path).await.status), "{path} exists for an insider");
        for cookie in ["", "session=", "session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let answer = send(app.address, "GET", path, &[("cookie", cookie)], b"").await;
            assert_eq!(answer.status, 303, "{path}");
            assert!(answer.location().starts_with("/admin/login?next=%2Fadmin"), "{}", answer.location());
        }
    }
    let (stranger, _) = Staff::signs_in(&app, "nobody@example.org", "x").await;
    for (path, fields) in
        [("/status", [("status", "closed")]), ("/notes", [("note", "x")]), ("/reply", [("message", "x")])]
    {
        let answer = stranger.posts(&format!("{inquiry}{path}"), &fields).await;
        assert!([303, 401].contains(&answer.status), "{path} {}", answer.status);
    }
    stranger.posts("/admin/users", &[("email", "evil@example.org"), ("role", "admin")]).await;
    assert_eq!(app.store.staff().await.unwrap().len(), 1);
    assert_eq!(app.store.counts().await.unwrap().new, 1);
    let actions: Vec<_> = app.store.audit(99).await.unwrap().into_iter().map(|entry| entry.action).collect();
    assert!(
        !actions.iter().any(|action| ["inquiry.note", "inquiry.reply", "inquiry.status"].contains(&action.as_str())),
        "{actions:?}"
    );
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_left_empty_is_named_and_no_password_is_tried() {
    let app = App::start().await;
    Staff::becomes_the_first_admin(&app).await;
    let (_, nothing) = Staff::signs_in(&app, " ", "").await;
    let named = "There is a problem Enter your email address Enter your password";
    assert!(nothing.status == 422 && nothing.words().contains(named), "{}", nothing.words());
    assert!(nothing.title().starts_with("Error:"), "{}", nothing.title());
    let form = [("email", "admin@clinic.example"), ("password", ""), ("next", "/admin/mail")];
    let stranger = Staff::with_a_new_browser(&app);
    // More often than passwords may be tried.
    for _ in 0..30 {
        let again = stranger.posts("/admin/login", &form).await;
        assert!(again.status == 422 && !again.words().contains("Enter your email address"), "{}", again.words());
        assert_eq!((again.value_of("email").as_str(), again.value_of("next").as_str()), (form[0].1, form[2].1));
    }
    let (_, right) = Staff::signs_in(&app, form[0].1, PASSWORD).await;
    assert_eq!(right.status, 303, "{}", right.words());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_new_at_every_sign_in_and_ends_by_idleness_age_and_sign_out() {
    let app = App::start().await;
    let first = Staff::becomes_the_first_admin(&app).await;
    let (second, answer) = Staff::signs_in(&app, "Admin@Clinic.Example", PASSWORD).await;
    let cookie = answer.header("set-cookie").unwrap();
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(value.trim_start_matches("session=").len(), 43, "{value}");
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax"]);
    assert_ne!(first.cookie, second.cookie);

    app.clock.advance(SignedDuration::from_mins(29));
    assert_eq!(second.opens("/admin/inquiries").await.status, 200);
    app.clock.advance(SignedDuration::from_mins(29));
    assert_eq!(second.opens("/admin/inquiries").await.status, 200, "use keeps it alive");
    assert_eq!(first.opens("/admin/inquiries").await.status, 303, "58 minutes idle");
    for _ in 0..14 {
        app.clock.advance(SignedDuration::from_mins(29));
        second.opens("/admin/inquiries").await;
    }
    app.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(second.opens("/admin/inquiries").await.status, 303, "eight hours are the most");

    let (third, _) = Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
    let out = third.posts("/admin/logout", &[]).await;
    assert_eq!((out.status, out.header("clear-site-data")), (303, Some("\"cache\", \"cookies\", \"storage\"")));
    assert_eq!(third.opens("/admin/inquiries").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_six_sessions_the_oldest_ends() {
    let app = App::start().await;
    let first = Staff::becomes_the_first_admin(&app).await;
    let mut others = Vec::new();
    for _ in 0..5 {
        app.clock.advance(SignedDuration::from_secs(1));
        others.push(Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await.0);
    }
    assert_eq!(first.opens("/admin/inquiries").await.status, 303);
    for other in &others {
        assert_eq!(other.opens("/admin/inquiries").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_every_session_but_this_browsers() {
    let app = App::start().await;
    let here = Staff::becomes_the_first_admin(&app).await;
    let (elsewhere, _) = Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
    let page = here.opens("/admin/account").await.words();
    assert_eq!((page.matches("last used").count(), page.matches("this browser").count()), (2, 2), "{page}");
    let new = "quite another set of words";
    for (current, again, why) in
        [("wrong wrong wrong", new, "present password"), (PASSWORD, "something else here", "differ")]
    {
        let refused =
            here.posts("/admin/account", &[("current", current), ("password", new), ("password_again", again)]).await;
        assert!(refused.status == 422 && refused.words().contains(why), "{}", refused.words());
    }
    let short = here
        .posts("/admin/account", &[("current", PASSWORD), ("password", "short"), ("password_again", "short")])
        .await;
    assert_eq!(short.status, 422);
    assert_eq!(elsewhere.opens("/admin/account").await.status, 200);
    let changed =
        here.posts("/admin/account", &[("current", PASSWORD), ("password", new), ("password_again", new)]).await;
    assert_eq!(changed.status, 303);
    assert!(changed.header("set-cookie").unwrap().starts_with("session="), "a new session at a change of password");
    assert_eq!((here.opens("/admin/account").await.status, elsewhere.opens("/admin/account").await.status), (303, 303));
    assert_eq!(Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await.1.status, 401);
    let (now, _) = Staff::signs_in(&app, "admin@clinic.example", new).await;
    let (other, _) = Staff::signs_in(&app, "admin@clinic.example", new).await;
    assert_eq!(now.posts("/admin/account/sessions", &[]).await.status, 303);
    assert_eq!((now.opens("/admin/account").await.status, other.opens("/admin/account").await.status), (200, 303));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_and_wrong_passwords_are_answered_alike() {
    let app = App::start().await;
    Staff::becomes_the_first_admin(&app).await;
    let (_, wrong) = Staff::signs_in(&app, "admin@clinic.example", "four words that differ?").await;
    let (_, unknown) = Staff::signs_in(&app, "other@clinic.example", PASSWORD).await;
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.text().replace("admin@", "other@"), unknown.text());
    assert!(wrong.header("set-cookie").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down() {
    let app = App::start().await;
    Staff::becomes_the_first_admin(&app).await;
    let (first, _) = Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
    for _ in 0..5 {
        assert_eq!(Staff::signs_in(&app, "admin@clinic.example", "wrong wrong wrong").await.1.status, 401);
    }
    // A browser that signed in before is not held up by strangers, even behind one address.
    let (_, known) = first.signs_in_again("admin@clinic.example", PASSWORD).await;
    assert_eq!(known.status, 303);
    let (_, held) = Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
    assert_eq!(held.status, 429);
    assert!(held.header("retry-after").is_some());
    app.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await.1.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_change_of_the_desk_comes_from_this_site() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inquiry = staff.inbox("").await.remove(0);
    let url = app.url.clone();
    let foreign: [&[(&str, &str)]; 7] = [
        &[("sec-fetch-site", "cross-site"), ("origin", &url)],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "x")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", &url), ("origin", &url)],
        &[],
    ];
    let notes = format!("{inquiry}/notes");
    for headers in foreign {
        for (path, fields) in [
            (notes.as_str(), [("note", "x")]),
            ("/admin/users", [("email", "a@example.org")]),
            ("/admin/logout", [("x", "y")]),
            ("/admin/login", [("email", "a@example.org")]),
            ("/admin/welcome/x", [("password", "x")]),
        ] {
            assert_eq!(staff.posts_with(path, &fields, headers).await.status, 403, "{path} {headers:?}");
        }
    }
    let ours: [&[(&str, &str)]; 3] =
        [&[("sec-fetch-site", "same-origin")], &[("sec-fetch-site", "none")], &[("origin", &url)]];
    for headers in ours {
        assert_eq!(staff.posts_with(&notes, &[("note", "x")], headers).await.status, 303, "{headers:?}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_for_admins_and_a_disabled_one_loses_its_sessions_at_once() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let page = admin
        .posts("/admin/users", &[("email", "staff@clinic.example"), ("name", "Stefan Staff"), ("role", "staff")])
        .await;
    let link = crate::http::between(&page.text(), "id=\"link\" readonly autofocus value=\"", "\"").unwrap();
    let path = link.trim_start_matches(&app.url).to_owned();
    let (staff, answer) = Staff::uses_link(&app, &path).await;
    assert_eq!(answer.status, 303, "{}", answer.words());
    assert_eq!(staff.opens("/admin/inquiries").await.status, 200);
    assert_eq!(Staff::uses_link(&app, &path).await.1.status, 410, "it works once");
    assert_eq!((staff.opens("/admin/users").await.status, staff.opens("/admin/audit").await.status), (403, 403));
    assert_eq!(staff.posts("/admin/users", &[("email", "x@example.org"), ("role", "admin")]).await.status, 403);

    let members = app.store.staff().await.unwrap();
    let id = |email: &str| members.iter().find(|member| member.email.as_str() == email).unwrap().id.clone();
    assert_eq!(admin.posts(&format!("/admin/users/{}/disable", id("staff@clinic.example")), &[]).await.status, 303);
    assert_eq!(staff.opens("/admin/inquiries").await.status, 303);
    assert_eq!(Staff::signs_in(&app, "staff@clinic.example", PASSWORD).await.1.status, 401);
    assert_eq!(
        admin.posts(&format!("/admin/users/{}/disable", id("admin@clinic.example")), &[]).await.status,
        409,
        "the last admin stays"
    );
    assert_eq!(admin.opens("/admin/inquiries").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_admins_who_disable_each_other_one_stays() {
    let app = App::start().await;
    let first = Staff::becomes_the_first_admin(&app).await;
    for round in 0..5 {
        let email = format!("other{round}@clinic.example");
        let page = first.posts("/admin/users", &[("email", &email), ("role", "admin")]).await;
        let link = crate::http::between(&page.text(), "id=\"link\" readonly autofocus value=\"", "\"").unwrap();
        let (other, _) = Staff::uses_link(&app, link.trim_start_matches(&app.url)).await;
        let members = app.store.staff().await.unwrap();
        let id = |email: &str| members.iter().find(|member| member.email.as_str() == email).unwrap().id.clone();
        let (theirs, mine) = (
            format!("/admin/users/{}/disable", id(&email)),
            format!("/admin/users/{}/disable", id("admin@clinic.example")),
        );
        let (one, two) = tokio::join!(first.posts(&theirs, &[]), other.posts(&mine, &[]));
        let members = app.store.staff().await.unwrap();
        let left = members.iter().filter(|member| member.disabled_at.is_none()).count();
        assert_eq!(left, 1, "round {round}: {} {}", one.status, two.status);
        if members.iter().any(|member| member.email.as_str() == "admin@clinic.example" && member.disabled_at.is_some())
        {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_welcome_link_lasts_an_hour() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let page = admin.posts("/admin/users", &[("email", "staff@clinic.example"), ("role", "staff")]).await;
    let link = crate::http::between(&page.text(), "id=\"link\" readonly autofocus value=\"", "\"").unwrap();
    let path = link.trim_start_matches(&app.url).to_owned();
    app.clock.advance(SignedDuration::from_mins(60) - SignedDuration::from_millis(1));
    assert_eq!(app.get(&path).await.status, 200);
    app.clock.advance(SignedDuration::from_millis(1));
    assert_eq!(app.get(&path).await.status, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_the_cookie_has_its_prefix_and_over_plain_http_nobody_signs_in_from_afar() {
    let secure = App::with(&[("BACKWISE_SERVER__PUBLIC_URL", "https://clinic.example")]).await;
    let path = format!("/admin/welcome/{}", secure.key.first_admin_secret());
    let body = format!("email=a%40clinic.example&password={0}&password_again={0}", PASSWORD.replace(' ', "+"));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://clinic.example")];
    let answer = send(secure.address, "POST", &path, &headers, body.as_bytes()).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-session=") && cookie.contains("; Secure") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=63072000; includeSubDomains"));

    let plain = App::with(&[("BACKWISE_SERVER__PUBLIC_URL", "http://clinic.example")]).await;
    let answer = plain.get("/admin/login").await;
    assert_eq!(answer.status, 403);
    assert!(answer.words().contains("Signing in needs HTTPS"));
    let path = format!("/admin/welcome/{}", plain.key.first_admin_secret());
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://clinic.example")];
    assert_eq!(
        send(plain.address, "POST", &path, &headers, body.as_bytes()).await.status,
        403,
        "no password in the clear"
    );
    assert!(plain.store.has_no_staff().await.unwrap());
}
