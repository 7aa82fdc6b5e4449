//! What stays between the person who wrote and the clinic, and what that person can have from us.

use backwise::contact::EmailAddress;
use backwise::desk::{self, ExportFormat};

use crate::app::App;
use crate::people::{Patient, Staff, somebody_asks};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_everything_that_is_kept_about_them_and_nothing_about_others() {
    let app = App::start().await;
    somebody_asks(&app, "Firstcanary =1+1").await;
    somebody_asks(&app, "Secondcanary words").await;
    let other =
        Patient::opens_the_form(&app).await.answers("email", "other@example.org").answers("name", "Other Person");
    other.answers("message", "Othercanary words").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("?q=firstcanary").await.remove(0);
    staff.opens(&path).await;
    staff.posts(&format!("{path}/notes"), &[("note", "Notecanary")]).await;
    staff.posts(&format!("{path}/reply"), &[("message", "=Replycanary")]).await;
    app.deliver().await;
    let now = app.clock.now();
    let email = EmailAddress::parse("Quirina.Mailcanary@EXAMPLE.org").unwrap();
    let all = desk::everything_about(&app.store, &email, now).await.unwrap().unwrap();
    let has = |kind: &str, who: &str, what: &str, words: &str| {
        all.iter().any(|kept| kept.kind == kind && kept.who == who && kept.what == what && kept.words == words)
    };
    for (kind, who, what, words) in [
        ("answer", "the writer", "name", "Quirina Namecanary"),
        ("answer", "the writer", "email", "quirina.mailcanary@example.org"),
        ("answer", "the writer", "message", "Firstcanary =1+1"),
        ("answer", "the writer", "message", "Secondcanary words"),
        ("timeline", "Adele Admin", "note", "Notecanary"),
        ("timeline", "Adele Admin", "reply", "=Replycanary"),
        ("mail", "desk@clinic.example", "notice", "sent"),
        ("mail", "the writer", "acknowledgement", "sent"),
        ("access", "Adele Admin", "inquiry.viewed", ""),
        ("access", "the operator", "inquiry.exported", ""),
    ] {
        assert!(has(kind, who, what, words), "{kind} {what} by {who}: {words} in {all:#?}");
    }
    let consent = all.iter().find(|kept| kept.what == "consent_version").unwrap();
    assert!(!consent.words.is_empty(), "the privacy text that was agreed to");
    let lines = String::from_utf8(desk::file_of(&all, ExportFormat::JsonLines).unwrap()).unwrap();
    assert!(
        lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["reference"].is_string())
    );
    let csv = String::from_utf8(desk::file_of(&all, ExportFormat::Csv).unwrap()).unwrap();
    let mut reader = csv::Reader::from_reader(csv.strip_prefix('\u{feff}').unwrap().as_bytes());
    let cells: Vec<String> = reader.records().map(|record| record.unwrap()[5].to_owned()).collect();
    assert_eq!((cells.len(), cells.iter().filter(|cell| *cell == "'=Replycanary").count()), (all.len(), 1));
    assert!(!lines.contains("Other") && !csv.contains("Other"), "nobody gets what another person wrote");
    let nobody = EmailAddress::parse("nobody@example.org").unwrap();
    assert_eq!(desk::everything_about(&app.store, &nobody, now).await.unwrap(), None);
}
