//! Answering by mail: a template to begin with, the words as typed, and what the person gets.

use std::collections::BTreeMap;

use backwise::content::Content;

use crate::app::App;
use crate::people::{Patient, Staff, somebody_asks};

/// Somebody asks, and staff have heard: who answers, and where. The address of the receipt comes last.
async fn before_an_inquiry(app: &App) -> (Staff<'_>, String, String) {
    let receipt = somebody_asks(app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(app).await;
    let path = staff.inbox("").await.remove(0);
    (staff, path, receipt)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_fills_the_reply_with_what_is_known() {
    let app = App::start().await;
    Patient::opens_the_form(&app).await.answers("technique", "hot-stone").gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&format!("{path}?template=appointment")).await;
    let reply = page.value_of("message");
    assert!(reply.starts_with("Dear Quirina Namecanary,"), "{reply}");
    for known in ["about hot stone massage.", "Adele Admin"] {
        assert!(reply.contains(known), "{known} in {reply}");
    }
    assert!(!reply.contains(['{', '}']), "{reply}");
    for none in ["", "?template=unknown", "?template="] {
        assert_eq!(staff.opens(&format!("{path}{none}")).await.value_of("message"), "");
    }
    let version = page.value_of("version");
    let reply = reply.replace("\n-\n-\n", "\n- Monday at ten\n- Tuesday at nine\n");
    staff.posts(&format!("{path}/reply"), &[("message", &reply), ("version", &version)]).await;
    app.deliver().await;
    let mail = app.mail_server.arrived_for("quirina.mailcanary@example.org").pop().unwrap();
    assert!(mail.text().starts_with(&reply), "{}", mail.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_the_last_word_closes_the_inquiry() {
    let app = App::start().await;
    let (staff, path, receipt) = before_an_inquiry(&app).await;
    let fields = [("message", "Please ask your doctor first."), ("then", "close")];
    assert_eq!(staff.posts(&format!("{path}/reply"), &fields).await.status, 303);
    assert_eq!(staff.inbox("?status=closed").await.len(), 1);
    let words = staff.opens(&path).await.words();
    assert!(words.contains("replied by email") && words.contains("Please ask your doctor first."), "{words}");
    assert!(app.get(&receipt).await.words().contains("Answered"), "the writer sees that they were answered");
    app.deliver().await;
    let mail = app.mail_server.arrived_for("quirina.mailcanary@example.org").pop().unwrap();
    assert!(mail.text().contains("Please ask your doctor first."));
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_the_closing_back_leaves_it_answered_and_both_are_in_the_audit_log() {
    let app = App::start().await;
    let (staff, path, receipt) = before_an_inquiry(&app).await;
    staff.posts(&format!("{path}/reply"), &[("message", "Come on Monday."), ("then", "close")]).await;
    let log = app.store.audit(2).await.unwrap();
    let told: Vec<_> = log.iter().map(|entry| (entry.action.as_str(), entry.detail.as_str())).collect();
    assert_eq!(told, [("inquiry.status", "answered>closed"), ("inquiry.reply", "")]);
    assert_eq!(staff.posts(&format!("{path}/undo"), &[]).await.status, 303);
    assert_eq!(staff.inbox("?status=answered").await.len(), 1);
    assert!(app.get(&receipt).await.words().contains("Answered Friday"), "the reply is on its way all the same");
    for status in ["open", "answered"] {
        staff.posts(&format!("{path}/status"), &[("status", status)]).await;
    }
    assert_eq!(staff.posts(&format!("{path}/undo"), &[]).await.status, 303);
    assert!(
        app.get(&receipt).await.words().contains("Answered Friday"),
        "a reply answers, whatever the status said later"
    );
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_nobody_was_reached_by_phone_is_offered_only_for_who_gave_a_number() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    form.clone().answers("message", "by mail").gets_a_receipt().await;
    form.answers("message", "by phone").answers("phone", "01632 960 009").gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (search, is_offered) in [("mail", false), ("phone", true)] {
        let path = staff.inbox(&format!("?q={search}")).await.remove(0);
        let text = staff.opens(&path).await.text();
        assert!(text.contains("<option value=\"appointment\""));
        assert_eq!(text.contains("<option value=\"not-reached\""), is_offered, "{search}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beginning_with_a_template_and_sending_one_text_leave_the_other_as_it_was_typed() {
    let app = App::start().await;
    let (staff, path, _) = before_an_inquiry(&app).await;
    let reply = format!("{path}/reply");
    let page = staff.opens(&path).await.text();
    let form = crate::http::between(&page, "id=\"writing\" novalidate autocomplete=\"off\">", "</form>").unwrap();
    assert!(form.contains("name=\"version\""), "one form carries both: {form}");
    for field in
        ["name=\"message\" form=\"writing\"", "name=\"note\" form=\"writing\"", "name=\"template\" form=\"writing\""]
    {
        assert!(page.contains(field), "{field}");
    }
    let typed = [("then", "begin"), ("template", "doctor-first"), ("message", ""), ("note", "half a not")];
    let begun = staff.follows(staff.posts(&reply, &typed).await).await;
    assert_eq!((begun.status, begun.value_of("note").as_str()), (200, "half a not"));
    assert!(begun.value_of("message").starts_with("Dear Quirina Namecanary,"));
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent yet");
    let sent = staff.posts(&reply, &[("message", "Come at ten."), ("note", "half a not")]).await;
    let sent = staff.follows(sent).await;
    assert_eq!(
        (sent.status, sent.value_of("note").as_str(), sent.value_of("message").as_str()),
        (200, "half a not", "")
    );
    assert!(sent.words().contains("Your reply to"), "{}", sent.words());
    let noted = staff.posts(&format!("{path}/notes"), &[("note", "a note"), ("message", "half a rep")]).await;
    let noted = staff.follows(noted).await;
    assert_eq!(
        (noted.status, noted.value_of("message").as_str(), noted.value_of("note").as_str()),
        (200, "half a rep", "")
    );
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_words_never_take_the_place_of_what_somebody_typed() {
    let app = App::start().await;
    let (staff, path, _) = before_an_inquiry(&app).await;
    let fills = async |template: &str, typed: &str| {
        let fields = [("then", "begin"), ("template", template), ("message", typed)];
        let page = staff.follows(staff.posts(&format!("{path}/reply"), &fields).await).await;
        assert_eq!(page.status, 200);
        (page.value_of("message"), page.words().contains("The words were put under what you had typed."))
    };
    let (offer, is_told) = fills("appointment", " \r\n").await;
    assert!(offer.starts_with("Dear Quirina Namecanary,") && !is_told, "{offer}");
    let (doctor, is_told) = fills("doctor-first", &offer.replace('\n', "\r\n")).await;
    assert!(doctor.contains("talk with your doctor") && !doctor.contains("one of these times"), "{doctor}");
    assert!(!is_told, "nobody typed anything");
    let edited = offer.replacen("\n-\n-\n", "\n- Monday at ten\n-\n", 1);
    for typed in ["Thank you,\nI called you.", &edited] {
        assert_ne!(typed, offer);
        let sent = format!("{}\r\n", typed.replace('\n', "\r\n"));
        assert_eq!(fills("doctor-first", &sent).await, (format!("{typed}\n\n{doctor}"), true));
    }
    let twice = format!("Thank you.\n\n{doctor}");
    assert_eq!(fills("doctor-first", &twice.replace('\n', "\r\n")).await.0.replace('\r', ""), twice, "not put twice");
    assert_eq!(fills("unknown", "Thank you").await, ("Thank you".to_owned(), false));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ready_reply_that_was_chosen_stays_chosen() {
    let app = App::start().await;
    let (staff, path, _) = before_an_inquiry(&app).await;
    let chosen = |page: &crate::http::Answer| crate::http::between(&page.text(), "<option value=\"doctor-first\"", ">");
    assert_eq!(chosen(&staff.opens(&path).await).as_deref(), Some(""));
    for (action, then) in [("reply", "begin"), ("reply", ""), ("notes", "")] {
        let fields = [("then", then), ("template", "doctor-first"), ("message", "-"), ("note", "")];
        let page = staff.follows(staff.posts(&format!("{path}/{action}"), &fields).await).await;
        assert_eq!(chosen(&page).as_deref(), Some(" selected"), "{action} {then}: {}", page.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_waits_to_be_filled_is_asked_about_once_before_it_is_sent() {
    let app = App::start().await;
    let (staff, path, _) = before_an_inquiry(&app).await;
    let reply = format!("{path}/reply");
    let message = staff.opens(&format!("{path}?template=appointment")).await.value_of("message");
    let asked = staff.follows(staff.posts(&reply, &[("message", &message)]).await).await;
    assert_eq!(asked.value_of("message"), message);
    assert!(asked.error_for("reply").unwrap().contains("A line holds only “-”"), "{}", asked.words());
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent yet");
    let filled = message.replace("\n-\n-\n", "\n- Monday at ten\n- Tuesday at nine\n");
    assert_ne!(filled, message);
    assert_eq!(staff.posts(&reply, &[("message", &filled)]).await.status, 303, "whose lines are filled is not asked");
    let gaps = asked.value_of("gaps");
    assert_eq!(
        staff.posts(&reply, &[("message", &message), ("gaps", &gaps)]).await.status,
        303,
        "who means it is not asked twice"
    );
    app.deliver().await;
}

#[test]
fn a_placeholder_that_nobody_can_fill_stops_the_start_with_its_line() {
    let with = |text: &str| {
        let files = BTreeMap::from([("replies/own.md".to_owned(), text.to_owned())]);
        let faults = Content::with_files(files).err().unwrap_or_default();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let front = "+++\ntitle = \"Own\"\norder = 1\n+++\n";
    assert_eq!(with(&format!("{front}Dear {{name}},\n{{staff}}\n")), [] as [&str; 0]);
    let faults = with(&format!("{front}Dear {{nmae}},\n\n{{nobody}} or }} alone\n"));
    assert_eq!(
        faults,
        [
            "replies/own.md:5: `{nmae}` stands for nothing; did you mean `name`?",
            "replies/own.md:7: `{nobody}` stands for nothing; README.md lists the placeholders",
            "replies/own.md:7: `}` stands for nothing; README.md lists the placeholders",
        ]
    );
    assert_eq!(with(front).len(), 1, "a reply without words");
    let needing =
        |what: &str| with(&format!("+++\ntitle = \"Own\"\norder = 1\nneeds = \"{what}\"\n+++\nDear {{name}}\n"));
    assert_eq!(needing("phone"), [] as [&str; 0]);
    assert_eq!(needing("email"), ["replies/own.md:4: only `phone` can be needed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn above_an_empty_box_stands_that_a_reply_was_just_sent() {
    let app = App::start().await;
    let (staff, path, _) = before_an_inquiry(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let sent = staff.posts(&format!("{path}/reply"), &[("message", "Come at ten.")]).await;
    assert!(!staff.follows(sent).await.words().contains("You sent a reply"), "the page says it at its top");
    let told =
        |page: &crate::http::Answer| page.words().contains("sent a reply just now. See it under “What happened”");
    let back = staff.opens(&path).await;
    assert!(told(&back) && back.words().contains("You sent a reply"), "{}", back.words());
    let theirs = colleague.opens(&path).await;
    assert!(told(&theirs) && theirs.words().contains("Adele Admin sent a reply"), "{}", theirs.words());
    let begun = staff.posts(&format!("{path}/draft"), &[("message", "And bring")]).await;
    let begun = staff.opens(begun.location()).await.words();
    assert!(begun.contains("Your reply, not sent yet") && !begun.contains("sent a reply just now. See"), "{begun}");
    app.clock.advance(jiff::SignedDuration::from_mins(30));
    let (staff, _) = staff.signs_in_again("admin@clinic.example", crate::people::PASSWORD).await;
    assert!(!staff.opens(&path).await.words().contains("sent a reply 30"));
    app.deliver().await;
}
