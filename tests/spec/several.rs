//! Changing several inquiries at once: seen first, whole or not at all, nothing behind anybody's back.

use backwise::desk::{Purge, PurgeRule, purge};
use jiff::SignedDuration;

use crate::app::App;
use crate::http::encode;
use crate::people::{PASSWORD, Patient, Staff, somebody_asks};

const CHANGES: &str = "/admin/inquiries/changes";

/// The ticks of the lines of a view, as the page offers them.
async fn ticks(staff: &Staff<'_>, query: &str) -> Vec<String> {
    let page = staff.opens(&format!("/admin/inquiries{query}")).await.text();
    let ticks = page.split("name=ticked value=").skip(1);
    ticks.map(|rest| rest.split(' ').next().unwrap().to_owned()).collect()
}

fn fields(change: &str, ticks: &[String]) -> Vec<(String, String)> {
    let mut fields =
        vec![("change".to_owned(), change.to_owned()), ("back".to_owned(), "/admin/inquiries?status=all".to_owned())];
    fields.extend(ticks.iter().map(|tick| ("ticked".to_owned(), tick.clone())));
    fields
}

async fn confirm(staff: &Staff<'_>, change: &str, ticks: &[String]) -> crate::http::Answer {
    staff.opens(&format!("{CHANGES}?{}", encode(&fields(change, ticks)))).await
}

