//! Accounts: invited by mail, given another role, signed out, disabled and enabled, freed of a lost phone.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::between;
use crate::mail_server::Mood;
use crate::people::{PASSWORD, Staff};

async fn id_of(app: &App, email: &str) -> String {
    let members = app.store.staff().await.unwrap();
    members.iter().find(|member| member.email.as_str() == email).unwrap().id.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_by_mail_is_seen_by_nobody_else_and_lies_in_no_row() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let form = [("email", "staff@clinic.example"), ("name", "Stefan"), ("role", "staff"), ("how", "mail")];
    let page = admin.posts("/admin/users", &form).await;
    assert!(page.words().contains("is on its way by mail"), "{}", page.words());
    assert!(!page.text().contains("/admin/welcome/"), "the admin does not see it");
    app.deliver().await;
    let mail = app.mail_server.arrived_for("staff@clinic.example").remove(0);
    assert_eq!(mail.header("Subject"), "Set your password for the desk of Example Back Clinic");
    assert!(mail.text().contains("until Friday 20 November 2026, 11:00"), "{}", mail.text());
    let path = mail.link("/admin/welcome/");
    let secret = path.trim_start_matches("/admin/welcome/");
    assert_eq!(secret.len(), 43);
    let seed = app.store.welcome_seed(&id_of(&app, "staff@clinic.example").await).await.unwrap().unwrap().0;
    assert_ne!(seed, secret.as_bytes());
    let (staff, answer) = Staff::uses_link(&app, &path).await;
    assert_eq!(answer.status, 303, "{}", answer.words());
    assert_eq!(staff.opens("/admin/inquiries").await.status, 200);
    assert_eq!(Staff::uses_link(&app, &path).await.1.status, 410, "it works once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_survives_a_mail_server_that_is_down_and_a_resent_one_ends_the_first() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    app.mail_server.goes_down();
    let form = [("email", "staff@clinic.example"), ("role", "staff"), ("how", "mail")];
    admin.posts("/admin/users", &form).await;
    app.deliver().await;
    app.mail_server.is(Mood::Good);
    app.delivers_for(SignedDuration::from_mins(2)).await;
    let first = app.mail_server.arrived_for("staff@clinic.example").remove(0).link("/admin/welcome/");
    assert_eq!(app.get(&first).await.status, 200);
    let id = id_of(&app, "staff@clinic.example").await;
    admin.posts(&format!("/admin/users/{id}/reset"), &[("how", "mail")]).await;
    app.deliver().await;
    let mails = app.mail_server.arrived_for("staff@clinic.example");
    assert_eq!(mails.len(), 2);
    assert_eq!((app.get(&first).await.status, app.get(&mails[1].link("/admin/welcome/")).await.status), (410, 200));
    app.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(app.get(&mails[1].link("/admin/welcome/")).await.status, 410, "an hour later");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_takes_effect_at_once_and_the_last_admin_keeps_theirs() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let staff = admin.invites("staff@clinic.example", "staff").await;
    let (own, other) = (id_of(&app, "admin@clinic.example").await, id_of(&app, "staff@clinic.example").await);
    let role = async |id: &str, role| admin.posts(&format!("/admin/users/{id}/role"), &[("role", role)]).await.status;
    assert_eq!(role(&own, "staff").await, 409, "nobody could look after the accounts then");
    assert_eq!(admin.posts(&format!("/admin/users/{own}/reset"), &[]).await.status, 409);
    assert_eq!(admin.posts(&format!("/admin/users/{own}/disable"), &[]).await.status, 409);
    assert_eq!((role(&other, "owner").await, role("unknown", "admin").await), (422, 404));
    assert_eq!(staff.opens("/admin/inquiries").await.status, 200);
    assert_eq!(role(&other, "admin").await, 303);
    assert_eq!(staff.opens("/admin/inquiries").await.status, 303, "a session of the role before has ended");
    let (colleague, _) = Staff::signs_in(&app, "staff@clinic.example", PASSWORD).await;
    assert_eq!(colleague.opens("/admin/users").await.status, 200);
    assert_eq!(role(&own, "staff").await, 303, "now somebody else can");
    assert_eq!(admin.opens("/admin/inquiries").await.status, 303);
    app.deliver().await;
    let told = app.mail_server.arrived_for("staff@clinic.example");
    assert!(told.iter().any(|mail| mail.header("Subject") == "Your role at the desk was changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn v7_4_5_an_admin_ends_the_sessions_of_somebody_else_and_lets_a_disabled_account_come_back() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let staff = admin.invites("staff@clinic.example", "staff").await;
    let id = id_of(&app, "staff@clinic.example").await;
    assert_eq!(staff.posts(&format!("/admin/users/{id}/sessions"), &[]).await.status, 403, "that is for admins");
    assert_eq!(admin.posts(&format!("/admin/users/{id}/sessions"), &[]).await.status, 303);
    assert_eq!(staff.opens("/admin/inquiries").await.status, 303);
    let (again, _) = Staff::signs_in(&app, "staff@clinic.example", PASSWORD).await;
    assert_eq!(again.opens("/admin/inquiries").await.status, 200);
    admin.posts(&format!("/admin/users/{id}/disable"), &[]).await;
    assert_eq!(again.opens("/admin/inquiries").await.status, 303);
    assert_eq!(Staff::signs_in(&app, "staff@clinic.example", PASSWORD).await.1.status, 401);
    let page = admin.opens("/admin/users").await.words();
    assert!(page.contains("disabled last seen Friday 20 November, 10:00"), "{page}");
    assert_eq!(admin.posts(&format!("/admin/users/{id}/enable"), &[]).await.status, 303);
    assert_eq!(Staff::signs_in(&app, "staff@clinic.example", PASSWORD).await.1.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn v6_4_4_a_lost_phone_costs_the_password_too_and_its_owner_is_told() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let mut staff = admin.invites("staff@clinic.example", "staff").await;
    staff.sets_up_codes().await;
    let id = id_of(&app, "staff@clinic.example").await;
    let page = admin.posts(&format!("/admin/users/{id}/reset"), &[("factor", "yes"), ("how", "mail")]).await;
    assert_eq!(page.status, 200);
    assert_eq!(staff.opens("/admin/inquiries").await.status, 303);
    assert_eq!(Staff::signs_in(&app, "staff@clinic.example", PASSWORD).await.1.status, 401, "the password is gone too");
    app.deliver().await;
    let mails = app.mail_server.arrived_for("staff@clinic.example");
    assert!(mails.iter().any(|mail| mail.header("Subject") == "Your account asks for no code any more"));
    let invitation = mails.iter().find(|mail| mail.raw.contains("/admin/welcome/")).unwrap();
    assert!(invitation.text().contains("The old one does not work any more."), "{}", invitation.text());
    let (back, answer) = Staff::uses_link(&app, &invitation.link("/admin/welcome/")).await;
    assert_eq!(answer.status, 303, "no code is asked for");
    assert_eq!(back.opens("/admin/inquiries").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn v7_5_2_somebody_sees_where_they_are_signed_in_and_ends_one_of_these() {
    let app = App::start().await;
    let here = Staff::becomes_the_first_admin(&app).await;
    let (second, _) = Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
    app.clock.advance(SignedDuration::from_secs(1));
    let (third, _) = Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
    let page = here.opens("/admin/account").await.text();
    let name = between(&page, "name=\"session\" value=\"", "\"").unwrap();
    assert!(
        page.split("Sign out there").next().unwrap().contains("this browser"),
        "one's own stands before the others"
    );
    let ended = here.posts("/admin/account/sessions", &[("session", &name)]).await;
    assert!(here.opens(ended.location()).await.words().contains("You are signed out there."));
    assert!(!here.opens("/admin/account").await.words().contains("You are signed out there."));
    let open = [here.opens("/admin/account").await.status, second.opens("/admin/account").await.status];
    assert_eq!((open, third.opens("/admin/account").await.status), ([200, 200], 303), "the newest stands first");
    assert_eq!(here.posts("/admin/account/sessions", &[("session", "unknown")]).await.status, 303);
    assert_eq!(second.opens("/admin/account").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_cannot_be_taken_is_told_beside_its_field() {
    let app = App::start().await;
    let path = format!("/admin/welcome/{}", app.key.first_admin_secret());
    let browser = Staff::with_a_new_browser(&app);
    for (email, password, again, field) in [
        ("admin@clinic.example", "short", "short", "password"),
        ("admin@clinic.example", "four words that differ", "four words that do", "password_again"),
        ("admin", "four words that differ", "four words that differ", "email"),
    ] {
        let typed = [("email", email), ("name", "Adele"), ("password", password), ("password_again", again)];
        let page = browser.posts(&path, &typed).await;
        assert_eq!((page.status, page.summary()), (422, vec![field.to_owned()]), "{}", page.words());
        assert!(page.error_for(field).is_some(), "{field}");
        assert_eq!(page.text().matches("aria-invalid").count(), 1, "{field}");
        assert_eq!((page.value_of("email").as_str(), page.value_of("password").as_str()), (email, ""), "{field}");
    }
}

async fn name_of(app: &App, email: &str) -> String {
    let members = app.store.staff().await.unwrap();
    members.iter().find(|member| member.email.as_str() == email).unwrap().name.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sets_their_first_password_says_how_they_are_called_and_signs_replies_so() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let link = async |form: &[(&str, &str)], path: &str| {
        let page = admin.posts(path, form).await;
        let link = between(&page.text(), "id=\"link\" readonly autofocus value=\"", "\"").unwrap();
        link.trim_start_matches(&app.url).to_owned()
    };
    let path = link(&[("email", "mia@clinic.example"), ("role", "staff")], "/admin/users").await;
    assert_eq!(app.get(&path).await.value_of("name"), "", "nobody gave one yet");
    let typed = |name| [("name", name), ("password", PASSWORD), ("password_again", PASSWORD)];
    let long = "x".repeat(101);
    let mut mia = Staff::with_a_new_browser(&app);
    let refused = mia.posts(&path, &typed(&long)).await;
    assert_eq!(
        (refused.status, refused.summary(), refused.value_of("name")),
        (422, vec!["name".to_owned()], long.clone())
    );
    assert_eq!(mia.does(&path, &typed(" Mia Müller ")).await.status, 303);
    assert_eq!(name_of(&app, "mia@clinic.example").await, "Mia Müller");
    crate::people::somebody_asks(&app, "My back hurts.").await;
    let inquiry = mia.inbox("").await.remove(0);
    let page = mia.opens(&format!("{inquiry}?template=question")).await;
    assert!(page.value_of("message").contains("\nMia Müller"), "{}", page.value_of("message"));

    let known = [("email", "noa@clinic.example"), ("name", "Noa"), ("role", "staff")];
    let path = link(&known, "/admin/users").await;
    assert_eq!(app.get(&path).await.value_of("name"), "Noa", "as the admin wrote it");
    assert_eq!(Staff::with_a_new_browser(&app).does(&path, &typed("")).await.status, 303);
    assert_eq!(name_of(&app, "noa@clinic.example").await, "Noa", "nothing typed changes nothing");

    let again = link(&[], &format!("/admin/users/{}/reset", id_of(&app, "mia@clinic.example").await)).await;
    assert!(!app.get(&again).await.text().contains("Your name"), "a new password is no new name");
    assert_eq!(Staff::with_a_new_browser(&app).does(&again, &typed("Somebody")).await.status, 303);
    assert_eq!(name_of(&app, "mia@clinic.example").await, "Mia Müller");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_changes_their_own_name_and_the_audit_log_does_not_repeat_it() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let mia = admin.invites("mia@clinic.example", "staff").await;
    assert_eq!(mia.opens("/admin/account").await.value_of("name"), "", "an address is no name");
    for (name, why) in [(" ", "Enter your name."), ("Mia\u{7}", "Your name can have 100 characters.")] {
        let refused = mia.posts("/admin/account/name", &[("name", name)]).await;
        assert_eq!((refused.status, refused.summary()), (422, vec!["name".to_owned()]));
        assert_eq!((refused.error_for("name").as_deref(), refused.title().starts_with("Error: ")), (Some(why), true));
    }
    let changed = mia.posts("/admin/account/name", &[("name", "Mia Müller")]).await;
    let page = mia.follows(changed).await;
    assert!(page.words().contains("Your name is Mia Müller now."), "{}", page.words());
    assert_eq!((page.value_of("name").as_str(), page.text().matches("autofocus").count()), ("Mia Müller", 1));
    assert!(admin.opens("/admin/users").await.words().contains("Mia Müller"));
    let entries = app.store.audit(20).await.unwrap();
    let entry = entries.iter().find(|entry| entry.action == "staff.name").expect("an entry");
    let id = id_of(&app, "mia@clinic.example").await;
    assert_eq!((&entry.actor, &entry.subject, entry.detail.as_str()), (&id, &id, ""));
    assert!(admin.opens("/admin/audit").await.words().contains("changed their name"));
    mia.posts("/admin/account/name", &[("name", "Mia Müller ")]).await;
    assert_eq!(app.store.audit(20).await.unwrap().iter().filter(|e| e.action == "staff.name").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_only_became_a_file_leads_to_a_link_to_be_given() {
    let files = tempfile::tempdir().unwrap();
    let app = App::with(&[("BACKWISE_MAIL__URL", &format!("file://{}", files.path().display()))]).await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let page =
        admin.posts("/admin/users", &[("email", "staff@clinic.example"), ("role", "staff"), ("how", "mail")]).await;
    assert!(page.words().contains("is only written to a file"), "{}", page.words());
    let account = format!("/admin/users/{}", id_of(&app, "staff@clinic.example").await);
    assert!(
        page.text().contains(&format!("<a href=\"{account}#new-link\">Make a link that you give to them yourself</a>"))
    );
    let words = admin.opens(&account).await.words();
    assert!(words.contains("New link They have no password yet.") && !words.contains("forgotten"), "{words}");
    let page = admin.posts(&format!("{account}/reset"), &[("how", "link")]).await;
    let link = between(&page.text(), "id=\"link\" readonly autofocus value=\"", "\"").unwrap();
    let by_tap = between(&page.text(), "<p class=\"by-tap\">", "</p>").unwrap();
    assert!(by_tap.contains("Link, to be copied: one tap selects all of it") && by_tap.contains(&link), "{by_tap}");
    let (_, answer) = Staff::uses_link(&app, link.trim_start_matches(&app.url)).await;
    assert_eq!(answer.status, 303);
    assert!(admin.opens(&account).await.words().contains("New link For a forgotten password."));
    app.deliver().await;
}
