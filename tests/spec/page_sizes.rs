//! Every page of the desk is small enough for a slow line, with fifty rows where it has rows; and the pages of the outbox follow
//! one another without losing or repeating a mail.

use backwise::contact::EmailAddress;
use backwise::inquiry::Reference;
use backwise::outbox::{Kind, State, Verdict};
use backwise::staff::Role;
use backwise::store::{MailPlace, Tx};
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::people::{PASSWORD, Staff};

const REFUSAL: &str = "550 5.1.1 <friederike.oberhausen@patients.example>: Recipient address rejected: User unknown in virtual mailbox table";

fn fill(app: &App, number: &str) {
    let filled = app.runs(&["fill", number]);
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
}

async fn joins(tx: &mut Tx, number: usize, now: Timestamp) -> String {
    let address = EmailAddress::parse(&format!("friederike.oberhausen{number}@clinic.example")).unwrap();
    let name = format!("Friederike Wilhelmina Oberhausen {number}");
    tx.add_staff(&address, &name, Role::Staff, now).await.unwrap().unwrap()
}

/// A desk that was used by a dozen colleagues: refused mails, and a log of who opened what.
async fn used(app: &App) -> Reference {
    let now = app.clock.now();
    let inquiry = app.store.inquiries_after(0, Timestamp::MIN, 1).await.unwrap().remove(0);
    let mut tx = app.store.begin().await.unwrap();
    for number in 0..11 {
        joins(&mut tx, number, now).await;
    }
    let colleague = joins(&mut tx, 11, now).await;
    for _ in 0..49 {
        tx.add_message(inquiry.seq, Kind::Reply, None, None, now).await.unwrap();
        let change = format!("{colleague}>{colleague}");
        tx.add_audit(now, &colleague, "inquiry.assigned", inquiry.reference.as_str(), &change).await.unwrap();
    }
    tx.add_message(inquiry.seq, Kind::Acknowledgement, None, None, now).await.unwrap();
    for mail in tx.claim_due(now, 50).await.unwrap() {
        tx.settle(&mail, &Verdict::GiveUp(REFUSAL.to_owned()), now).await.unwrap();
    }
    tx.commit().await.unwrap();
    inquiry.reference
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_desk_is_small_enough_for_a_slow_line() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    fill(&app, "300");
    let reference = used(&app).await;
    let rows = "<tr>";
    for (path, row, number) in [
        ("/admin/inquiries?status=all", "<li class=\"line", 50),
        ("/admin/inquiries?q=pain&status=all", "<li class=\"line", 50),
        ("/admin/mail", rows, 51),
        ("/admin/mail?state=failed", rows, 51),
        ("/admin/mail?state=sent", rows, 51),
        ("/admin/audit", rows, 51),
        ("/admin/insights", rows, 1),
        ("/admin/insights?period=weeks", rows, 1),
        ("/admin/insights?period=months", rows, 1),
        ("/admin/insights?period=all", rows, 1),
        ("/admin/help", rows, 1),
        ("/admin/account", "<h2", 1),
        ("/admin/inquiries/new", "<fieldset", 1),
        (&format!("/admin/inquiries/{}", newest_answered(&app).await), "<h2", 1),
        (&format!("/admin/audit/{reference}"), "<h1", 1),
    ] {
        let page = staff.opens(path).await;
        let text = page.text();
        let found = text.matches(row).count();
        assert!(page.status == 200 && found >= number, "{path}: {} with {found} rows", page.status);
        assert!(page.body.len() < 40_000, "{path}: {} bytes", page.body.len());
    }
    let mut tx = app.store.begin().await.unwrap();
    for number in 12..43 {
        joins(&mut tx, number, app.clock.now()).await;
    }
    tx.commit().await.unwrap();
    let users = staff.opens("/admin/users").await;
    assert_eq!(users.text().matches("<tr><td").count(), 50);
    assert!(users.body.len() < 40_000, "{} bytes", users.body.len());
}

/// An inquiry with a timeline of its own.
async fn newest_answered(app: &App) -> String {
    let all = app.store.inquiries_after(0, Timestamp::MIN, 300).await.unwrap();
    all.iter().rfind(|inquiry| inquiry.answered_at.is_some()).unwrap().reference.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_too_many_to_count_is_told_and_not_counted() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    fill(&app, "1500");
    for (query, is_counted) in [("?q=pain", false), ("?q=trampoline", true), ("?from=2000-01-01", false)] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await;
        let words = page.words();
        assert_eq!(words.contains("Beside each view stands how many of it were found."), is_counted, "{query}");
        assert_eq!(words.contains("more than 1000 inquiries may fit"), !is_counted, "{query}");
        assert_eq!(page.text().contains("class=\"count\""), is_counted, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_is_leafed_through_in_both_directions_and_by_state() {
    let app = App::start().await;
    // What is made up ends on the day the test runs: everything else here comes after it.
    app.clock.advance(SignedDuration::from_hours(24 * 3650));
    let staff = Staff::becomes_the_first_admin(&app).await;
    fill(&app, "100");
    // It fills up to the machine's own time.
    let newest = app.store.outbox(None, 1).await.unwrap().remove(0).created_at;
    app.clock.advance(newest.duration_since(app.clock.now()).max(SignedDuration::ZERO));
    let staff = staff.signs_in_again("admin@clinic.example", PASSWORD).await.0;
    used(&app).await;
    let all = app.store.outbox(Some(State::Sent), i64::MAX).await.unwrap();
    let ids: Vec<&str> = all.iter().map(|mail| mail.id.as_str()).collect();
    assert!(ids.len() > 100);
    let beside = |mail: &backwise::outbox::OwedMessage| (mail.created_at, mail.id.clone());
    let (at, id) = beside(&all[59]);
    let older = app.store.outbox_page(Some(State::Sent), &MailPlace::OlderThan(at, id.clone()), 20).await.unwrap();
    assert_eq!(older.iter().map(|mail| mail.id.as_str()).collect::<Vec<_>>(), ids[60..80]);
    let newer = app.store.outbox_page(Some(State::Sent), &MailPlace::NewerThan(at, id), 20).await.unwrap();
    assert_eq!(newer.iter().map(|mail| mail.id.as_str()).collect::<Vec<_>>(), ids[39..59]);

    let link = |page: &str, rel: &str| {
        let start = format!("rel=\"{rel}\" href=\"");
        page.split(&start).nth(1).map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
    };
    let first = staff.opens("/admin/mail?state=sent").await.text();
    assert_eq!(link(&first, "prev"), None);
    let second = staff.opens(&link(&first, "next").unwrap()).await.text();
    assert_eq!(second.matches("data-label=\"What\"").count(), 50);
    assert!(second.matches("badge good\">sent").count() == 50, "the state is kept");
    app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(staff.posts("/admin/mail/test", &[]).await.status, 303);
    app.deliver().await;
    let back = staff.opens(&link(&second, "prev").unwrap()).await.text();
    let queued =
        |page: &str| page.split("data-label=\"Queued\">").skip(1).map(|rest| rest[..20].to_owned()).collect::<Vec<_>>();
    assert_eq!(queued(&back), queued(&first), "what is queued meanwhile moves nothing");
    assert!(link(&back, "prev").is_some(), "and is one page further up");
}
