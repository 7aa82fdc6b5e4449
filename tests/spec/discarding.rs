//! Whoever discards a draft knows what goes, and is told what went.

use crate::app::App;
use crate::drafts::{NOTE, REPLY, boxes, drafts_there, keeps, presses, says_draft, two_wait};
use crate::http::Answer;
use crate::people::Staff;

/// Presses the button that names what it discards; the page that follows says it where the focus is.
async fn discards(staff: &Staff<'_>, path: &str, page: &Answer, what: &str, words: [&str; 2]) -> Answer {
    let button = format!("<summary>Discard {what}</summary>");
    let text = page.text();
    let at = text.find(&button).unwrap_or_else(|| panic!("{what}: {}", page.words()));
    // No fragment leads past the words.
    let tag = text[at..].split("<button").nth(1).unwrap().split('>').next().unwrap();
    assert!(tag.contains(&format!("formaction=\"{path}/draft\"")), "{tag}");
    let then = tag.rsplit_once("value=\"").unwrap().1.trim_end_matches('"');
    let discarded = presses(staff, page, &format!("{path}/draft"), words, &[("then", then)]).await;
    assert_eq!(discarded.status, 303, "{}", discarded.words());
    let page = staff.follows(discarded).await;
    let banner = crate::http::between(&page.text(), "tabindex=\"-1\" autofocus>", "</div>").unwrap();
    assert!(crate::http::words(&banner).contains(&format!("You discarded {what}.")), "{banner}");
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_names_what_is_discarded_and_nothing_else_goes() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    let page = staff.opens(&path).await;
    let mine = presses(&staff, &page, &format!("{path}/assign"), ["", NOTE], &[("then", "mine")]).await;
    let page = staff.follows(mine).await;
    let page = discards(&staff, &path, &page, "the note", ["A reply begun since", NOTE]).await;
    assert_eq!(boxes(&page), ["A reply begun since", ""]);
    assert!(!page.words().contains("Undo"), "what is offered there would be taken for that: {}", page.words());
    let page = discards(&staff, &path, &page, "the reply", ["A reply begun since", NOTE]).await;
    assert_eq!(boxes(&page), ["", NOTE]);
    let elsewhere = staff.opens(&format!("{path}?discarded=discard-note")).await;
    assert!(!elsewhere.words().contains("You discarded"), "an address says nothing that is not so");
    assert!(staff.opens(&path).await.words().contains("Undo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_discards_a_draft_or_empties_its_box_has_none() {
    let app = App::start().await;
    let (staff, path, _) = two_wait(&app).await;
    keeps(&staff, &path, [REPLY, NOTE]).await;
    let page = staff.opens(&path).await;
    let page = discards(&staff, &path, &page, "the reply and the note", [REPLY, NOTE]).await;
    assert_eq!((boxes(&page), says_draft(&page)), (["", ""].map(str::to_owned), false));
    assert_eq!(drafts_there(&app).await, 0);
    let by_hand = staff.posts(&format!("{path}/draft"), &[("then", "discard"), ("note", NOTE)]).await;
    assert!(staff.follows(by_hand).await.words().contains("You discarded the draft.") && drafts_there(&app).await == 0);

    keeps(&staff, &path, [REPLY, NOTE]).await;
    let page = staff.opens(&path).await;
    let page =
        staff.follows(presses(&staff, &page, &format!("{path}/assign"), [" ", NOTE], &[("then", "mine")]).await).await;
    assert_eq!(boxes(&page), ["", NOTE], "a box that was emptied");
    let page =
        staff.follows(presses(&staff, &page, &format!("{path}/status"), ["", ""], &[("status", "open")]).await).await;
    assert!(!says_draft(&page) && drafts_there(&app).await == 0, "and then the other");
}
