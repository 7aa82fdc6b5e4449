//! What somebody takes down of a call is theirs until it is stored: no button of its page loses it, and nobody else sees it.

use backwise::desk::{self, PurgeRule};
use backwise::store::Looking;
use jiff::SignedDuration;

use crate::app::App;
use crate::audit::Intruder;
use crate::html::Page;
use crate::http::Answer;
use crate::people::{PASSWORD, Staff, somebody_asks};

const NEW: &str = "/admin/inquiries/new";
const KEEP: &str = "/admin/inquiries/new/draft";
const ADMIN: &str = "admin@clinic.example";

/// What they have said so far, as it is typed.
const SAID: [(&str, &str); 9] = [
    ("channel", "in-person"),
    ("urgent", "unsure"),
    ("name", "Petra \"Halfcanary\" <b>"),
    ("phone", "+44 1632 960 002"),
    ("best_time", "after four"),
    ("health", "pregnancy"),
    ("health", "sunburn"),
    ("message", "\nTwo\nlines & halfwords"),
    ("consent", "yes"),
];

/// Presses a button of the form with these answers in it, as a browser sends them.
async fn presses(staff: &Staff<'_>, form: &Answer, button: &str, then: &str, said: &[(&str, &str)]) -> Answer {
    let hidden = form.carried();
    let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let then = (!then.is_empty()).then_some(("then", then));
    let fields: Vec<_> = hidden.chain(said.iter().copied()).chain(then).collect();
    staff.posts(button, &fields).await
}

/// Begins a call, keeps it, and gives the address of the draft.
async fn keeps(staff: &Staff<'_>, said: &[(&str, &str)]) -> String {
    let kept = presses(staff, &staff.opens(NEW).await, KEEP, "", said).await;
    assert_eq!(kept.status, 303, "{}", kept.words());
    kept.location().to_owned()
}

fn holds_all(form: &Answer) {
    for name in ["name", "phone", "best_time", "message"] {
        assert_eq!(form.value_of(name), SAID.iter().find(|(field, _)| *field == name).unwrap().1, "{name}");
    }
    for name in ["channel", "urgent", "health", "consent"] {
        for (_, value) in SAID.iter().filter(|(field, _)| *field == name) {
            assert!(form.is_chosen(name, value), "{name} {value}");
        }
    }
}

fn is_empty(form: &Answer) -> bool {
    form.value_of("name").is_empty() && form.value_of("message").is_empty() && !form.is_chosen("consent", "yes")
}

async fn drafts_there(app: &App) -> i64 {
    Intruder::of(app.folder(), &app.store).await.rows("call_draft").await
}

