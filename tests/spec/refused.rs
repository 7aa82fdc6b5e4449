//! A form is refused: its answer says so, and sends browsers on to the same page at an address of its own. Who goes back from there
//! is not asked to send the form once more, and finds how things stand.

use crate::app::App;
use crate::http::{Answer, between, unescape};
use crate::people::{Patient, Staff, somebody_asks};

const NEW: &str = "/admin/inquiries/new";

/// Where a refused form sends browsers on.
fn there(answer: &Answer) -> String {
    answer.header("refresh").and_then(|on| on.strip_prefix("0; url=")).unwrap_or_default().to_owned()
}

/// The page that browsers are sent on to is shown once; it gives where it leads from then on.
async fn leads_on(staff: &Staff<'_>, answer: &Answer) -> String {
    let there = there(answer);
    assert!(there.starts_with("/admin/refused/"), "{} {there:?}", answer.status);
    let page = staff.opens(&there).await;
    assert_eq!((page.status, page.text()), (200, answer.text()), "the same page");
    let again = staff.opens(&there).await;
    assert_eq!(again.status, 303, "{}", again.words());
    again.location().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_over_a_refused_form_is_read_once_and_then_how_things_stand() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let back = ("back", "/admin/inquiries?status=new");
    let home = format!("{path}?back=%2Fadmin%2Finquiries%3Fstatus%3Dnew");
    let empty = staff.posts(&format!("{path}/notes"), &[("note", ""), back]).await;
    assert_eq!((empty.status, leads_on(&staff, &empty).await), (422, home.clone()));
    let stale = [("status", "closed"), ("version", "0"), ("seen", "0"), back];
    let late = staff.posts(&format!("{path}/status"), &stale).await;
    assert_eq!((late.status, leads_on(&staff, &late).await), (409, home));
    let again = staff.posts("/admin/users", &[("email", "admin@clinic.example"), ("how", "link")]).await;
    assert_eq!((again.status, leads_on(&staff, &again).await), (422, "/admin/users".to_owned()));
    let merge = staff.posts(&format!("{path}/merge"), &[("with", "nonsense")]).await;
    assert_eq!((merge.status, leads_on(&staff, &merge).await), (422, path));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_refused_leads_back_to_its_draft_and_once_stored_says_so() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let form = staff.opens(NEW).await;
    let (token, draft) = (form.value_of("token"), form.value_of("draft"));
    let said = [("token", token.as_str()), ("draft", &draft), ("channel", "phone"), ("name", "Petra Caller")];
    let refused = staff.posts(NEW, &said).await;
    assert_eq!((refused.status, leads_on(&staff, &refused).await), (422, format!("{NEW}?draft={draft}")));
    let draft = staff.opens(&format!("{NEW}?draft={draft}")).await;
    assert_eq!(draft.value_of("name"), "Petra Caller");
    let rest = [
        ("urgent", "no"),
        ("urgent_seen", "yes"),
        ("message", "hurts"),
        ("phone", "01632 960 001"),
        ("consent", "yes"),
    ];
    let stored = staff.posts(NEW, &[&said[..], &rest].concat()).await;
    assert_eq!(stored.status, 303, "{}", stored.words());
    let gone = staff.opens(&format!("{NEW}?draft={}", said[1].1)).await;
    assert!(gone.words().contains("This draft is there no more: it was stored or discarded."), "{}", gone.words());
    let empty = staff.opens(NEW).await;
    let (token, name) = (empty.value_of("token"), empty.value_of("draft"));
    let nothing = staff.posts(NEW, &[("token", &token), ("draft", &name), ("channel", "phone")]).await;
    assert_eq!((nothing.status, leads_on(&staff, &nothing).await), (422, NEW.to_owned()), "nothing was typed");
    for page in [&empty, &nothing] {
        let words = page.words();
        assert_eq!(
            words.matches("for Petra Caller just now.").count(),
            if page.status == 422 { 3 } else { 2 },
            "{words}"
        );
        assert!(!words.contains("Everything you typed is still here"), "{words}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_shown_that_page_and_it_leads_nowhere_else() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let path = staff.inbox("").await.remove(0);
    let empty = staff.posts(&format!("{path}/notes"), &[("note", "")]).await;
    let there = there(&empty);
    assert_eq!(colleague.opens(&there).await.location(), path);
    assert_eq!(app.get(&there).await.status, 303, "a stranger signs in first");
    let (place, _) = there.split_once('?').unwrap();
    for elsewhere in ["https%3A%2F%2Felsewhere.example", "%2F%2Felsewhere.example", "%2Fadmin%2Flogin"] {
        let led = colleague.opens(&format!("{place}?page={elsewhere}")).await;
        assert_eq!((led.status, led.location()), (303, "/admin/inquiries"));
    }
    assert_eq!(staff.opens(&there).await.status, 200, "it waits for who sent the form");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_and_what_is_secret_is_not_held() {
    let app = App::start().await;
    let asked = Patient::opens_the_form(&app).await.leaves_out("name").sends().await;
    assert_eq!((asked.status, asked.header("refresh")), (422, None), "the public form");
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let noted = staff.posts(&format!("{path}/notes"), &[("note", "done")]).await;
    assert_eq!((noted.status, noted.header("refresh")), (303, None));
    let password = [("old", "wrong"), ("password", "short"), ("password_again", "short")];
    let refused = staff.posts("/admin/account", &password).await;
    assert_eq!((refused.status, refused.header("refresh")), (422, None), "{}", refused.words());
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_back_after_changing_several_reads_that_they_are_so() {
    let app = App::start().await;
    for message in ["one", "two"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let inbox = staff.opens("/admin/inquiries").await.text();
    let form = "<form method=\"get\" action=\"/admin/inquiries/changes#question\" autocomplete=\"off\">";
    assert!(inbox.contains(form), "a browser that goes back ticks nobody by place");
    let ticks = inbox.split("name=ticked value=").skip(1).map(|rest| rest.split([' ', '>']).next().unwrap_or_default());
    let ticked: String = ticks.map(|tick| format!("&ticked={tick}")).collect();
    let question = format!("/admin/inquiries/changes?change=status.closed{ticked}");
    let page = staff.opens(&question).await;
    let carried = page.carried();
    let fields: Vec<_> = carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(staff.posts("/admin/inquiries/changes", &fields).await.status, 303);
    let back = staff.opens(&question).await;
    assert_eq!(back.status, 200, "{}", back.words());
    assert!(back.words().contains("All of these are so already. Nothing is left to be changed."), "{}", back.words());
    assert!(between(&unescape(&back.text()), "Change 2", "<").is_none() && !back.words().contains("left alone"));
    assert!(
        back.words()
            .contains("What you changed yourself can be undone on the page of each, or all at once in the inbox"),
        "{}",
        back.words()
    );
    for path in staff.inbox("?status=closed").await {
        assert!(back.text().contains(&format!("<a class=\"reach\" href=\"{path}")), "{}", back.text());
        assert!(staff.opens(&path).await.words().contains("from New to Closed. Undo"), "and there it is offered");
    }
    app.deliver().await;
}
