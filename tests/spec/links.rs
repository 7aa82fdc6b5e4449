//! Every link leads somewhere: on public pages, at the desk, in mails.

use crate::app::App;
use crate::crawl::crawl;
use crate::http::send;
use crate::pages::PUBLIC;
use crate::people::{Staff, somebody_asks};

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_the_public_pages_leads_somewhere() {
    let app = App::start().await;
    let pages = crawl(&app, "/", "").await;
    for path in PUBLIC.into_iter().chain(["/contact"]) {
        assert!(pages.contains_key(path), "a reader finds {path}");
    }
    let receipt = somebody_asks(&app, "words").await;
    assert!(crawl(&app, &receipt, "").await.len() > PUBLIC.len());
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_the_desk_leads_somewhere() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let pages = crawl(&app, "/admin", &staff.cookie).await;
    let inquiry = pages.keys().find(|path| path.starts_with("/admin/inquiries/BW-"));
    assert!(inquiry.is_some() && pages.contains_key("/admin/mail"), "{:?}", pages.keys());
    assert!(!pages.contains_key(&receipt), "the desk does not show the writer's secret address");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_the_mails_leads_somewhere() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let inquiry = staff.inbox("").await.remove(0);
    staff.posts(&format!("{inquiry}/reply"), &[("message", "Our answer.")]).await;
    app.deliver().await;
    let mut followed = 0;
    for mail in app.mail_server.arrived() {
        let text = mail.text();
        let links = text.split_whitespace().filter_map(|word| word.trim_end_matches(['.', ')']).strip_prefix(&app.url));
        for link in links {
            let path = if link.is_empty() { "/" } else { link.split('#').next().unwrap() };
            let answer = send(app.address, "GET", path, &[("cookie", &staff.cookie)], b"").await;
            assert!(answer.status < 400, "the mail to {} links to {link}: {}", mail.to, answer.status);
            followed += 1;
        }
    }
    assert!(followed >= 2, "the notice and the acknowledgement have links");
}