async fn press(staff: &Staff<'_>, change: &str, ticks: &[String]) -> crate::http::Answer {
    let fields = fields(change, ticks);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    staff.posts(CHANGES, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn several_are_closed_after_one_look_at_what_changes() {
    let app = App::start().await;
    for message in ["one", "two", "three"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let ticked = ticks(&staff, "").await;
    let page = confirm(&staff, "status.closed", &ticked[..2]).await;
    assert_eq!(page.status, 200);
    for tick in &ticked[..2] {
        assert!(page.words().contains(tick.split('.').next().unwrap()), "it lists what changes: {}", page.words());
    }
    assert!(
        page.words().contains("Set the status to “Closed”") && page.words().contains("Change 2"),
        "{}",
        page.words()
    );
    assert_eq!(staff.inbox("").await.len(), 3, "looking changes nothing");

    let done = press(&staff, "status.closed", &ticked[..2]).await;
    assert_eq!(done.status, 303);
    assert!(done.location().starts_with("/admin/inquiries?status=all&done="), "{}", done.location());
    let after = staff.opens(done.location()).await;
    assert!(after.words().contains("2 inquiries are Closed now. Undo"), "{}", after.words());
    assert_eq!((staff.inbox("").await.len(), staff.inbox("?status=closed").await.len()), (1, 2));
    for path in staff.inbox("?status=closed").await {
        assert!(staff.opens(&path).await.words().contains("changed the status from New to Closed"));
    }
    let audit = app.store.audit(99).await.unwrap();
    assert_eq!(audit.iter().filter(|entry| entry.action == "inquiry.status").count(), 2);
    app.deliver().await;
}

/// What the inbox says that somebody changed last, with what its form undoes.
fn last_change(page: &crate::http::Answer) -> Option<(String, Vec<(String, String)>)> {
    let form = crate::http::between(&page.text(), "class=\"last-change quiet no-print\">", "</form>")?;
    let value = |name: &str| {
        let value = crate::http::between(&form, &format!("name=\"{name}\" value=\""), "\"").unwrap();
        (name.to_owned(), crate::http::unescape(&value))
    };
    Some((crate::http::words(&form), vec![value("change"), value("done"), value("back")]))
}

async fn undo(staff: &Staff<'_>, fields: &[(String, String)]) -> crate::http::Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    staff.posts(CHANGES, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_last_is_undone_from_the_inbox_though_they_were_elsewhere_meanwhile() {
    let app = App::start().await;
    for message in ["one", "two", "three", "four"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let last = async |who: &Staff<'_>, view: &str| last_change(&who.opens(&format!("/admin/inquiries{view}")).await);
    assert_eq!(last(&staff, "").await, None, "nothing was changed");
    let ticked = ticks(&staff, "").await;
    assert_eq!(press(&staff, "status.closed", &ticked[..2]).await.status, 303);
    let [left, other] = <[String; 2]>::try_from(staff.inbox("").await).unwrap();
    staff.posts(&format!("{left}/notes"), &[("note", "called")]).await;
    assert_eq!(last(&staff, "?q=three").await, None, "a search is for something else");
    for view in ["", "?status=closed", "?assignee=nobody"] {
        let (words, _) = last(&staff, view).await.unwrap();
        assert_eq!(words, "Last change: 2 inquiries are Closed now. Undo what was just changed", "{view}");
    }
    assert_eq!(last(&colleague, "").await, None, "it is not theirs");
    staff.posts(&format!("{other}/reply"), &[("message", "Come at ten.")]).await;
    assert!(last(&staff, "").await.is_some(), "what was sent to somebody else takes nothing away");
    let (_, fields) = last(&staff, "?status=closed").await.unwrap();
    let undone = undo(&staff, &fields).await;
    assert!(undone.location().starts_with("/admin/inquiries?status=closed&undone="), "{}", undone.location());
    assert_eq!((staff.inbox("").await.len(), last(&staff, "").await), (3, None), "an undoing is not undone");

    app.clock.advance(SignedDuration::from_secs(1));
    staff.posts(&format!("{left}/status"), &[("status", "closed")]).await;
    let (words, fields) = last(&staff, "").await.unwrap();
    assert_eq!(words, "Last change: Quirina Namecanary, Closed. Undo what was just changed");
    assert_eq!(undo(&staff, &fields).await.status, 303);
    assert!(
        staff.opens(&left).await.words().contains("undid a change: the status is New again, not Closed"),
        "as on its page"
    );

    for (is_late, is_changed) in [(false, true), (true, false)] {
        app.clock.advance(SignedDuration::from_secs(1));
        staff.posts(&format!("{left}/assign"), &[("then", "mine")]).await;
        assert!(last(&staff, "").await.is_some());
        if is_late {
            app.clock.advance(SignedDuration::from_mins(30));
        }
        if is_changed {
            colleague.posts(&format!("{left}/status"), &[("status", "open")]).await;
        }
        let (staff, _) = Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
        assert_eq!(last(&staff, "").await, None, "late: {is_late}, changed by somebody else: {is_changed}");
        staff.posts(&format!("{left}/assign"), &[("assignee", "")]).await;
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_several_are_closed_it_is_said_which_of_them_have_no_answer() {
    let app = App::start().await;
    for message in ["one", "two", "three"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let answered = staff.inbox("").await.remove(0);
    staff.posts(&format!("{answered}/status"), &[("status", "answered")]).await;
    let ticked = ticks(&staff, "?status=all").await;
    let page = confirm(&staff, "status.closed", &ticked).await;
    let words = page.words();
    assert!(words.contains("2 of these have not been answered."), "{words}");
    let lines: Vec<String> = page.text().split("<li><strong>").skip(1).map(crate::http::words).collect();
    for line in &lines {
        let is_answered = answered.ends_with(line.split(' ').next().unwrap());
        let marked = line.split("will change").next().unwrap().contains(", not answered");
        assert_ne!(marked, is_answered, "{line}");
    }
    assert_eq!(lines.len(), 3);
    let open = confirm(&staff, "status.open", &ticked).await.words();
    assert!(!open.contains("not been answered") && !open.contains(", not answered"), "only closing ends it: {open}");
    let one: Vec<String> =
        ticked.into_iter().filter(|tick| !answered.ends_with(tick.split('.').next().unwrap())).take(1).collect();
    let words = confirm(&staff, "status.closed", &one).await.words();
    assert!(words.contains("1 of these has not been answered."), "{words}");
    let done = press(&staff, "status.closed", &one).await;
    assert_eq!(done.status, 303, "said, not forbidden");
    let urgent = Patient::opens_the_form(&app).await.answers("urgent", "yes").answers("urgent_seen", "yes");
    urgent.gets_a_receipt().await;
    let words = confirm(&staff, "status.closed", &ticks(&staff, "").await).await.words();
    assert!(words.contains("2 of these have not been answered, 1 of them urgent."), "{words}");
    assert_eq!(words.matches(", urgent, not answered ").count(), 1, "{words}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_several_are_closed_it_is_said_which_of_them_have_ones_own_draft() {
    let app = App::start().await;
    for message in ["one", "two"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let begun = staff.inbox("").await.remove(0);
    let ticked = ticks(&staff, "").await;
    let kept = staff.posts(&format!("{begun}/draft"), &[("message", "half a reply")]).await;
    assert_eq!(kept.status, 303);
    let said = "You have begun a reply or a note to 1 of these, which is not sent or added yet.";
    let page = confirm(&staff, "status.closed", &ticked).await;
    assert!(page.words().contains(said), "{}", page.words());
    let lines: Vec<String> = page.text().split("<li><strong>").skip(1).map(crate::http::words).collect();
    for line in &lines {
        let is_begun = begun.ends_with(line.split(' ').next().unwrap());
        assert_eq!(line.contains(", your draft"), is_begun, "{line}");
    }
    assert_eq!(lines.len(), 2);
    let theirs = confirm(&colleague, "status.closed", &ticked).await.words();
    assert!(theirs.contains("Change 2") && !theirs.contains("your draft"), "nobody else's: {theirs}");
    let given = confirm(&staff, "assign.me", &ticked).await.words();
    assert!(given.contains("Change 2") && !given.contains("You have begun"), "they stay in sight: {given}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changed_meanwhile_is_left_alone_and_told() {
    let app = App::start().await;
    for message in ["one", "two"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let ticked = ticks(&staff, "").await;
    let first = staff.inbox("").await.remove(0);
    staff.posts(&format!("{first}/notes"), &[("note", "I am at it")]).await;
    let page = confirm(&staff, "status.closed", &ticked).await;
    assert!(
        page.words().contains("it was changed since you ticked it") && page.words().contains("Change 1"),
        "{}",
        page.words()
    );
    let done = press(&staff, "status.closed", &ticked).await;
    assert_eq!(done.status, 409);
    assert!(done.words().contains("it was changed since you ticked it; it is left alone"), "{}", done.words());
    assert!(done.words().contains(": changed"), "the other one is done: {}", done.words());
    let on = format!("href=\"{first}?back=%2Fadmin%2Finquiries%3Fstatus%3Dall\"");
    assert!(done.text().contains(&on), "from there the way back leads to the same view: {}", done.text());
    assert_eq!(staff.inbox("?status=closed").await.len(), 1);
    assert_eq!(staff.inbox("").await, [first]);
    let again = press(&staff, "status.closed", &ticked[1..]).await;
    assert_eq!(again.status, 303, "pressed twice, it is so already");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_spam_after_all_gets_its_mails() {
    let app = App::start().await;
    for message in ["Bitte um Termin", "Buy pills"] {
        let form = Patient::opens_the_form(&app).await.answers("blank", "filled by a browser");
        form.answers("message", message).gets_a_receipt().await;
    }
    app.deliver().await;
    assert!(app.mail_server.arrived_for("desk@clinic.example").is_empty());
    let staff = Staff::becomes_the_first_admin(&app).await;
    let choice = "value=\"not-spam\">Not spam: mails leave where they were held back</option>";
    assert!(staff.opens("/admin/inquiries?status=spam").await.text().contains(choice));
    let ticked = ticks(&staff, "?status=spam").await;
    assert_eq!(press(&staff, "not-spam", &ticked[..1]).await.status, 303);
    app.deliver().await;
    assert_eq!(app.mail_server.arrived_for("desk@clinic.example").len(), 1);
    assert_eq!((staff.inbox("?status=spam").await.len(), staff.inbox("?status=new").await.len()), (1, 1));
    let version_two: Vec<String> = ticks(&staff, "?status=new").await;
    let page = confirm(&staff, "not-spam", &version_two).await;
    assert_eq!(page.status, 200);
    assert!(
        page.words().contains("It is so already. Nothing is left") && page.words().contains("is so already and stays"),
        "{}",
        page.words()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ticking_nothing_or_choosing_nothing_is_told_and_odd_requests_change_nothing() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let ticked = ticks(&staff, "").await;
    let nothing = confirm(&staff, "status.closed", &[]).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.words().contains("Nothing is ticked"), "{}", nothing.words());
    let unsaid = confirm(&staff, "", &ticked).await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.words().contains("Choose what to do"), "{}", unsaid.words());
    assert!(unsaid.text().contains("<option value=\"status.closed\">Closed</option>"), "and can be chosen there");
    assert_eq!(unsaid.value_of("ticked"), ticked[0]);
    for (change, tick) in [
        ("status.lost", ticked[0].as_str()),
        ("assign.nobody-known", &ticked[0]),
        ("status.closed", "x.1"),
        ("status.closed", "BW-2222-2222.1"),
    ] {
        let tick = [tick.to_owned()];
        assert_eq!(confirm(&staff, change, &tick).await.status, 422, "{change} {tick:?}");
        assert_eq!(press(&staff, change, &tick).await.status, 422, "{change} {tick:?}");
    }
    let elsewhere = [("change", "status.open"), ("ticked", &ticked[0]), ("back", "//evil.example/")];
    assert!(staff.posts(CHANGES, &elsewhere).await.location().starts_with("/admin/inquiries?done="));
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_forgets_no_tick() {
    let app = App::start().await;
    for message in ["one", "two"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let ticked = ticks(&staff, "").await;
    app.clock.advance(SignedDuration::from_mins(31));
    let answer = press(&staff, "status.open", &ticked).await;
    assert_eq!(answer.status, 303);
    let sign_in = staff.opens(answer.location()).await;
    let next = sign_in.value_of("next");
    let fields = [("email", "admin@clinic.example"), ("password", PASSWORD), ("next", next.as_str())];
    let back = staff.posts("/admin/login", &fields).await;
    let (staff, _) = staff.signs_in_again("admin@clinic.example", PASSWORD).await;
    let page = staff.opens(back.location()).await;
    assert!(page.words().contains("Set the status to “Open”") && page.words().contains("Change 2"), "{}", page.words());
    assert_eq!(staff.inbox("?status=open").await.len(), 0);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_with_several_is_said_in_words_and_taken_back_with_one_button() {
    let app = App::start().await;
    for message in ["one", "two", "three"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let done = press(&staff, "assign.me", &ticks(&staff, "").await[..1]).await;
    let after = staff.opens(done.location()).await;
    assert!(after.words().contains("1 inquiry is assigned to Adele Admin now."), "{}", after.words());
    let done = press(&staff, "status.closed", &ticks(&staff, "").await[..2]).await;
    let after = staff.opens(done.location()).await.text();
    let form = crate::http::between(&after, "class=\"banner good undo", "</form>").unwrap();
    let place = crate::http::between(&form, "name=\"done\" value=\"", "\"").unwrap();
    let undo = [("change", "undo"), ("done", place.as_str())];
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let refused = colleague.posts(CHANGES, &undo).await;
    assert_eq!((refused.status, staff.inbox("?status=closed").await.len()), (422, 2), "only one's own");
    let back = staff.posts(CHANGES, &undo).await;
    let after = staff.opens(back.location()).await;
    assert!(after.words().contains("Undone: 2 inquiries are New again."), "{}", after.words());
    assert!(!after.words().contains(". Undo"), "that is not undone in its turn");
    let before = staff.opens(done.location()).await.words();
    assert!(!before.contains("Closed now"), "a browser that goes back hears nothing untrue: {before}");
    assert_eq!(staff.inbox("?status=new").await.len(), 3);
    let audit = app.store.audit(99).await.unwrap();
    assert_eq!(audit.iter().filter(|entry| entry.action == "inquiry.undone").count(), 2, "not the change before");
    assert_eq!(staff.inbox("?assignee=me").await.len(), 1);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_to_one_of_them_since_is_not_taken_back_in_its_place() {
    let app = App::start().await;
    for message in ["one", "two", "three"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let paths = staff.inbox("").await;
    let done = press(&staff, "status.open", &ticks(&staff, "").await).await;
    let place = done.location().rsplit('=').next().unwrap();
    staff.posts(&format!("{}/status", paths[0]), &[("status", "answered")]).await;
    colleague.posts(&format!("{}/status", paths[1]), &[("status", "closed")]).await;
    // What changes nothing is in nobody's way.
    staff.posts(&format!("{}/notes", paths[2]), &[("note", "called")]).await;
    colleague.posts(&format!("{}/notes", paths[2]), &[("note", "I am at it")]).await;
    let back = staff.posts(CHANGES, &[("change", "undo"), ("done", place)]).await;
    assert_eq!(back.status, 409);
    let words = back.words();
    assert!(words.contains("1 was changed. 1 was left alone: not possible from there."), "{words}");
    assert_eq!(staff.inbox("?status=new").await, paths[2..]);
    assert_eq!(staff.inbox("?status=answered").await, paths[..1]);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_of_the_inbox_claims_what_was_not_done_now_and_by_oneself() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let says = async |staff: &Staff<'_>, query: &str| {
        staff.opens(&format!("/admin/inquiries?status=all&{query}")).await.text().contains("banner good undo")
    };
    for query in ["done=0-999", "undone=0-999", "done=999", "done=a-b", "done=-1--9", "changed=7"] {
        assert!(!says(&staff, query).await, "nothing was done: {query}");
    }
    press(&staff, "status.open", &ticks(&staff, "").await).await;
    assert!(says(&staff, "done=0-999").await);
    assert!(!says(&colleague, "done=0-999").await, "somebody else did it");
    app.clock.advance(SignedDuration::from_mins(6));
    assert!(!says(&staff, "done=0-999").await, "it was a while ago");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_alone_is_counted_with_the_reason() {
    let app = App::start().await;
    for message in ["one", "two", "three"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let ticked = ticks(&staff, "").await;
    press(&staff, "status.closed", &ticked[..1]).await;
    let done = press(&staff, "status.closed", &ticked[..2]).await;
    assert_eq!(done.status, 200);
    assert!(done.words().contains("1 was changed. 1 was left alone: so already."), "{}", done.words());
    let back = crate::http::between(&done.text(), "<a class=\"button\" href=\"", "\"").unwrap();
    let back = staff.opens(&crate::http::unescape(&back)).await;
    assert!(back.words().contains("1 inquiry is Closed now. Undo"), "{}", back.words());
    let stale = press(&staff, "status.open", &ticked).await;
    assert_eq!(stale.status, 409);
    let words = stale.words();
    assert!(words.contains("1 was changed. 2 were left alone: changed since the list was shown."), "{words}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_given_to_nobody_beside_the_one_it_is_answered_with() {
    let app = App::start().await;
    for message in ["one", "two"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let duplicate = paths[1].rsplit('/').next().unwrap();
    let asked = staff.opens(&format!("{}/merge?with={duplicate}", paths[0])).await;
    let (version, with_version) = (asked.value_of("version"), asked.value_of("with_version"));
    let fields = [("with", duplicate), ("version", version.as_str()), ("with_version", with_version.as_str())];
    assert_eq!(staff.posts(&format!("{}/merge", paths[0]), &fields).await.status, 303);
    let ticked = ticks(&staff, "?status=all").await;
    assert!(confirm(&staff, "assign.me", &ticked).await.words().contains("Change 1"));
    let done = press(&staff, "assign.me", &ticked).await;
    assert_eq!(done.status, 409);
    assert!(done.words().contains("1 was changed. 1 was left alone"), "{}", done.words());
    assert_eq!(staff.inbox("?status=all&assignee=me").await, [paths[0].clone()]);
    app.deliver().await;
}

/// The statuses that a page offers to set.
fn offered(page: &crate::http::Answer) -> Vec<String> {
    let text = page.text();
    let options = text.split("<option value=\"status.").skip(1);
    options.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_one_status_offers_where_its_inquiries_may_go_and_a_mixed_one_all_that_some_may() {
    let app = App::start().await;
    for message in ["one", "two", "three", "four"] {
        somebody_asks(&app, message).await;
    }
    let spam = Patient::opens_the_form(&app).await.answers("blank", "filled by a browser");
    spam.answers("message", "Buy pills").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (message, status) in [("one", "open"), ("two", "answered"), ("three", "closed")] {
        let path = staff.inbox(&format!("?q={message}")).await.remove(0);
        assert_eq!(staff.posts(&format!("{path}/status"), &[("status", status)]).await.status, 303);
    }
    for (view, moves) in [
        ("?status=new", vec!["open", "answered", "closed", "spam"]),
        ("?status=open", vec!["new", "answered", "closed", "spam"]),
        ("?status=answered", vec!["open", "closed"]),
        ("?status=closed", vec!["open"]),
        ("?status=spam", vec!["open", "closed"]),
        ("?status=closed&q=three", vec!["open"]),
        ("", vec!["new", "open", "answered", "closed", "spam"]),
        ("?status=all", vec!["new", "open", "answered", "closed", "spam"]),
    ] {
        let page = staff.opens(&format!("/admin/inquiries{view}")).await;
        assert_eq!(offered(&page), moves, "{view}");
    }
    let closed = ticks(&staff, "?status=closed").await;
    assert_eq!(offered(&confirm(&staff, "", &closed).await), ["open"], "where nothing was chosen yet");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spam_that_left_the_trap_empty_is_set_aside_by_hand_and_goes_thirty_days_after_it_came() {
    let app = App::start().await;
    for message in ["Buy Pillcanary one", "Buy Pillcanary two"] {
        somebody_asks(&app, message).await;
    }
    app.deliver().await;
    let mails = || app.mail_server.arrived_for("desk@clinic.example").len();
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert_eq!((mails(), staff.inbox("?q=Pillcanary").await.len()), (2, 2));
    let ticked = ticks(&staff, "").await;
    assert_eq!(press(&staff, "status.spam", &ticked).await.status, 303);
    app.deliver().await;
    assert_eq!((mails(), staff.inbox("").await.len(), staff.inbox("?q=Pillcanary").await.len()), (2, 0, 0));
    assert_eq!(staff.inbox("?status=spam").await.len(), 2);
    let rule = PurgeRule { retention_days: 0, confirmed: true, dry_run: false };
    for (seconds, gone) in [(30 * 24 * 3600, 0), (1, 2)] {
        app.clock.advance(SignedDuration::from_secs(seconds));
        let Purge::Erased(erased) = purge(&app.store, rule, app.clock.now()).await.unwrap() else {
            panic!("confirmed")
        };
        assert_eq!(erased.len(), gone);
    }
    let staff = staff.signs_in_again("admin@clinic.example", PASSWORD).await.0;
    let help = staff.opens("/admin/help").await.words();
    for told in ["tick several and choose that under the list", "it is erased 30 days after it came"] {
        assert!(help.contains(told), "{help}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_back_from_the_question_finds_the_same_lines_ticked() {
    let app = App::start().await;
    for message in ["one", "two", "three"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let all = ticks(&staff, "?status=all").await;
    for (change, ticked) in [("status.closed", &all[1..]), ("", &all[..1])] {
        let asked = confirm(&staff, change, ticked).await;
        let back = asked.text().split("<a class=\"button quiet-button\" href=\"").nth(1).unwrap().to_owned();
        let back = crate::http::unescape(back.split('"').next().unwrap());
        let back = back.split('#').next().unwrap();
        let list = staff.opens(back).await.text();
        let lines = list.split("name=ticked value=").skip(1);
        let found: Vec<String> = lines
            .filter(|line| line.split('>').next().unwrap().ends_with(" checked"))
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(found, ticked, "{back}");
        let chosen =
            list.split("<option value=\"").filter(|option| option.split('>').next().unwrap().ends_with(" selected"));
        let chosen: Vec<_> =
            chosen.map(|option| option.split('"').next().unwrap()).filter(|value| value.contains('.')).collect();
        assert_eq!(chosen, if change.is_empty() { Vec::new() } else { vec![change] }, "{back}");
    }
    app.deliver().await;
}
