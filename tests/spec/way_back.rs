//! The way back to the view of the inbox from which somebody came, whatever they do with an inquiry; and on to the next.

use jiff::SignedDuration;

use crate::app::App;
use crate::http::{Answer, between, encode, send};
use crate::people::{PASSWORD, Patient, Staff, somebody_asks};

/// A filtered search for what a patient typed, as the inbox writes its address.
const VIEW: &str = "/admin/inquiries?status=new&q=R%C3%BCckenschmerzen-Canary";

/// Opens a page by pressing something on another one.
async fn opens_from(app: &App, staff: &Staff<'_>, from: &str, path: &str) -> Answer {
    send(app.address, "GET", path, &[("cookie", &staff.cookie), ("referer", from)], b"").await
}

/// Where the first step of the trail leads, but for the line.
fn way_back(page: &Answer) -> String {
    first_step(page).split('#').next().unwrap().to_owned()
}

/// Where the first step of the trail leads.
fn first_step(page: &Answer) -> String {
    let trail = between(&page.linked(), "<ol class=\"trail\"><li><a href=\"", "\"");
    crate::http::unescape(&trail.unwrap_or_else(|| panic!("no trail on {} {}", page.status, page.words())))
}

/// Where the offer of the next leads, and its words.
fn next(page: &Answer) -> Option<(String, String)> {
    let text = page.linked();
    let at = text.find("accesskey=\"e\"")?;
    let link = &text[text[..at].rfind("<a ").unwrap()..];
    let link = &link[..link.find("</a>").unwrap()];
    Some((crate::http::unescape(&between(link, "href=\"", "\"").unwrap()), crate::http::words(link)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_leads_back_to_the_very_view_whatever_is_done_meanwhile() {
    let app = App::start().await;
    for message in ["Rückenschmerzen-Canary one", "Rückenschmerzen-Canary two"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let path = &paths[0];
    let page = opens_from(&app, &staff, &format!("{}{VIEW}", app.url), path).await;
    assert_eq!((way_back(&page), page.value_of("back").as_str()), (VIEW.to_owned(), VIEW));
    let forms = page.text().matches(&format!(" action=\"{path}/")).count();
    assert_eq!((forms > 1, page.text().matches("name=\"back\"").count()), (true, forms), "each form carries it");
    let stale = page.value_of("version");
    let does = async |action: &str, fields: &[(&str, &str)], status: u16| {
        let fields: Vec<_> = fields.iter().copied().chain([("back", VIEW)]).collect();
        let answer = staff.posts(&format!("{path}/{action}"), &fields).await;
        assert_eq!(answer.status, status, "{action}: {}", answer.words());
        let page = staff.follows(answer).await;
        assert_eq!(way_back(&page), VIEW, "{action} {status}");
        page
    };
    does("status", &[("status", "open")], 303).await;
    does("undo", &[], 303).await;
    let other = paths[1].rsplit('/').next().unwrap();
    let asked = does("draft", &[("merge", other)], 303).await;
    assert_eq!((asked.title().starts_with("Merge "), asked.value_of("back").as_str()), (true, VIEW));
    does("merge", &[("with", other)], 303).await;
    does("reply", &[("message", "Come at ten."), ("note", "half a note")], 303).await;
    does("notes", &[("note", "")], 422).await;
    let late = does("notes", &[("note", "late"), ("version", &stale)], 409).await;
    assert_eq!(late.value_of("back"), VIEW, "and once more");
    let reference = path.rsplit('/').next().unwrap();
    let erased = staff.posts(&format!("{path}/erase"), &[("confirm", reference), ("back", VIEW)]).await;
    let button = between(&erased.text(), "<a class=\"button\" href=\"", "\"").unwrap();
    assert_eq!(crate::http::unescape(&button), VIEW);
    let gone = staff.posts(&format!("{path}/notes"), &[("note", "too late"), ("back", VIEW)]).await;
    assert!(
        gone.status == 404 && gone.text().contains("href=\"/admin/inquiries?status=new&#38;q=R%C3"),
        "{}",
        gone.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_leads_to_the_line_from_which_somebody_came() {
    let app = App::start().await;
    for message in ["my left knee", "my right knee"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let list = staff.opens("/admin/inquiries?q=knee").await.text();
    for path in staff.inbox("?q=knee").await {
        let page = opens_from(&app, &staff, &format!("{}/admin/inquiries?q=knee", app.url), &path).await;
        assert!(page.linked().contains("accesskey=\"g\">Inbox: a search</a>"), "it has a key and says where it leads");
        let back = first_step(&page);
        let line = back.strip_prefix("/admin/inquiries?q=knee#").unwrap();
        assert!(list.contains(&format!("<a href=\"{path}\" id={line}>")), "{line} in {list}");
        assert!(list.contains(&format!(" aria-labelledby={line}>")), "its box is named by it");
    }
    let path = staff.inbox("").await.remove(0);
    for (view, title) in
        [("", "Inbox"), ("?status=closed&sort=latest", "Inbox: Closed"), ("?assignee=me", "Inbox: Mine")]
    {
        let page = opens_from(&app, &staff, &format!("{}/admin/inquiries{view}", app.url), &path).await;
        assert_eq!(
            page.linked().matches(&format!(">{title}</a>")).count(),
            if view.is_empty() { 3 } else { 2 },
            "{view}"
        );
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_leads_nowhere_but_to_the_inbox_and_repeats_nothing_foreign() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let long = format!("/admin/inquiries?technique={}", "a".repeat(1_100));
    for (carried, leads_to) in [
        ("/admin/inquiries", "/admin/inquiries"),
        ("/admin/inquiries?after=0.5.7&evil=%3Cscript%3E&q=knee", "/admin/inquiries?q=knee&after=0.5.7"),
        ("/admin/inquiries?q=a%0D%0Ab", "/admin/inquiries?q=a%0D%0Ab"),
        ("/admin/inquiries?q=a&q=b", "/admin/inquiries?q=b"),
        ("/admin/inquiries?done=1-9", "/admin/inquiries"),
        ("/admin/inquiries/changes?status=new", "/admin/inquiries"),
        ("/admin/inquiriesx?status=new", "/admin/inquiries"),
        ("/admin/inquiries.evil.example/?status=new", "/admin/inquiries"),
        ("/admin/audit?status=new", "/admin/inquiries"),
        (&long, "/admin/inquiries"),
    ] {
        let page = opens_from(&app, &staff, &format!("{}{carried}", app.url), &path).await;
        assert_eq!(way_back(&page), leads_to, "from {carried}");
        let address = format!("{path}?{}", encode(&[("back".to_owned(), carried.to_owned())]));
        assert_eq!(way_back(&staff.opens(&address).await), leads_to, "{address}");
    }
    for foreign in ["https://evil.example/admin/inquiries?status=new", "//evil.example", "javascript:alert(1)", ""] {
        assert_eq!(way_back(&opens_from(&app, &staff, foreign, &path).await), "/admin/inquiries", "{foreign}");
        let address = format!("{path}?{}", encode(&[("back".to_owned(), foreign.to_owned())]));
        assert_eq!(way_back(&staff.opens(&address).await), "/admin/inquiries", "{address}");
        let done = staff.posts(&format!("{path}/assign"), &[("assignee", ""), ("back", foreign)]).await;
        assert_eq!(done.location(), format!("{path}?again=change"), "{foreign}");
    }
    let sister = format!("{}.evil.example/admin/inquiries?status=new", app.url);
    assert_eq!(way_back(&opens_from(&app, &staff, &sister, &path).await), "/admin/inquiries");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_survives_the_end_of_a_session() {
    let app = App::start().await;
    somebody_asks(&app, "Rückenschmerzen-Canary").await;
    app.deliver().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    app.clock.advance(SignedDuration::from_mins(31));
    let asked = opens_from(&app, &staff, &format!("{}{VIEW}", app.url), &path).await;
    let sign_in = staff.opens(asked.location()).await;
    let opened = staff.signs_in_on(&sign_in, "admin@clinic.example").await;
    assert_eq!(way_back(&staff.opens(opened.location()).await), VIEW);

    app.clock.advance(SignedDuration::from_mins(31));
    let asked = staff.posts(&format!("{path}/notes"), &[("note", "a thought"), ("back", VIEW)]).await;
    assert_eq!(asked.status, 401);
    let kept = staff.signs_in_on(&asked, "admin@clinic.example").await;
    let kept = staff.follows(kept).await;
    assert_eq!((way_back(&kept).as_str(), kept.value_of("back").as_str()), (VIEW, VIEW));

    for button in ["undo", "remove-note", "separate"] {
        app.clock.advance(SignedDuration::from_mins(31));
        let asked = staff.posts(&format!("{path}/{button}"), &[("back", VIEW)]).await;
        let sign_in = staff.opens(asked.location()).await;
        let opened = staff.signs_in_on(&sign_in, "admin@clinic.example").await;
        assert_eq!(way_back(&staff.opens(opened.location()).await), VIEW, "{button}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_done_with_one_is_offered_the_next_and_hears_when_nothing_waits() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    form.clone().answers("name", "First Canaryname").answers("message", "one").gets_a_receipt().await;
    app.clock.advance(SignedDuration::from_hours(1));
    form.clone().answers("name", "Second Canaryname").answers("message", "two").gets_a_receipt().await;
    let urgent = form.answers("urgent", "yes").answers("urgent_seen", "yes").answers("name", "Urgent Canaryname");
    urgent.answers("message", "three").gets_a_receipt().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let [urgent, first, second] = [&paths[0], &paths[1], &paths[2]];
    let offered = async |path: &str| next(&staff.opens(path).await);
    let words = "Next to do: First Canaryname , answer by Monday 23 November, 10:00";
    assert_eq!(offered(urgent).await, Some((first.clone(), words.to_owned())), "never the one that is open");
    for (shown, next) in [(first, second), (second, urgent), (urgent, first)] {
        assert_eq!(offered(shown).await.unwrap().0, *next, "whoever leaves one for later comes past all");
    }
    let page = staff.opens(first).await.linked();
    let left = "href=\"/admin/inquiries?urgent=1#found\">1 urgent still waiting</a>";
    assert_eq!(
        page.matches(left).count(),
        2,
        "an urgent one that was opened still waits, said at the top and at the end"
    );
    let late = Patient::opens_the_form(&app).await.answers("urgent", "unsure").answers("urgent_seen", "yes");
    late.answers("name", "Late Canaryname").answers("message", "four").gets_a_receipt().await;
    let late = staff.inbox("?urgent=1").await.into_iter().find(|path| path != urgent).unwrap();
    assert_eq!(offered(first).await.unwrap().0, late, "what is urgent and unopened comes before all");
    staff.posts(&format!("{late}/status"), &[("status", "closed")]).await;

    let view = "/admin/inquiries?assignee=nobody";
    let closes = async |path: &str| {
        let seen = staff.opens(path).await.value_of("seen");
        let fields = [("status", "closed"), ("seen", seen.as_str()), ("back", view)];
        let done = staff.posts(&format!("{path}/status"), &fields).await;
        staff.opens(done.location()).await
    };
    let after = closes(urgent).await;
    let (next_one, _) = next(&after).unwrap();
    assert_eq!(after.words().matches("Next to do:").count(), 3, "beside the trail, beside what was done, at the end");
    let end = crate::http::between(&after.linked(), "<nav class=\"after", "</nav>").unwrap();
    assert!(after.linked().split("<nav class=\"after").nth(1).unwrap().len() < 900, "that is the end of the page");
    assert!(end.contains(&format!("href=\"{view}#")) && end.contains("\">Inbox: To do</a>"), "{end}");
    assert!(end.contains("<span>Next to do: <bdi>"), "{end}");
    assert_eq!(way_back(&staff.opens(&next_one).await), view, "the way back goes along");
    closes(first).await;
    let note = [("note", "called"), ("seen", "0")];
    let noted = staff.posts(&format!("{second}/notes"), &note).await;
    let noted = staff.opens(noted.location()).await;
    assert!(next(&noted).is_none() && noted.words().contains("Nothing else waits for an answer."), "{}", noted.words());
    let last = closes(second).await;
    assert!(
        next(&last).is_none() && last.words().contains("Nothing waits for an answer any more."),
        "{}",
        last.words()
    );
    assert!(!staff.opens(second).await.words().contains("Nothing waits"), "it is said once");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_to_a_colleague_is_offered_to_nobody_else() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    for (name, urgent) in [("First Canaryname", "yes"), ("Second Canaryname", "no"), ("Third Canaryname", "no")] {
        app.clock.advance(SignedDuration::from_hours(1));
        let form = form.clone().answers("name", name).answers("message", name);
        form.answers("urgent", urgent).answers("urgent_seen", "yes").gets_a_receipt().await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let me = app.store.staff().await.unwrap().remove(0).id;
    let paths = staff.inbox("").await;
    let [first, second, third] = [&paths[0], &paths[1], &paths[2]];
    let offered = async |who: &Staff<'_>, path: &str| next(&who.opens(path).await).map(|(path, _)| path);
    assert_eq!(offered(&colleague, third).await.as_ref(), Some(first), "it is nobody's");
    staff.posts(&format!("{first}/assign"), &[("assignee", &me)]).await;
    assert_eq!(offered(&colleague, third).await.as_ref(), Some(second), "urgent, but another one's");
    assert_eq!(offered(&staff, third).await.as_ref(), Some(first), "one's own");
    staff.posts(&format!("{second}/assign"), &[("assignee", &me)]).await;
    assert_eq!(offered(&colleague, third).await, None);
    let says = async |status: &str| {
        let seen = colleague.opens(third).await.value_of("seen");
        let done = colleague.posts(&format!("{third}/status"), &[("status", status), ("seen", &seen)]).await;
        colleague.opens(done.location()).await.words()
    };
    for (status, told) in [
        ("open", "Nothing else waits for you; what waits was given to colleagues."),
        ("closed", "Nothing waits for you any more; what waits was given to colleagues."),
    ] {
        let words = says(status).await;
        assert!(words.contains(told), "{words}");
    }
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_works_down_the_inbox_goes_on_below_what_they_have_just_done() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    for message in ["one", "two", "three", "four"] {
        form.clone().answers("message", message).gets_a_receipt().await;
        app.clock.advance(SignedDuration::from_hours(1));
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    let [left, second, third, fourth] = <[String; 4]>::try_from(staff.inbox("").await).unwrap();
    let offered = async |path: &str| next(&staff.opens(path).await).map(|(path, _)| path);
    assert_eq!(offered(&left).await.as_ref(), Some(&second), "left for later");
    staff.posts(&format!("{second}/reply"), &[("message", "Come at ten.")]).await;
    assert_eq!(offered(&second).await.as_ref(), Some(&third), "answered, and not back to what was left");
    staff.posts(&format!("{third}/status"), &[("status", "closed")]).await;
    assert_eq!(offered(&third).await.as_ref(), Some(&fourth));
    assert_eq!(offered(&fourth).await.as_ref(), Some(&left), "at the end from the top again");
    app.clock.advance(SignedDuration::from_mins(20));
    staff.opens(&third).await;
    app.clock.advance(SignedDuration::from_mins(20));
    assert_eq!(offered(&third).await.as_ref(), Some(&left), "who looks at it later begins at the top");
    app.clock.advance(SignedDuration::from_hours(24 * 7));
    let (staff, _) = Staff::signs_in(&app, "admin@clinic.example", PASSWORD).await;
    let (_, words) = next(&staff.opens(&third).await).unwrap();
    assert!(words.starts_with("Next to do, late: Quirina"), "why it comes first: {words}");
    let offered = async |path: &str| next(&staff.opens(path).await).map(|(path, _)| path);
    let found = format!("{third}?back=%2Fadmin%2Finquiries%3Fq%3Dthree");
    staff.posts(&format!("{third}/status"), &[("status", "open")]).await;
    assert_eq!(offered(&third).await.as_ref(), Some(&fourth));
    assert_eq!(next(&staff.opens(&found).await).unwrap().0, left, "who searched for it has passed nothing on the way");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_to_somebody_who_has_no_password_yet_is_offered_as_nobodys() {
    let app = App::start().await;
    for message in ["one", "two"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    staff.posts("/admin/users", &[("email", "new@clinic.example"), ("role", "staff")]).await;
    let members = app.store.staff().await.unwrap();
    let new = members.iter().find(|member| member.email.as_str() == "new@clinic.example").unwrap();
    let paths = staff.inbox("").await;
    staff.posts(&format!("{}/assign", paths[0]), &[("assignee", &new.id)]).await;
    let (offered, words) = next(&staff.opens(&paths[1]).await).unwrap();
    assert_eq!(offered, paths[0], "nobody else will take it up");
    assert!(words.starts_with("Next to do: Quirina"), "{words}");
    let whose = format!("(given to {} , who cannot sign in)", new.name);
    assert!(words.contains(&whose), "and it says whose it is: {words}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_to_somebody_whose_account_is_disabled_is_offered_as_nobodys() {
    let app = App::start().await;
    for message in ["one", "two"] {
        somebody_asks(&app, message).await;
    }
    let staff = Staff::becomes_the_first_admin(&app).await;
    staff.invites("berta@clinic.example", "staff").await;
    let members = app.store.staff().await.unwrap();
    let left = members.iter().find(|member| member.email.as_str() == "berta@clinic.example").unwrap();
    let paths = staff.inbox("").await;
    staff.posts(&format!("{}/assign", paths[0]), &[("assignee", &left.id)]).await;
    let offered = async || next(&staff.opens(&paths[1]).await).map(|(path, _)| path);
    assert_eq!(offered().await, None, "a colleague has it");
    assert_eq!(staff.posts(&format!("/admin/users/{}/disable", left.id), &[]).await.status, 303);
    assert_eq!(offered().await.as_ref(), Some(&paths[0]));
    assert_eq!(staff.posts(&format!("/admin/users/{}/enable", left.id), &[]).await.status, 303);
    assert_eq!(offered().await, None, "they are back");
    app.deliver().await;
}
