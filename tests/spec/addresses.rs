//! Three addresses hold something that is not for everybody (docs/decisions/0071). Nothing tells them on.

use crate::app::App;
use crate::http::send;
use crate::people::{PASSWORD, Patient, Staff};

#[tokio::test(flavor = "multi_thread")]
async fn v14_2_1_searches_receipts_and_one_time_links_come_into_no_log_no_metric_and_no_other_sites_referer() {
    let app = App::with(&[("BACKWISE_SERVER__METRICS_BIND", "127.0.0.1:0")]).await;
    let receipt = Patient::opens_the_form(&app).await.gets_a_receipt().await;
    let key = receipt.rsplit('/').next().unwrap().to_owned();
    let staff = Staff::becomes_the_first_admin(&app).await;
    let link = app.key.first_admin_secret();
    let search = "/admin/inquiries?q=Searchcanary+Zacharias&status=new";

    let mut answers = vec![("a receipt", app.get(&receipt).await), ("a search", staff.opens(search).await)];
    answers.push(("a search without a session", app.get(search).await));
    answers.push(("a search with a slash", staff.opens("/admin/inquiries/?q=Searchcanary").await));
    answers.push(("a used link", app.get(&format!("/admin/welcome/{link}")).await));
    // What goes wrong tells nothing either.
    answers.push(("a wrong receipt", app.get(&format!("{receipt}x")).await));
    answers.push(("a receipt in the wrong way", send(app.address, "DELETE", &receipt, &[], b"").await));
    answers.push((
        "a search in the wrong way",
        send(app.address, "DELETE", search, &[("cookie", &staff.cookie)], b"").await,
    ));
    answers.push((
        "too long a search",
        staff.opens(&format!("/admin/inquiries?q=Searchcanary{}", "x".repeat(5_000))).await,
    ));
    app.store.close().await;
    answers.push(("a receipt while the database is gone", app.get(&receipt).await));
    answers.push(("a search while the database is gone", staff.opens(search).await));
    assert_eq!((answers[0].1.status, answers[1].1.status), (200, 200));
    assert!(answers[1].1.text().contains("Searchcanary"), "the page itself says what was searched for");

    for (what, answer) in &answers {
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{what}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        // Whatever a page loads or leads to by itself is ours.
        for place in answer.text().split(['"', '\'']).filter(|place| place.contains("://")) {
            let leads_here = place.starts_with(&app.url) || place.starts_with("http://www.w3.org/");
            assert!(leads_here, "{what} names {place}");
        }
    }
    let metrics = send(app.beside.metrics_bound.unwrap(), "GET", "/metrics", &[], b"").await.text();
    let log = app.log();
    assert!(log.contains("event="), "the log is read");
    for secret in [key.as_str(), link.as_str(), "Searchcanary", "Zacharias", PASSWORD] {
        assert!(!metrics.contains(secret), "{secret} in the metrics");
        let told: Vec<&str> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{secret} in {told:?}");
    }
}
