//! What was made by an older scheme stays good: nobody's receipt ends because the program was updated.

use backwise::inquiry::{Choices, InquiryForm, Reference, Status};
use backwise::outbox::Kind;
use backwise::secret::digest;
use backwise::store::{Inserted, Receiving};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::people::{Patient, Staff};

/// An inquiry as the program kept it before receipts had a mark; its writer sends once more, and later gets an answer.
#[tokio::test(flavor = "multi_thread")]
async fn v11_2_2_a_receipt_of_an_older_scheme_opens_and_stands_in_mails_for_as_long_as_the_inquiry_is_kept() {
    let app = App::start().await;
    let patient = Patient::opens_the_form(&app).await;
    let typed = |name: &str| patient.fields.iter().find(|(key, _)| key == name).unwrap().1.clone();
    let form = InquiryForm {
        urgent: typed("urgent"),
        name: typed("name"),
        email: typed("email"),
        message: typed("message"),
        consent: typed("consent"),
        token: typed("token"),
        ..InquiryForm::default()
    };
    let new = form.parse(Choices { techniques: &[], conditions: &[] }).unwrap_or_else(|_| panic!("an honest form"));
    let old_key = URL_SAFE_NO_PAD.encode(&app.key.mac("receipt", &[new.submission()])[..24]);
    let now = app.clock.now();
    let receiving = Receiving {
        reference: &Reference::random().unwrap(),
        receipt_digest: &digest(&old_key),
        received_at: now,
        answer_by: now,
        status: Status::New,
        consent_version: "before",
        signals: &[],
    };
    let mut tx = app.store.begin().await.unwrap();
    let Inserted::New(seq) = tx.add_inquiry(&new, &receiving).await.unwrap() else { panic!("a new one") };
    tx.add_message(seq, Kind::Acknowledgement, None, None, now).await.unwrap();
    tx.commit().await.unwrap();

    let old_path = format!("/receipt/{old_key}");
    assert_eq!(app.get(&old_path).await.status, 200);
    assert_eq!(patient.gets_a_receipt().await, old_path, "the same words again are the same inquiry");
    app.deliver().await;
    let mail = app.mail_server.arrived_for("quirina.mailcanary@example.org").remove(0);
    assert!(mail.text().contains(&old_path), "{}", mail.text());

    let new_path = patient.clone().answers("message", "another one").gets_a_receipt().await;
    assert!(new_path.starts_with("/receipt/1") && new_path.len() == old_path.len() + 1, "{new_path}");
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert_eq!(staff.inbox("").await.len(), 2);
    app.deliver().await;
}
