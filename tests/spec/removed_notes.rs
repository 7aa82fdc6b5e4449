//! A note in the wrong place: who wrote it removes it, for half an hour. Nobody finds its words there any more, and who wrote them
//! has them still.

use jiff::SignedDuration;

use crate::app::App;
use crate::drafts::{boxes, presses, two_wait};
use crate::http::{Answer, between};
use crate::people::{PASSWORD, Staff};

const NOTE: &str = "Wrongnotecanary of <another> person";

/// Adds a note; the page that follows.
async fn notes(staff: &Staff<'_>, path: &str, note: &str) -> Answer {
    let page = staff.opens(path).await;
    staff.follows(presses(staff, &page, &format!("{path}/notes"), ["", note], &[]).await).await
}

/// The number of the note that the page offers to remove, under the note; None where it offers none.
fn offered(page: &Answer) -> Option<String> {
    let button =
        page.text().rsplit_once("/remove-note\" name=\"entry\" value=\"")?.1.split("</button>").next()?.to_owned();
    assert!(button.contains(">Remove this note<span class=\"out-of-sight\"> of "), "{button}");
    Some(button.split('"').next().unwrap().to_owned())
}

async fn removes(staff: &Staff<'_>, path: &str, page: &Answer, words: [&str; 2], note: &str) -> Answer {
    presses(staff, page, &format!("{path}/remove-note"), words, &[("entry", note)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_about_somebody_else_is_removed_and_its_words_come_back_to_who_wrote_them() {
    let app = App::start().await;
    let (staff, path, other) = two_wait(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let page = notes(&staff, &path, NOTE).await;
    let told = between(&page.text(), "Your note is added.", "</div>").unwrap();
    assert!(told.contains("/remove-note\"") && told.contains(">Remove this note</button>"), "where it is told: {told}");
    assert_eq!(
        staff.opens(&path).await.text().matches("/remove-note\"").count(),
        2,
        "later at both places of the note"
    );
    assert_eq!(staff.inbox("?q=wrongnotecanary").await, [path.as_str()]);
    let removed = removes(&staff, &path, &page, ["", ""], &offered(&page).unwrap()).await;
    assert_eq!(removed.status, 303, "{}", removed.words());
    let page = staff.follows(removed).await;
    assert!(page.words().contains("Your note is removed: nobody finds it here any more."), "{}", page.words());
    assert!(page.words().contains("Adele Admin removed a note") && !page.words().contains("wrote a note"));
    assert_eq!(boxes(&page), ["", NOTE], "its words are a draft");
    assert!(staff.inbox("?q=wrongnotecanary").await.is_empty(), "it is found no more");
    assert_eq!(staff.inbox("?q=first").await, [path.as_str()], "everything else is");
    let theirs = colleague.opens(&path).await;
    assert!(!theirs.text().contains("Wrongnotecanary") && theirs.words().contains("Adele Admin removed a note"));
    let audit = app.store.audit(100).await.unwrap();
    assert_eq!(audit.iter().filter(|entry| entry.action == "inquiry.note_removed").count(), 1);
    assert!(notes(&staff, &other, NOTE).await.words().contains("Your note is added."));
    assert_eq!(staff.inbox("?q=wrongnotecanary").await, [other.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_words_stand_below_those_that_are_being_written() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let page = notes(&staff, &path, NOTE).await;
    let removed = removes(&staff, &path, &page, ["half a reply", "half a note"], &offered(&page).unwrap()).await;
    let page = staff.follows(removed).await;
    assert_eq!(boxes(&page), ["half a reply".to_owned(), format!("half a note\n\n{NOTE}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_removes_the_note_of_another_nor_one_that_was_there_for_half_an_hour() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let note = offered(&notes(&staff, &path, NOTE).await).unwrap();
    let theirs = colleague.opens(&path).await;
    assert_eq!(offered(&theirs), None);
    let refused = removes(&colleague, &path, &theirs, ["", ""], &note).await;
    assert!(refused.status == 409 && refused.words().contains("Nothing was done."), "{}", refused.words());
    app.clock.advance(SignedDuration::from_mins(30));
    let staff = staff.signs_in_again("admin@clinic.example", PASSWORD).await.0;
    let page = staff.opens(&path).await;
    assert!(page.text().contains("Wrongnotecanary") && offered(&page).is_none(), "somebody may have relied on it");
    assert_eq!(removes(&staff, &path, &page, ["", ""], &note).await.status, 409);
    assert_eq!(staff.inbox("?q=wrongnotecanary").await, [path.as_str()], "it is there still");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_press_says_that_it_is_gone_and_loses_neither_its_words_nor_others() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let page = notes(&staff, &path, NOTE).await;
    let note = offered(&page).unwrap();
    for (typed, kept) in [
        (["", ""], NOTE.to_owned()),
        (["", ""], NOTE.to_owned()),
        (["", "half a note"], format!("half a note\n\n{NOTE}")),
        (["", "half a note"], format!("half a note\n\n{NOTE}")),
    ] {
        let pressed = removes(&staff, &path, &page, typed, &note).await;
        assert_eq!(pressed.status, 303, "{}", pressed.words());
        let told = staff.follows(pressed).await;
        assert_eq!(boxes(&told)[1], kept);
        assert!(told.words().contains("Its words stand in the box of the note"), "{}", told.words());
    }
    // So it is with any other button of the old page.
    presses(&staff, &page, &format!("{path}/draft"), ["", "another"], &[]).await;
    assert_eq!(boxes(&staff.opens(&path).await)[1], format!("another\n\nhalf a note\n\n{NOTE}"));
    let now = staff.opens(&path).await;
    presses(&staff, &now, &format!("{path}/draft"), ["", "all of it anew"], &[]).await;
    assert_eq!(boxes(&staff.opens(&path).await)[1], "all of it anew", "who saw it replaces it");
}
