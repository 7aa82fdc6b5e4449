//! What staff have begun to write is theirs until it is sent: no page that they leave loses it, and nobody else sees it.

use backwise::desk::{self, Purge, PurgeRule};
use backwise::store::Looking;
use jiff::SignedDuration;

use crate::app::App;
use crate::audit::Intruder;
use crate::http::Answer;
use crate::people::{Staff, somebody_asks};

pub const REPLY: &str = "Dear Quirina,\n\nthe Draftcanary comes <on> Monday";
pub const NOTE: &str = "She has Notecanary";

/// Two inquiries wait: who looks after them, and where.
pub async fn two_wait(app: &App) -> (Staff<'_>, String, String) {
    somebody_asks(app, "first").await;
    somebody_asks(app, "second").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(app).await;
    let mut paths = staff.inbox("").await;
    let (second, first) = (paths.remove(1), paths.remove(0));
    (staff, first, second)
}

/// Presses a button of a page with these words in its boxes, as a browser sends them.
pub async fn presses(
    staff: &Staff<'_>,
    page: &Answer,
    button: &str,
    words: [&str; 2],
    chosen: &[(&str, &str)],
) -> Answer {
    let hidden = page.carried();
    let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<_> =
        hidden.chain([("message", words[0]), ("note", words[1])]).chain(chosen.iter().copied()).collect();
    staff.posts(button, &fields).await
}

/// Keeps a draft about an inquiry that they open.
pub async fn keeps(staff: &Staff<'_>, path: &str, words: [&str; 2]) {
    let page = staff.opens(path).await;
    let kept = presses(staff, &page, &format!("{path}/draft"), words, &[]).await;
    assert_eq!(kept.status, 303, "{}", kept.words());
}

/// What stands in the boxes of a page.
pub fn boxes(page: &Answer) -> [String; 2] {
    ["message", "note"].map(|name| page.value_of(name).replace("\r\n", "\n"))
}

pub fn says_draft(page: &Answer) -> bool {
    page.words().contains("Discard the ")
}

