//! Replies that do not leave: an inquiry counts as answered by what was sent, never by what was given up.

use backwise::desk::insights::{Period, add_up, insights};
use backwise::inquiry::Status;
use jiff::SignedDuration;

use crate::app::App;
use crate::audit::Intruder;
use crate::mail_server::Mood;
use crate::people::{PASSWORD, Staff, somebody_asks};

/// Sends a reply that the mail server refuses for good.
async fn replies_in_vain(app: &App, staff: &Staff<'_>, path: &str, then: &str) {
    app.mail_server.is(Mood::Refusing("quirina".to_owned()));
    assert_eq!(staff.posts(&format!("{path}/reply"), &[("message", "Come."), ("then", then)]).await.status, 303);
    app.deliver().await;
}

/// An inquiry that staff see, whose acknowledgement arrived.
async fn asked<'a>(app: &'a App) -> (Staff<'a>, String) {
    somebody_asks(app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(app).await;
    let path = staff.inbox("").await.remove(0);
    staff.opens(&path).await;
    (staff, path)
}

/// Signs in again, after a pause that ended the session.
async fn back<'a>(staff: &Staff<'a>) -> Staff<'a> {
    staff.signs_in_again("admin@clinic.example", PASSWORD).await.0
}

async fn stands(app: &App) -> (Status, bool) {
    let inquiries = app.store.inquiries_after(0, jiff::Timestamp::MIN, 1).await.unwrap();
    (inquiries[0].status, inquiries[0].answered_at.is_some())
}

async fn kept_promises(app: &App) -> u64 {
    let opening = crate::storage::policy().opening;
    assert!(add_up(&app.store, &opening).await.unwrap());
    insights(&app.store, &opening, Period::All, app.clock.now()).await.unwrap().whole.kept
}

