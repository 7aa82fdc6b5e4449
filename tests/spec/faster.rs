//! A colleague is faster. Whoever has the page of an inquiry before them is told before they do anything, though their page
//! came back over a form meanwhile; nothing is done twice, and no word is lost.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::Answer;
use crate::people::{Patient, Staff, somebody_asks};

type Fields<'a> = &'a [(&'a str, &'a str)];

const CHANGED: &str = " changed this inquiry since you opened it";

/// An inquiry that two have before them: an admin, and the path of its page.
async fn before_two(app: &App) -> (Staff<'_>, Staff<'_>, String) {
    Patient::opens_the_form(app).await.answers("phone", "01632 960 001").gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    app.deliver().await;
    let path = staff.inbox("").await.remove(0);
    (staff, colleague, path)
}

/// What the forms of a page carry along, with what is typed into one of them.
fn typed<'a>(page: &Answer, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
    let shown = ["version", "seen", "was"].map(|name| (name, page.value_of(name)));
    shown.into_iter().chain(fields.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect()
}

async fn sends(staff: &Staff<'_>, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    let fields = typed(page, fields);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    staff.posts(path, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn filling_in_a_ready_reply_hides_no_reply_of_a_colleague() {
    let app = App::start().await;
    let (staff, colleague, path) = before_two(&app).await;
    let reply = format!("{path}/reply");
    let opened = staff.opens(&path).await;
    colleague.posts(&reply, &[("message", "Come on Monday.")]).await;
    app.deliver().await;
    let begin = [("then", "begin"), ("template", "doctor-first"), ("message", ""), ("note", "half a note")];
    let filled = staff.follows(sends(&staff, &reply, &opened, &begin).await).await;
    assert_eq!((filled.status, filled.value_of("version")), (200, opened.value_of("version")));
    for words in [
        "berta@clinic.example changed this inquiry since you opened it.",
        "Status New Answered",
        "Since then: berta@clinic.example replied by email",
        "see what happened",
    ] {
        assert!(filled.words().contains(words), "{words} in {}", filled.words());
    }
    let message = filled.value_of("message");
    assert!(message.starts_with("Dear Quirina Namecanary,") && filled.value_of("note") == "half a note");
    let refused = sends(&staff, &reply, &filled, &[("message", &message)]).await;
    assert_eq!((refused.status, refused.value_of("message")), (409, message.clone()));
    let who = "berta@clinic.example changed this inquiry since you opened it, and nothing was done.";
    assert!(refused.words().contains("Status New Answered") && refused.words().contains(who), "{}", refused.words());
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent");
    let meant = sends(&staff, &reply, &refused, &[("message", &message)]).await;
    assert_eq!(meant.status, 303, "who was told sends it all the same");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_that_comes_back_over_a_fault_goes_round_a_colleague() {
    let app = App::start().await;
    let (staff, colleague, path) = before_two(&app).await;
    let contact = |email: &'static str| [("email", email), ("phone", "01632 960 001"), ("contact_by", "email")];
    let (mistyped, right) = (contact("no address"), contact("right@example.org"));
    let reference = path.rsplit('/').next().unwrap();
    let cases: [(&str, Fields<'_>, Fields<'_>); 6] = [
        ("reply", &[("message", "Dear you,\n-\nbye")], &[("message", "Dear you, bye")]),
        ("reply", &[("message", ""), ("note", "kept")], &[("message", "Dear you, bye")]),
        ("notes", &[("note", "")], &[("note", "called")]),
        ("contact", &mistyped, &right),
        ("status", &[("status", "nonsense")], &[("status", "closed")]),
        ("erase", &[("confirm", "BW-")], &[("confirm", reference)]),
    ];
    for (action, wrong, right) in cases {
        let opened = staff.opens(&path).await;
        colleague.posts(&format!("{path}/notes"), &[("note", action)]).await;
        let path = format!("{path}/{action}");
        let answer = sends(&staff, &path, &opened, wrong).await;
        // A question about a reply stands on a page of its own.
        let is_asked = wrong[0].1.contains("\n-\n");
        assert_eq!(answer.status, if is_asked { 303 } else { 422 }, "{action}");
        let asked = if is_asked { staff.follows(answer).await } else { answer };
        assert!(asked.title().starts_with("Error: "), "{action}");
        assert_eq!(asked.value_of("version"), opened.value_of("version"), "{action}");
        assert!(asked.words().contains(CHANGED), "{action}: {}", asked.words());
        assert!(asked.words().contains("Since then: berta@clinic.example wrote a note"), "{action}: {}", asked.words());
        let refused = sends(&staff, &path, &asked, right).await;
        assert_eq!(refused.status, 409, "{action}");
        assert_ne!(refused.value_of("version"), opened.value_of("version"), "{action}: now they have been told");
    }
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0);
    assert!(!staff.opens(&path).await.text().contains("right@example.org"), "nothing was overwritten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_hides_nothing_that_happened_meanwhile() {
    let app = App::start().await;
    let (mut staff, _, path) = before_two(&app).await;
    somebody_asks(&app, "another").await;
    app.deliver().await;
    let other = staff.inbox("").await.into_iter().find(|other| *other != path).unwrap();
    let other = other.rsplit('/').next().unwrap().to_owned();
    for (action, field) in [("status", ("status", "closed")), ("contact", ("email", "new@example.org"))] {
        let (opened, back) = comes_back(&app, &mut staff, &path, action, &[field]).await;
        assert_eq!((back.status, back.value_of("version")), (200, opened.value_of("version")), "{action}");
        assert!(back.words().contains(CHANGED), "{action}: {}", back.words());
        let refused = sends(&staff, &format!("{path}/{action}"), &back, &[field, ("contact_by", "email")]).await;
        assert_eq!(refused.status, 409, "{action}");
    }
    let (_, asked) = comes_back(&app, &mut staff, &path, "merge", &[("with", &other)]).await;
    assert_eq!(asked.status, 409);
    assert!(asked.words().contains("Somebody changed one of the two since you looked."), "{}", asked.words());
}

/// Sends a form after the session has ended and something has happened, signs in, and goes back to the form.
async fn comes_back(
    app: &App,
    staff: &mut Staff<'_>,
    path: &str,
    action: &str,
    fields: &[(&str, &str)],
) -> (Answer, Answer) {
    let opened = staff.opens(path).await;
    staff.posts(&format!("{path}/notes"), &[("note", action)]).await;
    app.clock.advance(SignedDuration::from_mins(31));
    let action = format!("{path}/{action}");
    let asked = sends(staff, &action, &opened, fields).await;
    let kept = staff.signs_in_on(&asked, "admin@clinic.example").await;
    let carried = kept.carried();
    let fields: Vec<_> = carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    (opened, staff.posts(&action, &fields).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_note_is_no_news_and_what_a_colleague_did_after_it_is() {
    let app = App::start().await;
    let (staff, colleague, path) = before_two(&app).await;
    let (notes, reply) = (format!("{path}/notes"), format!("{path}/reply"));
    let both = [("note", "called"), ("message", "Dear you, bye")];
    let opened = staff.opens(&path).await;
    let noted = staff.follows(sends(&staff, &notes, &opened, &both).await).await;
    assert_eq!((noted.status, noted.words().contains(CHANGED)), (200, false), "{}", noted.words());
    colleague.posts(&reply, &[("message", "Come on Monday.")]).await;
    app.deliver().await;
    let pressed_again = staff.follows(sends(&staff, &notes, &opened, &both).await).await;
    assert_eq!((pressed_again.status, pressed_again.words().contains(CHANGED)), (200, true));
    for page in [noted, pressed_again] {
        assert_eq!(sends(&staff, &reply, &page, &[("message", "Dear you, bye")]).await.status, 409);
    }
    let opened = staff.opens(&path).await;
    let noted = sends(&staff, &notes, &opened, &[("note", "again"), ("message", "Dear you, bye")]).await;
    let noted = staff.follows(noted).await;
    assert_eq!(sends(&staff, &reply, &noted, &[("message", "Dear you, bye")]).await.status, 303);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_does_for_the_second_time_hides_nothing_though_it_changes_nothing() {
    let app = App::start().await;
    let (staff, colleague, path) = before_two(&app).await;
    let reply = ("message", "Dear you, bye");
    staff.posts(&format!("{path}/notes"), &[("note", "called")]).await;
    for (action, field) in [("assign", ("assignee", "")), ("notes", ("note", "called"))] {
        let opened = staff.opens(&path).await;
        colleague.posts(&format!("{path}/reply"), &[("message", action)]).await;
        let done = sends(&staff, &format!("{path}/{action}"), &opened, &[field, reply]).await;
        let done = staff.follows(done).await;
        assert_eq!((done.status, done.words().contains(CHANGED)), (200, true), "{action}: {}", done.words());
        assert_eq!(sends(&staff, &format!("{path}/reply"), &done, &[reply]).await.status, 409, "{action}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_told_though_no_entry_of_a_timeline_says_what_it_was() {
    let app = App::start().await;
    let (staff, colleague, path) = before_two(&app).await;
    let late = async |opened: &Answer| {
        let answer = sends(&staff, &format!("{path}/notes"), opened, &[("note", "late")]).await;
        assert_eq!(answer.status, 409);
        answer.words()
    };
    let opened = staff.opens(&path).await;
    colleague.posts(&format!("{path}/reply"), &[("message", "Come on Monday.")]).await;
    app.deliver().await;
    let me = app.store.staff().await.unwrap().remove(0).id;
    colleague.posts(&format!("{path}/assign"), &[("assignee", &me)]).await;
    let words = late(&opened).await;
    assert!(words.contains("Status New Answered Assigned to nobody Adele Admin"), "{words}");

    somebody_asks(&app, "another").await;
    app.deliver().await;
    let other = staff.inbox("").await.remove(0);
    let opened = staff.opens(&path).await;
    let reference = path.rsplit('/').next().unwrap();
    colleague.posts(&format!("{other}/merge"), &[("with", reference)]).await;
    let words = late(&opened).await;
    assert!(words.contains("Status Answered Closed Assigned to Adele Admin Adele Admin"), "{words}");
}
