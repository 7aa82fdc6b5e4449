//! The first day at a new desk: the empty inbox says what is still to do, from how things are, and stops when it is done.

use crate::app::App;
use crate::html::Page;
use crate::people::{Staff, somebody_asks};

const DONE: [&str; 3] = ["Say who you are", "Say who is told of inquiries", "See a mail arrive"];

/// The steps on a page, each with whether it is ticked; nothing when there is no list.
async fn steps(staff: &Staff<'_>) -> Vec<(String, bool)> {
    let text = staff.opens("/admin/inquiries").await.text();
    let list = text.split("<ol class=\"steps\">").nth(1).map(|rest| rest.split("</ol>").next().unwrap().to_owned());
    let list = list.unwrap_or_default();
    let step = |item: &str| {
        let title = Page::read(&format!("<li{item}")).texts("strong", None)[0].trim().to_owned();
        (title, item.starts_with(" class=\"is-done\""))
    };
    list.split("<li").skip(1).map(step).collect()
}

fn named(steps: &[(String, bool)], is_done: bool) -> Vec<&str> {
    steps.iter().filter(|(_, done)| *done == is_done).map(|(title, _)| title.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_out_of_the_box_says_everything_that_is_still_to_do() {
    let mut app =
        App::with(&[("BACKWISE_MAIL__STAFF", "desk@localhost"), ("BACKWISE_MAIL__URL", "file:///tmp/nowhere")]).await;
    app.mail_may_wait = true;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let all = steps(&admin).await;
    assert_eq!(named(&all, false), [DONE[0], DONE[1], DONE[2], "Take the first inquiry"]);
    let words = admin.opens("/admin/inquiries").await.words();
    for told in ["clinic.name", "mail.staff", "Mails become files", "add a new inquiry"] {
        assert!(words.contains(told), "{told} in {words}");
    }
    let colleague = admin.invites("berta@clinic.example", "staff").await;
    assert_eq!(named(&steps(&colleague).await, false), ["Take the first inquiry"], "the rest is for admins");
    assert!(steps_are_gone(&admin, "?status=closed").await && steps_are_gone(&admin, "?q=nothing").await);
    let empty = |page: &str| page.contains("<section class=\"empty\" aria-labelledby=\"steps\">");
    assert!(empty(&admin.opens("/admin/inquiries").await.text()));
    somebody_asks(&app, "words").await;
    let path = admin.inbox("").await.remove(0);
    admin.posts(&format!("{path}/status"), &[("status", "closed")]).await;
    let page = admin.opens("/admin/inquiries").await;
    assert!(!empty(&page.text()) && page.words().contains("Nothing waits for an answer."), "{}", page.words());
    assert!(page.words().contains("First steps: this desk is not ready yet"), "{}", page.words());
}

async fn steps_are_gone(staff: &Staff<'_>, query: &str) -> bool {
    !staff.opens(&format!("/admin/inquiries{query}")).await.words().contains("First steps")
}

/// A clinic that says who it is.
fn real() -> [(&'static str, &'static str); 6] {
    [
        ("BACKWISE_CLINIC__NAME", "A real clinic"),
        ("BACKWISE_CLINIC__PHONE", "+44 1632 960 777"),
        ("BACKWISE_CLINIC__EMAIL", "hello@real.example"),
        ("BACKWISE_CLINIC__STREET", "2 Real Street"),
        ("BACKWISE_CLINIC__CITY", "Realtown"),
        ("BACKWISE_CLINIC__POSTCODE", "RE1 1AL"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinic_with_somebody_elses_number_has_not_said_who_it_is() {
    for left in 0..6 {
        let mut set = real().to_vec();
        let (key, _) = set.remove(left);
        let app = App::with(&set).await;
        let admin = Staff::becomes_the_first_admin(&app).await;
        assert!(named(&steps(&admin).await, false).contains(&DONE[0]), "without {key}");
        let key = key.trim_start_matches("BACKWISE_").to_lowercase().replace("__", ".");
        let words = admin.opens("/admin/inquiries").await.words();
        assert!(words.contains(&format!("sets {key} and your hours")), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_ticked_when_it_is_done_and_the_list_goes_away() {
    let app = App::with(&real()).await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let all = steps(&admin).await;
    assert_eq!(
        (named(&all, true), named(&all, false)),
        (vec![DONE[0], DONE[1]], vec![DONE[2], "Take the first inquiry"])
    );
    somebody_asks(&app, "words").await;
    let path = admin.inbox("").await.remove(0);
    assert_eq!(named(&steps(&admin).await, false), [DONE[2]], "it stays above the inbox until a mail arrived");
    let colleague = admin.invites("berta@clinic.example", "staff").await;
    assert!(steps(&colleague).await.is_empty() && colleague.inbox("").await.len() == 1, "it is nothing to them");
    admin.posts(&format!("{path}/status"), &[("status", "closed")]).await;
    assert!(steps_are_gone(&admin, "?status=closed").await);
    assert_eq!(admin.posts("/admin/mail/test", &[]).await.location(), "/admin/mail");
    assert!(named(&steps(&admin).await, false).contains(&DONE[2]), "it has not left yet");
    app.deliver().await;
    let arrived = app.mail_server.arrived_for("admin@clinic.example");
    assert_eq!((arrived.len(), arrived[0].header("Subject").as_str()), (1, "Test mail from Backwise"));
    assert!(admin.opens("/admin/mail").await.words().contains("Test mail"));
    assert!(admin.inbox("").await.is_empty() && steps(&admin).await.is_empty(), "everything is done");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_level_of_the_headings_is_left_out_where_steps_and_inquiries_stand_together() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let levels = async || -> Vec<u32> {
        let page = Page::read(&admin.opens("/admin/inquiries").await.text());
        page.0.iter().filter_map(|element| element.name.strip_prefix('h')?.parse().ok()).collect()
    };
    assert_eq!(levels().await, [1, 2], "the inbox and its first steps");
    somebody_asks(&app, "words").await;
    assert!(!steps(&admin).await.is_empty());
    assert_eq!(levels().await, [1, 2], "the inbox and who wrote");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_has_a_test_mail_sent() {
    let app = App::start().await;
    let admin = Staff::becomes_the_first_admin(&app).await;
    let colleague = admin.invites("berta@clinic.example", "staff").await;
    assert_eq!(colleague.posts("/admin/mail/test", &[]).await.status, 403);
    assert_eq!(app.store.outbox(None, 9).await.unwrap().iter().filter(|mail| mail.kind.as_str() == "test").count(), 0);
}