async fn tries_again(app: &App, staff: &Staff<'_>) {
    let failed = staff.opens("/admin/mail?state=failed").await.text();
    let retry = crate::http::between(&failed, "action=\"/admin/mail/", "\"").unwrap().to_owned();
    app.mail_server.comes_back();
    assert_eq!(staff.posts(&format!("/admin/mail/{retry}"), &[]).await.status, 303);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_whose_reply_was_refused_is_to_do_until_a_reply_leaves() {
    for then in ["", "close"] {
        let app = App::start().await;
        let (staff, path) = asked(&app).await;
        replies_in_vain(&app, &staff, &path, then).await;
        assert_eq!(stands(&app).await, (Status::Open, false));
        assert_eq!(staff.inbox("").await, [path.as_str()], "it is to do");
        let words = staff.opens(&path).await.words();
        assert!(
            words.contains("The reply did not leave: it was refused") && words.contains("(550): no such user"),
            "{words}"
        );
        let log = staff.opens("/admin/audit").await.words();
        assert!(log.contains("a reply to an inquiry did not leave") && !log.contains("550"), "{log}");
        assert_eq!(kept_promises(&app).await, 0);
        app.clock.advance(SignedDuration::from_hours(1));
        let staff = back(&staff).await;
        tries_again(&app, &staff).await;
        assert_eq!(stands(&app).await, (Status::Answered, true));
        assert_eq!(kept_promises(&app).await, 1);
        assert!(staff.inbox("").await.is_empty());
        let words = staff.opens(&path).await.words();
        assert!(words.contains("The reply left after all"), "{words}");
        let inquiry = app.store.inquiries_after(0, jiff::Timestamp::MIN, 1).await.unwrap().remove(0);
        assert_eq!(inquiry.answered_at, Some(app.clock.now()), "when it left, not when it was written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_whose_reply_was_given_up_after_a_week_is_to_do_again() {
    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    app.mail_server.is(Mood::Greylisting);
    staff.posts(&format!("{path}/reply"), &[("message", "Come."), ("then", "close")]).await;
    app.deliver().await;
    assert_eq!(stands(&app).await, (Status::Closed, true), "it may leave yet");
    for _ in 0..(7 * 24 * 4 + 60) {
        app.clock.advance(SignedDuration::from_mins(15));
        app.deliver().await;
    }
    assert_eq!(stands(&app).await, (Status::Open, false));
    let staff = back(&staff).await;
    assert!(staff.opens(&path).await.words().contains("The reply did not leave: it was tried for a week"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_called_or_got_another_reply_stays_answered() {
    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    app.mail_server.is(Mood::Good);
    staff.posts(&format!("{path}/reply"), &[("message", "Come on Monday.")]).await;
    app.deliver().await;
    let first = app.store.inquiries_after(0, jiff::Timestamp::MIN, 1).await.unwrap().remove(0).answered_at;
    app.clock.advance(SignedDuration::from_mins(5));
    replies_in_vain(&app, &staff, &path, "").await;
    assert_eq!(stands(&app).await, (Status::Answered, true), "the first reply left");
    let inquiry = app.store.inquiries_after(0, jiff::Timestamp::MIN, 1).await.unwrap().remove(0);
    assert_eq!(inquiry.answered_at, first);

    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    app.clock.advance(SignedDuration::from_mins(5));
    replies_in_vain(&app, &staff, &path, "").await;
    assert_eq!(stands(&app).await, (Status::Answered, true), "they were called");
    assert!(staff.opens(&path).await.words().contains("The reply did not leave:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_beside_a_refused_reply_is_taken_back_whole() {
    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    replies_in_vain(&app, &staff, &path, "").await;
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    assert_eq!(stands(&app).await, (Status::Answered, true));
    assert_eq!(staff.posts(&format!("{path}/undo"), &[]).await.status, 303);
    assert_eq!(stands(&app).await, (Status::Open, false), "nobody answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_merged_after_a_reply_that_failed_brings_the_kept_one_back() {
    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    app.mail_server.is(Mood::Greylisting);
    staff.posts(&format!("{path}/reply"), &[("message", "Come."), ("then", "close")]).await;
    app.deliver().await;
    somebody_asks(&app, "other words").await;
    let kept = staff.inbox("").await.remove(0);
    let reference = path.rsplit('/').next().unwrap();
    let asked = staff.opens(&format!("{kept}/merge?with={reference}")).await;
    let (version, with_version) = (asked.value_of("version"), asked.value_of("with_version"));
    let fields = [("with", reference), ("version", &version), ("with_version", &with_version)];
    assert_eq!(staff.posts(&format!("{kept}/merge"), &fields).await.status, 303);
    staff.posts(&format!("{kept}/status"), &[("status", "closed")]).await;
    assert!(staff.inbox("").await.is_empty());
    app.mail_server.is(Mood::Refusing("quirina".to_owned()));
    app.delivers_for(SignedDuration::from_mins(75)).await;
    let staff = back(&staff).await;
    assert_eq!(staff.inbox("").await, [kept.as_str()]);
    assert!(staff.opens(&kept).await.words().contains("The reply did not leave:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_tried_again_only_from_the_page_of_its_own_inquiry() {
    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    replies_in_vain(&app, &staff, &path, "").await;
    somebody_asks(&app, "other words").await;
    app.mail_server.comes_back();
    app.deliver().await;
    let other = staff.inbox("").await.into_iter().find(|other| *other != path).unwrap();
    let page = staff.opens(&path).await.text();
    let mail = crate::http::between(&page, "name=\"mail\" value=\"", "\"").unwrap();
    for (inquiry, mail) in
        [(&other, mail.as_str()), (&"/admin/inquiries/BW-2222-2222".to_owned(), &mail), (&path, "unknown")]
    {
        let refused = staff.posts(&format!("{inquiry}/retry"), &[("mail", mail)]).await;
        assert_eq!(refused.status, 404, "{mail} from {inquiry}: {}", refused.words());
        assert!(refused.words().contains("Sign out"), "at the desk");
    }
    let counts = app.store.outbox_counts().await.unwrap();
    assert_eq!((counts.failed, counts.queued), (1, 0), "nothing was tried");
    assert!(!app.store.audit(9).await.unwrap().iter().any(|entry| entry.action == "mail.retry"));
    assert_eq!(staff.posts(&format!("{path}/retry"), &[("mail", &mail)]).await.status, 303);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_tried_again_in_the_outbox_leads_back_to_the_same_mails_with_what_came_of_it() {
    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    replies_in_vain(&app, &staff, &path, "").await;
    let reference = path.rsplit('/').next().unwrap();
    for state in ["failed", ""] {
        let view = if state.is_empty() { "/admin/mail?".to_owned() } else { format!("/admin/mail?state={state}&") };
        let page = staff.opens(view.trim_end_matches(['?', '&'])).await;
        assert!(!page.words().contains("is tried again now"), "nothing yet: {}", page.words());
        let retry = crate::http::between(&page.text(), "form=\"trying\" formaction=\"", "\"").unwrap();
        let carried = page.carried();
        let carried: Vec<_> = carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let tried = staff.posts(&retry, &carried).await;
        assert!(
            tried.status == 303 && tried.location().starts_with(&format!("{view}retried=")),
            "{}",
            tried.location()
        );
        let words = staff.opens(tried.location()).await.words();
        assert!(words.contains(&format!("“Reply” of {reference} is tried again now.")), "{words}");
        app.deliver().await;
        let words = staff.opens(tried.location()).await.words();
        assert!(words.contains(&format!("“Reply” of {reference} was tried again and failed again.")), "{words}");
        app.clock.advance(SignedDuration::from_mins(6));
        assert!(!staff.opens(tried.location()).await.words().contains("was tried again"), "it was a while ago");
    }
    assert!(!staff.opens("/admin/mail?retried=another").await.words().contains("tried again now"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_tried_again_on_a_later_page_of_the_outbox_leads_back_to_that_page() {
    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    replies_in_vain(&app, &staff, &path, "").await;
    for place in ["older=9999999999999.z", "newer=1.z"] {
        let view = format!("/admin/mail?state=failed&{place}");
        let page = staff.opens(&view).await;
        let retry = crate::http::between(&page.text(), "form=\"trying\" formaction=\"", "\"").unwrap();
        let carried = page.carried();
        let carried: Vec<_> = carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let tried = staff.posts(&retry, &carried).await;
        assert!(tried.location().starts_with(&format!("{view}&retried=")), "{}", tried.location());
        let after = staff.opens(tried.location()).await;
        assert!(after.words().contains("is tried again now."), "{}", after.words());
        assert!(
            after.text().contains("rel=\"prev\" href=\"/admin/mail?state=failed\""),
            "from an empty page to the first"
        );
        app.deliver().await;
    }
    let foreign = [("state", "failed"), ("older", "0.x&retried=https://e.example")];
    let failed = staff.opens("/admin/mail?state=failed").await.text();
    let retry = crate::http::between(&failed, "form=\"trying\" formaction=\"", "\"").unwrap();
    let tried = staff.posts(&retry, &foreign).await;
    assert!(
        tried.location().starts_with("/admin/mail?state=failed&older=0.x%26retried%3Dhttps"),
        "{}",
        tried.location()
    );
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_tried_again_on_the_page_of_its_inquiry_leads_back_there_with_what_came_of_it() {
    let app = App::start().await;
    let (mut staff, path) = asked(&app).await;
    replies_in_vain(&app, &staff, &path, "").await;
    let page = staff.opens(&format!("{path}?back=%2Fadmin%2Finquiries%3Fstatus%3Dopen")).await.text();
    let retry = format!("{path}/retry");
    let button = format!("form=\"writing\" formaction=\"{retry}\" name=\"mail\" value=\"");
    let mail = crate::http::between(&page, &button, "\"").unwrap();
    let carried = [("mail", mail.as_str()), ("back", "/admin/inquiries?status=open")];
    let tries = async |staff: &Staff<'_>| {
        let answer = staff.posts(&retry, &carried).await;
        assert!(answer.status == 303 && answer.location().starts_with(&format!("{path}?")), "{}", answer.location());
        assert!(answer.location().ends_with("back=%2Fadmin%2Finquiries%3Fstatus%3Dopen"), "{}", answer.location());
        answer.location().to_owned()
    };
    let says = async |staff: &Staff<'_>, address: &str| {
        let main = staff.opens(address).await.text().split("<main").nth(1).unwrap().to_owned();
        let said = main.split("role=\"status\">").skip(1).map(|rest| rest.split("</div>").next().unwrap().to_owned());
        crate::http::words(&said.filter(|words| words.contains("Reply to the writer")).collect::<String>())
    };
    let after = tries(&staff).await;
    let said = says(&staff, &after).await;
    assert!(said.starts_with("“Reply to the writer” is tried again now."), "{said}");
    app.deliver().await;
    let said = says(&staff, &after).await;
    assert!(said.starts_with("“Reply to the writer” was tried again and failed again."), "{said}");
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    assert_eq!(says(&colleague, &after).await, "", "somebody else had it tried");

    app.clock.advance(SignedDuration::from_mins(31));
    let sign_in = staff.opens(staff.posts(&retry, &carried).await.location()).await;
    let opened = staff.signs_in_on(&sign_in, "admin@clinic.example").await;
    assert!(opened.location().starts_with(&path), "whose session ended comes back there: {}", opened.location());
    assert_eq!(says(&staff, &after).await, "", "it was a while ago");

    app.mail_server.comes_back();
    let after = tries(&staff).await;
    app.deliver().await;
    let said = says(&staff, &after).await;
    assert!(said.starts_with("“Reply to the writer” was tried again and has left."), "{said}");
    let late = staff.signs_in_again("berta@clinic.example", PASSWORD).await.0;
    let said = says(&late, &tries(&late).await).await;
    assert!(said.starts_with("“Reply to the writer” has left already. Nothing was changed."), "{said}");
    assert!(says(&late, &format!("{path}?retried=another")).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_became_a_file_is_not_called_sent() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().join("mail").display());
    let app = App::with(&[("BACKWISE_MAIL__URL", &url)]).await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    app.deliver().await;
    let path = staff.inbox("").await.remove(0);
    staff.posts(&format!("{path}/reply"), &[("message", "Come at ten.")]).await;
    for (page, to) in [(path.as_str(), " for quirina.mailcanary@example.org"), ("/admin/mail", "")] {
        let words = staff.opens(page).await.words();
        assert!(words.contains(&format!("waiting to be written to a file{to}")), "{page}: {words}");
        assert!(!words.contains("being sent") && !words.contains("attempt"), "{page}: {words}");
    }
    assert!(staff.opens("/admin/mail").await.words().contains("Sent or filed 2"), "no tab calls files sent");
    app.deliver().await;
    for page in [path.as_str(), "/admin/mail"] {
        let text = staff.opens(page).await.text();
        assert!(text.contains(">only a file</span>") && !text.contains(">sent</span>"), "{page}: {text}");
    }
    for page in [path.as_str(), "/admin/mail"] {
        let words =
            staff.opens(page).await.words().replace("it is only written to a file, since no mail server is set", "");
        assert!(!words.contains("written to"), "a path is nothing for whoever answers: {page}");
    }
    app.clock.advance(SignedDuration::from_secs(1));
    let seen = staff.opens(&path).await.value_of("seen");
    let fields = [("email", "right@example.org"), ("contact_by", "email"), ("seen", seen.as_str())];
    let corrected = staff.posts(&format!("{path}/contact"), &fields).await;
    let words = staff.follows(corrected).await.words();
    assert!(words.contains("You corrected the email address. Now: ") && !words.contains("had left"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_names_who_wrote_the_inquiry_of_a_mail() {
    let app = App::start().await;
    let (staff, path) = asked(&app).await;
    let reference = path.rsplit('/').next().unwrap();
    let cell = |page: &str| {
        let cells = page.split("data-label=\"Inquiry\">").skip(1);
        cells.map(|rest| rest.lines().next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let link = format!("<a href=\"{path}\">{reference}</a>");
    let named = format!("<bdi>Quirina Namecanary</bdi> {link}");
    assert_eq!(cell(&staff.opens("/admin/mail").await.text()), [named.as_str(), named.as_str()]);
    somebody_asks(&app, "another").await;
    let found = staff.opens("/admin/mail?q=words").await;
    assert_eq!(cell(&found.text()), [named.as_str(), named.as_str()], "those of one person");
    assert!(found.words().contains("2 mails of 1 inquiry found for “words”."), "{}", found.words());
    let count = "<span class=\"count\">";
    let all = staff.opens("/admin/mail").await.text();
    assert!(all.contains(count) && !found.text().contains(count), "the numbers of the views are of everybody");
    let nobody = staff.opens("/admin/mail?q=zzz").await;
    assert!(nobody.words().contains("0 mails of 0 inquiries found for “zzz”.") && cell(&nobody.text()).is_empty());
    app.deliver().await;
    let searched = app.store.audit(99).await.unwrap();
    assert_eq!(searched.iter().filter(|entry| entry.action == "inbox.searched").count(), 2, "a name may be looked for");
    let other = staff.inbox("?q=another").await.remove(0);
    staff.posts(&format!("{other}/erase"), &[("confirm", other.rsplit('/').next().unwrap())]).await;
    let intruder = Intruder::of(app.folder(), &app.store).await;
    intruder.tries("UPDATE inquiry SET name = message").await.unwrap();
    let damaged = staff.opens("/admin/mail").await;
    assert_eq!(damaged.status, 200, "a damaged name keeps no mail back");
    assert_eq!(cell(&damaged.text()), [link.as_str(), link.as_str()]);
}