/// Where the buttons of a page lead that look like links, and its links.
fn ways_and_links(page: &Answer) -> (Vec<String>, Vec<String>) {
    let page = Page::read(&page.text());
    let links = page.0.iter().filter(|element| element.name == "a" && element.attribute("target") != Some("_blank"));
    let links = links.map(|link| link.attribute("href").unwrap_or_default().to_owned()).collect();
    (page.ways("typed", KEEP), links)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_leads_away_from_a_call_keeps_it_and_leads_there() {
    let app = App::start().await;
    app.has_typed("Halfcanary halfwords");
    somebody_asks(&app, "first").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let read = ("read", path.rsplit('/').next().unwrap());
    let form = presses(&staff, &staff.opens(NEW).await, NEW, "", &[("name", "Petra"), read]).await;
    let (ways, links) = ways_and_links(&form);
    assert!(links.iter().all(|link| link.starts_with('#')), "a link would lose it: {links:?}");
    for way in [
        "/admin/inquiries",
        "/admin/mail",
        "/admin/insights",
        "/admin/users",
        "/admin/audit",
        "/admin/help",
        "/admin/account",
        "/",
        &path,
    ] {
        assert!(ways.iter().any(|there| there == way), "{way} in {ways:?}");
    }
    for way in ways.iter().filter(|way| way.starts_with('/') && *way != NEW) {
        let form = staff.opens(NEW).await;
        app.clock.advance(SignedDuration::from_secs(1));
        let left = presses(&staff, &form, KEEP, way, &SAID).await;
        assert_eq!((left.status, left.location()), (303, way.as_str()), "{}", left.words());
        assert_eq!(drafts_there(&app).await, 2, "{way}");
        let again = presses(&staff, &form, KEEP, way, &SAID).await;
        assert_eq!((again.status, drafts_there(&app).await), (303, 2), "a second press keeps nothing twice");
        let begun = staff.opens("/admin/inquiries").await;
        assert!(
            begun.words().contains("Your drafts: Petra \"Halfcanary\" <b> (a call) , Petra (a call)"),
            "{}",
            begun.words()
        );
        let href = crate::http::between(
            &begun.text(),
            "<p class=\"quiet no-print\" tabindex=\"-1\" accesskey=\"d\">Your drafts: <a class=\"reach\" href=\"",
            "\"",
        )
        .unwrap();
        app.clock.advance(SignedDuration::from_mins(3));
        let back = staff.opens(&href).await;
        holds_all(&back);
        let said = "Your draft, kept 3 minutes ago. It is not stored yet, and only you see it.";
        assert!(back.words().contains(said), "{}", back.words());
        let gone = presses(&staff, &back, KEEP, "discard", &SAID).await;
        let after = staff.follows(gone).await;
        assert!(after.words().contains("The draft is discarded: nothing of it is kept.") && is_empty(&after));
        assert_eq!(drafts_there(&app).await, 1, "the other one stays");
    }
    assert_eq!(staff.inbox("").await.len(), 1, "none of it is an inquiry");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_no_draft_any_more_and_none_again_by_going_back() {
    let app = App::start().await;
    app.has_typed("Halfcanary halfwords");
    let staff = Staff::becomes_the_first_admin(&app).await;
    let draft = keeps(&staff, &SAID).await;
    let form = staff.opens(&draft).await;
    let stored = presses(&staff, &form, NEW, "", &SAID).await;
    assert_eq!((stored.status, drafts_there(&app).await), (303, 0), "{}", stored.words());
    let gone = staff.opens(&draft).await;
    assert!(is_empty(&gone) && gone.words().contains("This draft is there no more: it was stored or discarded."));
    assert!(gone.words().contains("Before this one, you stored BW-"), "{}", gone.words());
    let left = presses(&staff, &form, KEEP, "/admin/mail", &SAID).await;
    assert_eq!((left.location(), drafts_there(&app).await), ("/admin/mail", 0), "it is stored already");
    let again = presses(&staff, &form, NEW, "", &SAID).await;
    assert_eq!((again.status, staff.inbox("").await.len()), (303, 1), "the same inquiry");

    // Who goes back and takes somebody else down there has stored another one, and is told of the first.
    let other = [("channel", "phone"), ("urgent", "no"), ("name", "Petra Halfcanary"), ("phone", "01632 960 003")];
    let other = [&other[..], &[("message", "halfwords"), ("consent", "yes")]].concat();
    app.clock.advance(SignedDuration::from_mins(2));
    let told = staff.follows(presses(&staff, &form, NEW, "", &other).await).await;
    assert!(
        told.words().contains("It was stored just now.") && told.words().contains("Before it, you stored BW-"),
        "{}",
        told.words()
    );
    assert!(told.words().contains("for Petra \"Halfcanary\" <b> 2 minutes ago."), "{}", told.words());
    assert_eq!(staff.inbox("").await.len(), 2);

    let edited = [("name", "Petra Other"), ("message", "Another person.")];
    let left = presses(&staff, &form, KEEP, "", &edited).await;
    assert_eq!((left.status, drafts_there(&app).await), (303, 1), "what was typed over it is new");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_back_to_correct_a_call_that_is_stored_is_led_to_where_it_is_corrected() {
    const MISTYPED: [(&str, &str); 6] = [
        ("channel", "phone"),
        ("urgent", "no"),
        ("name", "Petra Halfcanary"),
        ("phone", "01632 960 003"),
        ("message", "Two lines\r\n& halfwords"),
        ("consent", "yes"),
    ];
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let form = staff.opens(NEW).await;
    let stored = presses(&staff, &form, NEW, "", &MISTYPED).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.follows(stored).await;
    let correct = format!("{path}?correct=1#email");
    assert!(page.text().contains(&format!("href=\"{correct}\" accesskey=\"x\">Correct the address or the number</a>")));
    assert!(staff.opens(&correct).await.text().contains("<details class=\"no-print\" open><summary accesskey=\"x\">"));

    app.clock.advance(SignedDuration::from_mins(2));
    let mut right = MISTYPED;
    right[3].1 = "01632 960 004";
    let asked = presses(&staff, &form, NEW, "", &right).await;
    let reference = path.rsplit('/').next().unwrap();
    let words = format!("You have stored this call It is {reference} for Petra Halfcanary , stored 2 minutes ago.");
    assert!(asked.status == 409 && asked.words().contains(&words), "{}", asked.words());
    assert!(asked.linked().contains(&format!("href=\"{correct}\">Correct it</a>")));
    assert_eq!((asked.value_of("phone").as_str(), staff.inbox("").await.len()), ("01632 960 004", 1));
    for said in [&right[..], &right[2..5]] {
        let left = presses(&staff, &asked, KEEP, &correct, said).await;
        assert_eq!((left.location(), drafts_there(&app).await), (correct.as_str(), 0), "it is stored already");
    }
    let faulty = presses(&staff, &form, NEW, "", &right[..5]).await;
    assert_eq!((faulty.status, drafts_there(&app).await), (422, 0), "{}", faulty.words());
    assert!(faulty.words().contains(&words) && faulty.summary().is_empty(), "{}", faulty.words());
    assert!(!faulty.words().contains("is not stored yet"), "{}", faulty.words());

    // What is new in it is kept, whether it can be stored or not; so is all, where somebody says so.
    let new = [&right[..4], &[("message", "Another reason"), ("consent", "yes")]].concat();
    for (button, then, said, status) in [
        (NEW, "", &new[..5], 422),
        (NEW, "", &new[..], 409),
        (KEEP, "/admin/mail", &[&right[..], &[("best_time", "at noon")]].concat()[..], 303),
        (KEEP, "", &right[..], 303),
    ] {
        let kept = presses(&staff, &asked, button, then, said).await;
        assert_eq!((kept.status, drafts_there(&app).await), (status, 1), "{button} {then}: {}", kept.words());
        presses(&staff, &asked, KEEP, "discard", &[]).await;
    }
    let mean = [&right[..5], &[("second", "meant")]].concat();
    let fault = presses(&staff, &asked, NEW, "", &mean).await;
    assert_eq!((fault.status, fault.summary()), (422, vec!["consent".to_owned()]));
    assert!(fault.carried().contains(&("second".to_owned(), "meant".to_owned())), "it is not asked about twice");
    presses(&staff, &asked, KEEP, "discard", &[]).await;

    assert!(asked.text().contains("name=\"second\" value=\"meant\">Store a second inquiry</button>"));
    assert!(!asked.text().contains("accesskey=\"z\""), "fingers that know the key store no second one");
    let second = presses(&staff, &asked, NEW, "", &[&right[..], &[("second", "meant")]].concat()).await;
    assert_eq!((second.status, staff.inbox("").await.len()), (303, 2), "{}", second.words());
    let other = presses(&staff, &staff.opens(NEW).await, NEW, "", &MISTYPED).await;
    assert_eq!((other.status, staff.inbox("").await.len()), (303, 3), "another form is another call");
    app.clock.advance(SignedDuration::from_mins(61));
    let staff = staff.signs_in_again(ADMIN, PASSWORD).await.0;
    let late = presses(&staff, &form, NEW, "", &[&right[..], &[("email", "p@example.org")]].concat()).await;
    assert_eq!((late.status, staff.inbox("").await.len()), (303, 4), "{}", late.words());
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_cannot_be_stored_yet_is_kept_before_it_comes_back() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let form = staff.opens(NEW).await;
    let faulty = presses(&staff, &form, NEW, "", &[("channel", "phone"), ("name", "Petra Halfcanary")]).await;
    assert_eq!((faulty.status, drafts_there(&app).await), (422, 1));
    assert!(
        faulty.words().contains("Everything you typed is still here, and kept as your draft."),
        "{}",
        faulty.words()
    );
    assert!(
        faulty.words().contains("Keep as draft Discard the draft Discard it for good")
            && !form.words().contains("Discard the draft")
    );
    let href = format!("{NEW}?draft={}", faulty.value_of("draft"));
    assert_eq!(staff.opens(&href).await.value_of("name"), "Petra Halfcanary");
    let empty = presses(&staff, &staff.opens(NEW).await, NEW, "", &[("channel", "phone")]).await;
    assert!(empty.status == 422 && !empty.words().contains("kept as your draft"), "{}", empty.words());
    assert_eq!(drafts_there(&app).await, 1, "a form in which nothing stands is no draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_call_gets_a_form_of_its_own_and_the_first_stays_in_sight() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let first = presses(&staff, &staff.opens(NEW).await, KEEP, NEW, &[("name", "Petra First")]).await;
    let form = staff.follows(first).await;
    assert!(is_empty(&form), "what one says is not in the form for the next");
    assert!(form.words().contains("Your drafts: Petra First (a call)"), "{}", form.words());
    let nameless = presses(&staff, &form, KEEP, "", &[("phone", "01632 960 002")]).await;
    let form = staff.follows(nameless).await;
    assert!(form.words().contains("Your drafts: Petra First (a call)"), "itself is not named: {}", form.words());
    let (ways, _) = ways_and_links(&form);
    let other = ways.iter().find(|way| way.contains("?draft=")).unwrap();
    let left = presses(&staff, &form, KEEP, other, &[("phone", "01632 960 002")]).await;
    let other = staff.follows(left).await;
    assert_eq!(other.value_of("name"), "Petra First");
    assert!(other.words().contains("Your drafts: a call without a name"), "{}", other.words());
    // Emptied, it is none.
    let emptied = presses(&staff, &other, KEEP, "", &[("channel", "phone"), ("name", " ")]).await;
    assert_eq!((emptied.location(), drafts_there(&app).await), (NEW, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_who_takes_a_call_meets_it() {
    let app = App::start().await;
    app.has_typed("Halfcanary halfwords");
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "admin").await;
    let draft = keeps(&staff, &SAID).await;
    let form = staff.opens(&draft).await;
    let seen = colleague.opens(&draft).await;
    assert!(is_empty(&seen) && seen.words().contains("is there no more"), "{}", seen.words());
    for page in ["/admin/inquiries", NEW, "/admin/audit", "/admin/inquiries?q=halfcanary", "/admin/inquiries.csv"] {
        let text = colleague.opens(page).await.text();
        assert!(!text.contains("Halfcanary") && !text.contains("a call)"), "{page}");
    }
    // Under its name a colleague keeps one of their own, and discards nothing of it.
    assert_eq!(presses(&colleague, &form, KEEP, "", &[("name", "Mine")]).await.status, 303);
    assert_eq!(presses(&colleague, &form, KEEP, "discard", &[("name", "Mine")]).await.status, 303);
    assert_eq!(presses(&colleague, &form, NEW, "", &[("name", "Mine")]).await.status, 422);
    holds_all(&staff.opens(&draft).await);
    let everything = app.runs(&["export", "--format", "jsonl"]).stdout;
    assert!(!String::from_utf8_lossy(&everything).contains("Halfcanary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_leads_to_no_page_outside_the_desk() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (then, leads) in [
        ("//evil.example", "/admin/inquiries"),
        ("https://evil.example", "/admin/inquiries"),
        ("/contact", "/admin/inquiries"),
        ("/admin/a\r\nb", "/admin/inquiries"),
        ("/", "/"),
        ("/admin/mail?state=failed", "/admin/mail?state=failed"),
    ] {
        let left = presses(&staff, &staff.opens(NEW).await, KEEP, then, &[]).await;
        assert_eq!((left.status, left.location()), (303, leads), "{then}");
    }
    assert_eq!(drafts_there(&app).await, 0, "nothing was typed");
    let odd = presses(&staff, &staff.opens(NEW).await, KEEP, "", &[("name", "Petra"), ("draft", "../../x")]).await;
    assert_eq!((odd.status, drafts_there(&app).await), (303, 1));
    let odd = staff.posts(KEEP, &[("name", "Petra"), ("draft", "../../x")]).await;
    assert_eq!(
        (odd.location().len(), odd.location().contains("..")),
        (NEW.len() + 7 + 32, false),
        "{}",
        odd.location()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_a_draft_after_the_session_ended_or_they_signed_out() {
    let app = App::start().await;
    let mut staff = Staff::becomes_the_first_admin(&app).await;
    for (button, then) in [(NEW, ""), (KEEP, ""), (KEEP, "/admin/mail")] {
        let form = staff.opens(NEW).await;
        app.clock.advance(SignedDuration::from_mins(31));
        let asked = presses(&staff, &form, button, then, &SAID).await;
        assert_eq!(asked.status, 401);
        let back = staff.signs_in_on(&asked, ADMIN).await;
        let back = staff.follows(back).await;
        holds_all(&back);
        assert!(back.words().contains("Your draft, kept just now."), "{}", back.words());
        assert_eq!((back.value_of("token"), drafts_there(&app).await), (form.value_of("token"), 1));
        presses(&staff, &back, KEEP, "discard", &SAID).await;
    }
    let form = staff.opens(NEW).await;
    let left = presses(&staff, &form, KEEP, "/admin/logout", &SAID).await;
    assert_eq!((left.status, left.location()), (307, "/admin/logout"), "the browser sends the form there");
    assert_eq!(presses(&staff, &form, left.location(), "/admin/logout", &SAID).await.status, 303);
    assert_eq!(staff.opens(NEW).await.status, 303, "signed out");
    let (again, _) = staff.signs_in_again(ADMIN, PASSWORD).await;
    assert!(again.opens(NEW).await.words().contains("(a call)"), "and it is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_does_not_open_is_named_and_hides_no_other() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let draft = keeps(&staff, &SAID).await;
    app.clock.advance(SignedDuration::from_secs(1));
    let other = keeps(&staff, &[("name", "Petra Other")]).await;
    let intruder = Intruder::of(app.folder(), &app.store).await;
    let newest = "(SELECT form FROM call_draft ORDER BY kept_at DESC LIMIT 1)";
    intruder.tries(&format!("UPDATE call_draft SET form = {newest}")).await.unwrap();
    let inbox = staff.opens("/admin/inquiries").await.words();
    assert!(inbox.contains("Your drafts: Petra Other (a call) , a call without a name"), "{inbox}");
    let page = staff.opens(&draft).await;
    assert!(is_empty(&page) && page.words().contains("Your draft, kept just now, does not open."), "{}", page.words());
    assert_eq!(presses(&staff, &page, KEEP, "", &[("name", "Petra Anew")]).await.status, 303);
    assert_eq!(drafts_there(&app).await, 3, "it waits for its key");
    assert_eq!(staff.opens(&other).await.value_of("name"), "Petra Other");
    let mut looking = Looking::default();
    while !app.store.look_for_damage(&mut looking).await.unwrap() {}
    let found: Vec<_> = looking.found.iter().map(|damage| (damage.of.as_str(), damage.place.as_str())).collect();
    let member = app.store.staff().await.unwrap().remove(0).id;
    assert_eq!(found, [(member.as_str(), "call_draft.form")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_a_call_goes_with_its_time_its_writer_and_the_person() {
    let app = App::start().await;
    let mut admin = Staff::becomes_the_first_admin(&app).await;
    let staff = admin.invites("berta@clinic.example", "staff").await;
    keeps(&admin, &[("name", "Petra"), ("email", "Petra@Example.org")]).await;
    keeps(&admin, &[("name", "Paul"), ("email", "petra@example.or")]).await;
    keeps(&staff, &[("name", "Petra")]).await;
    let member = app.store.staff().await.unwrap().into_iter().find(|member| member.name.contains("berta")).unwrap();
    assert_eq!(admin.posts(&format!("/admin/users/{}/disable", member.id), &[]).await.status, 303);
    assert_eq!(drafts_there(&app).await, 2);
    let erased = app.runs(&["erase", "--email", "petra@example.org"]);
    assert!(erased.status.success(), "{erased:?}");
    assert!(
        String::from_utf8_lossy(&erased.stdout).contains("1 draft of a call erased with this address"),
        "{erased:?}"
    );
    assert_eq!(drafts_there(&app).await, 1, "the other address is another person's");
    for (hours, left) in [(30 * 24, 1), (1, 0)] {
        app.clock.advance(SignedDuration::from_hours(hours));
        let rule = PurgeRule { retention_days: 730, confirmed: true, dry_run: false };
        desk::purge(&app.store, rule, app.clock.now()).await.unwrap();
        assert_eq!(drafts_there(&app).await, left);
    }
    admin = admin.signs_in_again(ADMIN, PASSWORD).await.0;
    keeps(&admin, &SAID).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_somebody_up_during_a_call_finds_back_from_the_search_and_from_the_inquiry() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    assert!(!staff.opens(&path).await.words().contains("Your drafts"));
    let kept = keeps(&staff, &[("channel", "phone"), ("name", "Petra First")]).await;
    let href = format!("{kept}#warning-signs");
    for page in ["/admin/inquiries?q=words", "/admin/inquiries?status=closed"] {
        let found = staff.opens(page).await;
        let led_to = found.text().split_once("id=\"found\"").unwrap().1.to_owned();
        assert!(led_to.contains(&format!("href=\"{href}\"")), "where a search leads, {page}: {}", found.words());
    }
    let inquiry = staff.opens(&path).await;
    assert!(inquiry.words().contains("Your drafts: Petra First (a call)"), "{}", inquiry.words());
    let ways = Page::read(&inquiry.text()).ways("writing", &format!("{path}/draft"));
    assert!(ways.contains(&href), "as a button that keeps the boxes: {ways:?}");
    let form = staff.opens(NEW).await;
    let (ways, _) = ways_and_links(&form);
    assert!(form.words().contains("Have they written before? Look up their name"), "{}", form.words());
    assert!(ways.contains(&"look-up".to_owned()), "{ways:?}");
    for (name, leads) in [(" ", "?status=all#q"), (" Fred & Kö", "?status=all&q=Fred+%26+K%C3%B6#found")] {
        let form = staff.opens(NEW).await;
        let looks = presses(&staff, &form, KEEP, "look-up", &[("name", name), ("message", "Lookcanary")]).await;
        assert_eq!((looks.status, looks.location()), (303, format!("/admin/inquiries{leads}").as_str()));
    }
    let found = staff.opens("/admin/inquiries?status=all&q=Fred").await.words();
    assert!(found.contains("Fred & Kö (a call)"), "what was typed is kept: {found}");
    app.deliver().await;
}
