//! Two have the same inquiry before them: each hears of the other, and the slower one sees both states and loses no word.

use jiff::SignedDuration;

use crate::app::App;
use crate::people::{Patient, Staff, somebody_asks};

/// An inquiry that somebody has before them: who, its path, and what its page carries along.
async fn one_is_open(app: &App) -> (Staff<'_>, String, [String; 3]) {
    somebody_asks(app, "words").await;
    let staff = Staff::becomes_the_first_admin(app).await;
    let path = staff.inbox("").await.remove(0);
    let page = staff.opens(&path).await;
    (staff, path, ["version", "seen", "was"].map(|name| page.value_of(name)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_sees_both_states_and_loses_no_word() {
    let app = App::start().await;
    let (staff, path, [version, seen, was]) = one_is_open(&app).await;
    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    let fields = [("message", "typed for long"), ("version", &version), ("seen", &seen), ("was", &was)];
    let late = staff.posts(&format!("{path}/reply"), &fields).await;
    assert_eq!(late.status, 409);
    let words = late.words();
    assert!(words.contains("Status New Open"), "as it was and as it is: {words}");
    assert!(words.contains("Since then: Adele Admin changed the status from New to Open"), "{words}");
    assert_eq!(late.value_of("message"), "typed for long");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_reads_at_once_what_was_noted_and_replied_meanwhile() {
    let app = App::start().await;
    let (staff, path, [version, seen, was]) = one_is_open(&app).await;
    let long = "She may come whenever she likes. ".repeat(20);
    staff.posts(&format!("{path}/notes"), &[("note", "Called her.\nShe comes <on> Monday.")]).await;
    staff.posts(&format!("{path}/reply"), &[("message", &long)]).await;
    let fields = [("message", "typed for long"), ("version", &version), ("seen", &seen), ("was", &was)];
    let late = staff.posts(&format!("{path}/reply"), &fields).await;
    assert_eq!(late.status, 409);
    let told = crate::http::between(&late.text(), "<p>Since then:</p>", "</ol>").unwrap();
    assert!(
        told.contains("wrote a note") && told.contains("Called her.\nShe comes &#60;on&#62; Monday.</div>"),
        "{told}"
    );
    let folded = crate::http::between(&told, "<details><summary>What was written</summary>", "</details>").unwrap();
    assert!(folded.contains(long.trim()) && told.matches("<details>").count() == 1, "{told}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_keeps_what_they_chose_while_it_is_still_possible() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    let reference = path.rsplit('/').next().unwrap();
    let me = app.store.staff().await.unwrap().remove(0).id;
    let stale = staff.opens(&path).await;
    let (version, seen) = (stale.value_of("version"), stale.value_of("seen"));
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    let late = async |action: &str, name: &str, value: &str| {
        let answer =
            staff.posts(&format!("{path}/{action}"), &[(name, value), ("version", &version), ("seen", &seen)]).await;
        assert_eq!(answer.status, 409, "{action}");
        answer
    };
    let selected =
        |page: &crate::http::Answer, value: &str| page.text().contains(&format!("<option value=\"{value}\" selected>"));
    assert!(selected(&late("status", "status", "closed").await, "closed"));
    let impossible = late("status", "status", "spam").await;
    assert!(
        selected(&impossible, "answered") && !selected(&impossible, "spam"),
        "what is not possible now is not offered"
    );
    assert!(selected(&late("assign", "assignee", &me).await, &me));
    let erase = late("erase", "confirm", reference).await;
    assert_eq!(erase.value_of("confirm"), reference);
    assert!(erase.text().contains(" open><summary>Erase this inquiry"), "and it is seen");
    assert_eq!(staff.opens(&path).await.value_of("confirm"), "");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slower_of_two_sees_the_old_and_the_new_address_though_the_old_one_is_not_kept() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    form.clone().answers("phone", "01632 960 001").gets_a_receipt().await;
    form.answers("message", "again").answers("urgent", "yes").answers("urgent_seen", "yes").gets_a_receipt().await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let (path, urgent) = (&paths[1], paths[0].rsplit('/').next().unwrap());
    let stale = staff.opens(path).await;
    let [version, seen, was] = ["version", "seen", "was"].map(|name| stale.value_of(name));
    let corrected = [("email", "right@example.org"), ("phone", "01632 960 002"), ("contact_by", "phone")];
    staff.posts(&format!("{path}/contact"), &corrected).await;
    staff.posts(&format!("{path}/merge"), &[("with", urgent)]).await;
    let fields = [("note", "late"), ("version", &version), ("seen", &seen), ("was", &was)];
    let late = staff.posts(&format!("{path}/notes"), &fields).await;
    assert_eq!((late.status, late.value_of("note").as_str()), (409, "late"));
    for row in [
        "Email address quirina.mailcanary@example.org right@example.org",
        "Phone number 01632 960 001 01632 960 002",
        "Answer them by email phone",
        "Warning sign none has one now",
    ] {
        assert!(late.words().contains(row), "{row} in {}", late.words());
    }
    assert!(!late.words().contains("Merged into none"), "what did not change is not told");
    assert!(!staff.opens(path).await.text().contains("01632 960 001"), "only the stale page knew the old one");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_about_an_inquiry_that_is_gone_are_shown_for_copying() {
    let app = App::start().await;
    let receipt = somebody_asks(&app, "words").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let path = staff.inbox("").await.remove(0);
    staff.opens(&path).await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let withdrawn = crate::http::send(app.address, "POST", &format!("{receipt}/withdraw"), &headers, b"sure=yes").await;
    assert!(staff.opens(&path).await.status == 404, "{}", withdrawn.words());
    let typed = [("note", "half <a> note"), ("message", "Dear you,\n\nhello"), ("version", "2")];
    for action in ["notes", "reply"] {
        let gone = staff.posts(&format!("{path}/{action}"), &typed).await;
        assert_eq!(gone.status, 404);
        for words in ["\nhalf &#60;a&#62; note</textarea>", "\nDear you,\n\nhello</textarea>"] {
            assert!(gone.text().contains(words), "{words} in {}", gone.text());
        }
        assert!(gone.words().contains("It was erased or withdrawn meanwhile"), "{}", gone.words());
    }
    assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "open")]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_it_hears_that_a_colleague_has_it_before_them() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let added = staff
        .posts("/admin/users", &[("email", "berta@clinic.example"), ("name", "Berta Staff"), ("role", "staff")])
        .await;
    let link = crate::http::between(&added.text(), "/admin/welcome/", "\"").unwrap();
    let (berta, answer) = Staff::uses_link(&app, &format!("/admin/welcome/{link}")).await;
    assert_eq!(answer.status, 303);
    let path = staff.inbox("").await.remove(0);
    assert!(!staff.opens(&path).await.words().contains("may be answering it too"));
    app.clock.advance(SignedDuration::from_mins(3));
    let words = berta.opens(&path).await.words();
    assert!(words.contains("Adele Admin opened this 3 minutes ago. They may be answering it too."), "{words}");
    app.clock.advance(SignedDuration::from_mins(20));
    assert!(!staff.opens(&path).await.words().contains("may be answering it too"));
    berta.inbox("").await;
    for _ in 0..2 {
        app.clock.advance(SignedDuration::from_mins(20));
        staff.inbox("").await;
        berta.inbox("").await;
    }
    let again = staff.opens(&path).await.words();
    assert!(again.contains("Adele Admin opened it, last on Friday 20 November, "), "{again}");
    app.clock.advance(SignedDuration::from_secs(5));
    let words = berta.opens(&path).await.words();
    assert!(words.contains("Adele Admin opened this just now. They may be answering it too."), "{words}");
    staff.posts(&format!("{path}/status"), &[("status", "answered")]).await;
    assert!(!berta.opens(&path).await.words().contains("may be answering it too"), "it is answered");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_it_again_and_again_has_one_line_for_it() {
    let app = App::start().await;
    somebody_asks(&app, "words").await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let path = staff.inbox("").await.remove(0);
    for _ in 0..3 {
        staff.opens(&path).await;
        colleague.opens(&path).await;
        app.clock.advance(SignedDuration::from_mins(1));
    }
    let page = staff.opens(&path).await;
    assert!(page.words().contains("Adele Admin opened it, last on Friday 20 November, 10:03"), "{}", page.words());
    assert!(
        page.words().contains("berta@clinic.example opened it, last on Friday 20 November, 10:02"),
        "{}",
        page.words()
    );
    assert_eq!(page.text().matches("<li class=\"viewed\">").count(), 2);
    let inquiry = app.store.inquiries_after(0, jiff::Timestamp::MIN, 1).await.unwrap().remove(0);
    assert_eq!(app.store.timeline(inquiry.seq).await.unwrap().len(), 8, "each is kept");
    app.deliver().await;
}