pub async fn drafts_there(app: &App) -> i64 {
    Intruder::of(app.folder(), &app.store).await.rows("draft").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_was_begun_is_there_when_they_come_back_from_another_inquiry() {
    let app = App::start().await;
    let (staff, path, other) = two_wait(&app).await;
    let page = staff.opens(&path).await;
    assert!(!says_draft(&page) && page.value_of("message").is_empty());
    let ready = [("then", "begin"), ("template", "doctor-first")];
    let filled = presses(&staff, &page, &format!("{path}/reply"), ["I called you.", ""], &ready).await;
    assert_eq!(
        (filled.status, filled.location().ends_with("#reply-field")),
        (303, true),
        "Back asks nobody to send it again"
    );
    let page = staff.follows(filled).await;
    let reply = page.value_of("message");
    assert!(reply.starts_with("I called you.\n\nDear Quirina Namecanary,"), "{reply}");
    assert!(page.words().contains("The words were put under what you had typed."), "{}", page.words());
    assert!(page.words().contains("Your draft, kept just now. It is not sent yet, and only you see it."));
    let said = "Each button and link here keeps what you type; the browser’s “Back” does not, but its “Forward” may bring it back.";
    assert!(page.words().contains(said) && staff.opens(&other).await.words().contains(said), "also before one types");
    assert!(!page.words().contains("when you leave this page"));
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent");

    let chosen = [("status", "open"), ready[0], ready[1]];
    let again = presses(&staff, &page, &format!("{path}/reply"), [&reply, ""], &chosen).await;
    assert!(
        staff.follows(again).await.text().contains("<option value=\"open\" selected>"),
        "what waits for another button stays chosen"
    );
    let elsewhere = staff.opens(&other).await;
    assert!(!says_draft(&elsewhere) && elsewhere.value_of("message").is_empty());
    app.clock.advance(SignedDuration::from_mins(3));
    let back = staff.opens(&path).await;
    assert_eq!(back.value_of("message"), reply);
    assert!(back.words().contains("Your draft, kept 3 minutes ago."), "{}", back.words());
    assert!(back.text().contains("<option value=\"doctor-first\" selected>"), "the ready reply stays chosen");
    assert!(!back.words().contains("changed this inquiry"), "they were alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_button_keeps_what_stands_in_the_boxes_and_leads_on_to_the_page() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let mut page = staff.opens(&path).await;
    let right = [("email", "right@example.org"), ("phone", ""), ("contact_by", "email"), ("then", "correct")];
    for (action, chosen, told) in [
        ("assign", &[("then", "mine")][..], "You made it yours."),
        ("status", &[("status", "open")], "You changed the status from New to Open."),
        ("undo", &[], "Undone: it is New again."),
        ("contact", &right, "You corrected the email address"),
        ("draft", &[], "Neither is sent or added yet"),
    ] {
        let pressed = presses(&staff, &page, &format!("{path}/{action}"), [REPLY, NOTE], chosen).await;
        assert_eq!(pressed.status, 303, "{action}: {}", pressed.words());
        page = staff.follows(pressed).await;
        assert!(page.words().contains(told), "{action}: {}", page.words());
        assert_eq!(boxes(&page), [REPLY, NOTE], "{action}");
        assert!(!page.words().contains("changed this inquiry"), "{action}: what they did themselves is no news");
    }
    let said =
        "Your draft of the reply and the note, kept just now. Neither is sent or added yet, and only you see them.";
    assert!(
        page.words().contains(said) && page.words().matches("Discard the reply and the note").count() == 1,
        "{}",
        page.words()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_no_draft_any_more_and_the_other_box_still_is() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    let page = staff.opens(&path).await;
    let sent = presses(&staff, &page, &format!("{path}/reply"), [REPLY, NOTE], &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.words());
    let page = staff.follows(sent).await;
    assert_eq!(boxes(&page), ["", NOTE]);
    for words in ["is on its way", "Your note is not added yet: it is kept as your draft."] {
        assert!(page.words().contains(words), "{words}: {}", page.words());
    }
    let noted = presses(&staff, &page, &format!("{path}/notes"), ["", NOTE], &[]).await;
    let page = staff.follows(noted).await;
    assert_eq!((boxes(&page), says_draft(&page)), (["", ""].map(str::to_owned), false));
    assert_eq!(drafts_there(&app).await, 0);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_leaves_no_draft_of_what_the_first_one_sent() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    let page = staff.opens(&path).await;
    for _ in 0..2 {
        let sent = presses(&staff, &page, &format!("{path}/reply"), [REPLY, NOTE], &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.words());
        assert_eq!(boxes(&staff.follows(sent).await), ["", NOTE]);
    }
    app.deliver().await;
    assert_eq!(
        app.mail_server.arrived_for("quirina.mailcanary@example.org").len(),
        3,
        "two acknowledged, one answered"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_box_in_another_tab_takes_nothing_away() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let other_tab = staff.opens(&path).await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    app.clock.advance(SignedDuration::from_mins(1));
    let pressed = presses(&staff, &other_tab, &format!("{path}/assign"), ["", ""], &[("then", "mine")]).await;
    assert_eq!(boxes(&staff.follows(pressed).await), [REPLY, NOTE]);
    let pressed = presses(&staff, &other_tab, &format!("{path}/draft"), ["Other words", ""], &[]).await;
    assert_eq!(boxes(&staff.follows(pressed).await), ["Other words", NOTE], "the last stored wins, box by box");
    let wrong = presses(&staff, &other_tab, &format!("{path}/notes"), ["", ""], &[]).await;
    assert_eq!((wrong.status, boxes(&wrong)), (422, ["Other words", NOTE].map(str::to_owned)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_its_writer_meets_a_draft() {
    let app = App::start().await;
    let (admin, path, _) = two_wait(&app).await;
    let staff = admin.invites("berta@clinic.example", "staff").await;
    let third = admin.invites("carla@clinic.example", "staff").await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    assert_eq!(boxes(&staff.opens(&path).await), [REPLY, NOTE], "it is there");
    for colleague in [&admin, &third] {
        let page = colleague.opens(&path).await;
        assert!(!says_draft(&page) && boxes(&page) == ["", ""], "{}", page.words());
        assert_eq!(colleague.posts(&format!("{path}/draft"), &[("then", "discard")]).await.status, 303);
        for address in ["/admin/inquiries", "/admin/inquiries?q=Draftcanary", &path] {
            let text = colleague.opens(address).await.text();
            assert!(!text.contains("Draftcanary comes") && !text.contains(NOTE), "{address}");
        }
        assert!(colleague.inbox("?status=all&q=Notecanary").await.is_empty(), "no search finds it");
    }
    assert_eq!(boxes(&staff.opens(&path).await), [REPLY, NOTE], "and nobody discards another's");
    for address in ["/admin/audit", "/admin/inquiries.csv"] {
        assert!(!admin.opens(address).await.text().contains("canary comes"), "{address}");
    }
    let email = backwise::contact::EmailAddress::parse("quirina.mailcanary@example.org").unwrap();
    let all = desk::everything_about(&app.store, &email, app.clock.now()).await.unwrap().unwrap().kept;
    assert!(all.iter().all(|kept| !kept.words.contains("Draftcanary") && !kept.words.contains("Notecanary")));
    let log = app.store.audit(99).await.unwrap();
    assert!(log.iter().all(|entry| !entry.detail.contains("canary") && !entry.action.contains("draft")));
    for word in ["Draftcanary", "Notecanary"] {
        assert!(!app.log().contains(word), "{word} is in no line of the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_goes_with_its_inquiry_and_with_its_writers_account() {
    let app = App::start().await;
    let (admin, path, other) = two_wait(&app).await;
    let staff = admin.invites("berta@clinic.example", "staff").await;
    for path in [&path, &other] {
        keeps(&admin, path, [REPLY, NOTE]).await;
        keeps(&staff, path, [REPLY, NOTE]).await;
    }
    assert_eq!(drafts_there(&app).await, 4);
    let reference = path.rsplit('/').next().unwrap();
    assert_eq!(admin.posts(&format!("{path}/erase"), &[("confirm", reference)]).await.status, 200);
    assert_eq!(drafts_there(&app).await, 2);
    let member = app.store.staff().await.unwrap().into_iter().find(|member| member.name.contains("berta")).unwrap();
    assert_eq!(admin.posts(&format!("/admin/users/{}/disable", member.id), &[]).await.status, 303);
    assert_eq!(drafts_there(&app).await, 1, "the admin's own about the other inquiry");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_nobody_touched_for_thirty_days_is_forgotten() {
    let app = App::start().await;
    let (mut staff, path, _) = two_wait(&app).await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    for (hours, left) in [(30 * 24, 1), (1, 0)] {
        app.clock.advance(SignedDuration::from_hours(hours));
        let rule = PurgeRule { retention_days: 730, confirmed: true, dry_run: false };
        let purged = desk::purge(&app.store, rule, app.clock.now()).await.unwrap();
        assert_eq!((purged, drafts_there(&app).await), (Purge::Erased(Vec::new()), left));
    }
    let (again, answer) = staff.signs_in_again("admin@clinic.example", crate::people::PASSWORD).await;
    assert_eq!(answer.status, 303);
    staff = again;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    app.clock.advance(SignedDuration::from_hours(24 * 400));
    let rule = PurgeRule { retention_days: 730, confirmed: false, dry_run: false };
    let purged = desk::purge(&app.store, rule, app.clock.now()).await.unwrap();
    assert!(matches!(purged, Purge::ClockJumped(_)) && drafts_there(&app).await == 1, "a clock that jumped takes none");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_colleague_changed_since_the_draft_was_written_is_told_and_stops_the_reply_once() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    app.clock.advance(SignedDuration::from_mins(20));
    colleague.posts(&format!("{path}/notes"), &[("note", "Called her already.")]).await;
    let page = staff.opens(&path).await;
    assert_eq!(boxes(&page), [REPLY, NOTE]);
    for words in ["changed this inquiry since you opened it.", "wrote a note", "Called her already."] {
        assert!(page.words().contains(words), "{words}: {}", page.words());
    }
    let reply = format!("{path}/reply");
    let stopped = presses(&staff, &page, &reply, [REPLY, NOTE], &[]).await;
    assert_eq!((stopped.status, boxes(&stopped)), (409, [REPLY, NOTE].map(str::to_owned)));
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent yet");
    // Whoever has read both states and comes back later is not told again.
    let later = staff.opens(&path).await;
    assert!(boxes(&later) == [REPLY, NOTE] && !later.words().contains("changed this inquiry"), "{}", later.words());
    assert_eq!(presses(&staff, &later, &reply, [REPLY, NOTE], &[]).await.status, 303);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_told_what_changed_refuses_only_what_sends_words() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    colleague.posts(&format!("{path}/notes"), &[("note", "Called her already.")]).await;
    let mut page = staff.opens(&path).await;
    for (action, chosen) in [("assign", &[("then", "mine")][..]), ("undo", &[]), ("status", &[("status", "open")])] {
        let pressed = presses(&staff, &page, &format!("{path}/{action}"), [REPLY, NOTE], chosen).await;
        assert_eq!(pressed.status, 303, "{action}: {}", pressed.words());
        page = staff.follows(pressed).await;
        assert!(
            page.words().contains("Called her already.") && page.words().contains("changed this inquiry"),
            "{action}"
        );
    }
    let stopped = presses(&staff, &page, &format!("{path}/reply"), [REPLY, NOTE], &[]).await;
    assert_eq!(
        (stopped.status, app.store.outbox_counts().await.unwrap().queued),
        (409, 0),
        "these words are from before"
    );
    let page = staff.opens(&path).await;
    colleague.posts(&format!("{path}/notes"), &[("note", "And once more.")]).await;
    let late = presses(&staff, &page, &format!("{path}/status"), [REPLY, NOTE], &[("status", "closed")]).await;
    assert_eq!(late.status, 409, "what the page did not tell");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_when_a_session_ended_is_a_draft_once_they_are_signed_in_again() {
    let app = App::start().await;
    let (mut staff, path, _) = two_wait(&app).await;
    for (action, name, place) in [("reply", "message", "#reply"), ("notes", "note", "#note")] {
        let page = staff.opens(&path).await;
        app.clock.advance(SignedDuration::from_mins(31));
        let words = if name == "note" { ["", NOTE] } else { [REPLY, ""] };
        let asked = presses(&staff, &page, &format!("{path}/{action}"), words, &[]).await;
        assert_eq!(asked.status, 401);
        let back = staff.signs_in_on(&asked, "admin@clinic.example").await;
        assert_eq!((back.status, back.location()), (303, format!("{path}{place}").as_str()), "{action}");
        let page = staff.follows(back).await;
        let end = "Ctrl End (on a Mac Command ↓ ) leads to the end of what stands in the box.";
        assert_eq!(page.words().matches(end).count(), 1, "browsers begin before the first word: {}", page.words());
        assert_eq!((boxes(&page), says_draft(&page)), (words.map(str::to_owned), true), "{action}: {}", page.words());
        let once_more = words.map(|words| if words.is_empty() { String::new() } else { format!("{words} once more") });
        let button = format!("{path}/draft");
        let kept = presses(&staff, &page, &button, [&once_more[0], &once_more[1]], &[]).await;
        let page = staff.follows(kept).await;
        assert_eq!(boxes(&page), once_more, "{action}");
        presses(&staff, &page, &button, ["", ""], &[("then", "discard")]).await;
        assert!(page.text().contains(&format!("<textarea id=\"{}\"", &place[1..])));
    }
    assert_eq!(app.store.outbox_counts().await.unwrap().queued, 0, "nothing is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_says_no_has_kept_the_words_already() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let words = ["Monday at ten\n-\n", NOTE];
    let page = staff.opens(&path).await;
    let wrong = presses(&staff, &page, &format!("{path}/reply"), words, &[]).await;
    let wrong = staff.follows(wrong).await;
    assert!(wrong.title().starts_with("Error: ") && says_draft(&wrong), "a line is not filled");
    assert_eq!(boxes(&staff.opens(&path).await), words);
    let wrong =
        presses(&staff, &page, &format!("{path}/assign"), [REPLY, NOTE], &[("assignee", "nobody we know")]).await;
    assert_eq!((wrong.status, boxes(&wrong)), (422, [REPLY, NOTE].map(str::to_owned)));
    assert_eq!(boxes(&staff.opens(&path).await), [REPLY, NOTE]);
    colleague.posts(&format!("{path}/status"), &[("status", "open")]).await;
    let late = presses(&staff, &page, &format!("{path}/status"), ["Later words", NOTE], &[("status", "closed")]).await;
    assert_eq!((late.status, boxes(&late)), (409, ["Later words", NOTE].map(str::to_owned)));
    assert_eq!(boxes(&staff.opens(&path).await), ["Later words", NOTE]);
    let reference = ("confirm", "not this one");
    let wrong = staff.posts(&format!("{path}/erase"), &[reference]).await;
    assert_eq!(
        (wrong.status, boxes(&wrong)),
        (422, ["Later words", NOTE].map(str::to_owned)),
        "a form without the boxes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_about_a_duplicate_stays_with_it() {
    let app = App::start().await;
    let (staff, path, duplicate) = two_wait(&app).await;
    keeps(&staff, &duplicate, [REPLY, NOTE]).await;
    let with = duplicate.rsplit('/').next().unwrap();
    assert_eq!(staff.posts(&format!("{path}/merge"), &[("with", with)]).await.status, 303);
    let page = staff.opens(&duplicate).await;
    assert!(
        boxes(&page) == [REPLY, NOTE] && page.words().contains("Your reply, which was not sent"),
        "{}",
        page.words()
    );
    assert!(!page.words().contains("Send the reply") && says_draft(&page));
    let apart = presses(&staff, &page, &format!("{duplicate}/separate"), [REPLY, NOTE], &[]).await;
    let page = staff.follows(apart).await;
    assert!(boxes(&page) == [REPLY, NOTE] && page.words().contains("Send the reply"), "{}", page.words());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_does_not_open_is_named_by_check_and_closes_no_inquiry() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    let intruder = Intruder::of(app.folder(), &app.store).await;
    intruder.tries("UPDATE draft SET reply = note").await.unwrap();
    let page = staff.opens(&path).await;
    assert_eq!((page.status, boxes(&page)), (200, ["", ""].map(str::to_owned)));
    assert!(page.words().contains("Your draft, kept just now, does not open."), "{}", page.words());
    let mut looking = Looking::default();
    while !app.store.look_for_damage(&mut looking).await.unwrap() {}
    let found: Vec<_> = looking.found.iter().map(|damage| (damage.of.as_str(), damage.place.as_str())).collect();
    assert_eq!(found, [(path.rsplit('/').next().unwrap(), "draft.reply")]);
    keeps(&staff, &path, ["written anew", NOTE]).await;
    assert_eq!(boxes(&staff.opens(&path).await), ["written anew", NOTE]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_at_the_draft_loses_none_of_its_words() {
    let app = App::start().await;
    let (mut staff, path, _) = two_wait(&app).await;
    for (then, told) in [("", "Neither is sent or added yet"), ("discard", "You were about to discard your draft.")] {
        let page = staff.opens(&path).await;
        app.clock.advance(SignedDuration::from_mins(31));
        let asked = presses(&staff, &page, &format!("{path}/draft"), [REPLY, NOTE], &[("then", then)]).await;
        assert_eq!(asked.status, 401);
        let back = staff.signs_in_on(&asked, "admin@clinic.example").await;
        let back = staff.follows(back).await;
        assert!(back.words().contains(told), "{}", back.words());
        let carried = back.carried();
        let fields: Vec<_> = carried.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let form = staff.follows(staff.posts(&format!("{path}/draft"), &fields).await).await;
        assert_eq!(boxes(&form), [REPLY, NOTE], "{then}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_they_have_begun_is_named_at_the_top_of_their_own_inbox() {
    let app = App::start().await;
    let (staff, first, second) = two_wait(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let named = async |who: &Staff<'_>, view: &str| {
        let page = who.opens(&format!("/admin/inquiries{view}")).await.text();
        let line = crate::http::between(&page, "Your drafts: ", "</p>").unwrap_or_default();
        let links = line.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        links
            .map(|link| link.strip_suffix("#reply").or(link.strip_suffix("#note")).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(named(&staff, "").await.is_empty());
    keeps(&staff, &first, [REPLY, ""]).await;
    app.clock.advance(SignedDuration::from_secs(1));
    keeps(&staff, &second, ["", NOTE]).await;
    for view in ["", "?assignee=me"] {
        assert_eq!(named(&staff, view).await, [second.as_str(), first.as_str()], "the latest first: {view}");
        assert!(named(&colleague, view).await.is_empty(), "nobody else's: {view}");
    }
    let words = staff.opens("/admin/inquiries").await.words();
    assert!(words.contains("(a note)") && words.contains("(a reply)"), "{words}");
    assert!(named(&staff, "?q=first").await.is_empty() && named(&staff, "?status=closed").await.is_empty());
    let page = staff.opens(&first).await;
    let said = |page: &Answer, place: &str, name: &str| {
        page.text()
            .contains(&format!("<li class=\"always\"><a class=\"reach\" href=\"{place}\">{name} (your draft)</a>"))
    };
    let [reply, note] = [("#reply-title", "Reply"), ("#note-title", "Note")];
    assert!(said(&page, reply.0, reply.1) && !said(&page, note.0, note.1), "at the head: {}", page.text());
    let other = staff.opens(&second).await;
    assert!(!said(&other, reply.0, reply.1) && said(&other, note.0, note.1), "at the head: {}", other.text());
    presses(&staff, &page, &format!("{first}/reply"), [REPLY, ""], &[]).await;
    assert_eq!(named(&staff, "").await, [second.as_str()]);
    app.deliver().await;
}
