//! Two inquiries about the same thing, dealt with as one: nothing typed is lost, nothing is promised less, and it can be taken
//! back.

use backwise::contact::EmailAddress;
use backwise::desk::{self, Purge, PurgeRule};
use backwise::inquiry::Urgent;
use jiff::{SignedDuration, Timestamp};

use crate::app::{App, new_store};
use crate::http::Answer;
use crate::people::{Patient, Staff, somebody_asks};
use crate::storage::added;

const SECOND: &str = "other.mailcanary@example.org";

/// Two inquiries of one person, the first with an early promise, the second urgent; by reference.
struct Two {
    first: String,
    second: String,
    receipts: [String; 2],
}

impl Two {
    async fn asked(app: &App) -> Self {
        let first = Patient::opens_the_form(app).await.answers("message", "Firstcanary words");
        let first = first.answers("health", "pregnancy").gets_a_receipt().await;
        app.clock.advance(SignedDuration::from_hours(3));
        let second = Patient::opens_the_form(app)
            .await
            .answers("message", "Secondcanary\n  words")
            .answers("email", SECOND)
            .answers("phone", "01632 960 009")
            .answers("urgent", "yes")
            .answers("urgent_seen", "yes")
            .gets_a_receipt()
            .await;
        app.deliver().await;
        let receipts = [first, second];
        let [first, second] = [&receipts[0], &receipts[1]].map(|receipt| async move {
            let digest = backwise::secret::digest(receipt.rsplit('/').next().unwrap());
            app.store.inquiry_by_receipt(&digest).await.unwrap().unwrap().reference.to_string()
        });
        Self { first: first.await, second: second.await, receipts }
    }
}

fn page_of(reference: &str) -> String {
    format!("/admin/inquiries/{reference}")
}

async fn merges(staff: &Staff<'_>, duplicate: &str, kept: &str) -> Answer {
    let asked = staff.opens(&format!("{}/merge?with={duplicate}", page_of(kept))).await;
    assert_eq!(asked.status, 200, "{}", asked.words());
    let (version, with_version) = (asked.value_of("version"), asked.value_of("with_version"));
    let fields = [("with", duplicate), ("version", &version), ("with_version", &with_version)];
    staff.posts(&format!("{}/merge", page_of(kept)), &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kept_one_shows_every_word_of_the_duplicate_and_is_as_strict_as_both() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let before = app.store.inquiries_after(0, jiff::Timestamp::MIN, 9).await.unwrap();
    let [first, second] = [&before[0], &before[1]];
    assert!(first.answer_by < second.answer_by);

    let asked = staff.opens(&format!("{}/merge?with={}", page_of(&two.second), two.first)).await;
    let words = asked.words();
    for told in ["Firstcanary words", "Secondcanary", "They gave different addresses.", "as it was promised for"] {
        assert!(words.contains(told), "{told} in {words}");
    }
    assert_eq!(staff.inbox("").await.len(), 2, "looking merges nothing");

    assert_eq!(merges(&staff, &two.first, &two.second).await.location(), format!("{}?done=0", page_of(&two.second)));
    let kept = app.store.inquiry(&second.reference).await.unwrap().unwrap();
    assert!(kept.answers.urgent.is_marked());
    assert_eq!(kept.answer_by, first.answer_by, "the earlier promise holds");
    let page = staff.opens(&page_of(&two.second)).await;
    for told in [
        &format!("merged {} into it", two.first) as &str,
        "Firstcanary words",
        "quirina.mailcanary@example.org",
        &format!("They say this applies to them, in {}.", two.first),
        "Nothing ticked in this one",
        "Do not leave a message",
    ] {
        assert!(page.words().contains(told), "{told} in {}", page.words());
    }
    assert!(page.linked().contains(&format!("href=\"{}\"", page_of(&two.first))));
    let theirs = crate::http::between(&page.text(), "<h2 id=\"words\">", "</section>").unwrap();
    assert!(theirs.contains("Secondcanary") && theirs.contains("Firstcanary words"), "side by side: {theirs}");
    assert_eq!(staff.inbox("").await, [page_of(&two.second)]);
    assert_eq!(staff.inbox("?status=closed").await, [page_of(&two.first)]);
    assert_eq!(staff.inbox("?q=firstcanary").await, [page_of(&two.first)], "its words still lead to it");
    assert!(staff.opens("/admin/inquiries?status=closed").await.words().contains("merged into"));
    let audit = app.store.audit(99).await.unwrap();
    for (subject, other) in [(&two.first, &two.second), (&two.second, &two.first)] {
        let found = audit.iter().find(|entry| entry.action == "inquiry.merged" && entry.subject == *subject);
        assert_eq!(&found.unwrap().detail, other);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_begins_a_merge_says_so_and_a_reference_is_a_link_to_the_inquiry() {
    let app = App::start().await;
    for message in ["first words", "second words"] {
        somebody_asks(&app, message).await;
    }
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let paths = staff.inbox("").await;
    let other = paths[1].rsplit('/').next().unwrap();
    let text = staff.opens(&paths[0]).await.linked();
    for (begin, end, names) in
        [("<a ", "</a>", &[""][..]), ("<button ", "</button>", &["Merge it into this one : ", "Merge "])]
    {
        let all = text.split(begin).skip(1).filter_map(|one| one.split_once(end)).map(|(one, _)| one);
        let of_other = all.filter(|one| one.contains(&format!("{other}<")) || one.ends_with(other));
        let words: Vec<_> = of_other.map(|one| crate::http::words(one.split_once('>').unwrap().1)).collect();
        assert_eq!(words, names.iter().map(|name| format!("{name}{other}")).collect::<Vec<_>>());
    }
    staff.posts(&format!("{}/reply", paths[0]), &[("message", "Come at ten.")]).await;
    let answered = paths[0].rsplit('/').next().unwrap();
    let instead = format!("href=\"{}/merge?with={answered}#question\">Merge this one into it</a>", paths[1]);
    let text = staff.opens(&paths[0]).await.linked();
    assert!(text.contains(&instead) && !text.contains("Merge it into this one"), "who waits is not forgotten: {text}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cautions_of_every_technique_stand_there_with_whose_it_is() {
    let app = App::start().await;
    let form = Patient::opens_the_form(&app).await;
    let asks = async |technique: &str, health: &str| {
        let form = form.clone().answers("technique", technique).answers("message", technique);
        let form = if health.is_empty() { form } else { form.answers("health", health) };
        form.gets_a_receipt().await;
    };
    asks("deep-tissue", "blood-thinners").await;
    asks("hot-stone", "").await;
    app.deliver().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let mut references = Vec::new();
    for query in ["?technique=deep-tissue", "?technique=hot-stone"] {
        references.push(staff.inbox(query).await.remove(0).rsplit('/').next().unwrap().to_owned());
    }
    let [deep, hot] = [&references[0], &references[1]];
    let alone = staff.opens(&page_of(deep)).await.words();
    assert!(alone.contains("(They say this applies to them.)") && !alone.contains("asked for in"), "{alone}");
    merges(&staff, deep, hot).await;
    let page = staff.opens(&page_of(hot)).await;
    let cautions = crate::http::between(&page.text(), "id=\"cautions\"", "</section>").unwrap();
    let (first, second) = cautions.split_once("Deep tissue massage, asked for in ").expect("both techniques");
    assert!(first.contains(&format!("Hot stone massage, asked for in {hot}")), "{first}");
    assert!(second.starts_with(deep), "{second}");
    let ticked = format!("(They say this applies to them, in {deep}.)");
    assert!(first.contains(&ticked) && second.contains(&ticked), "what is ticked counts for both: {cautions}");
    for technique in ["deep-tissue", "hot-stone"] {
        let content = backwise::content::Content::load(None).unwrap();
        for caution in content.technique(technique).unwrap().cautions() {
            assert!(page.words().contains(caution.words()), "{}", caution.words());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_urgent_mark_is_taken_over_too() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let asked = staff.opens(&format!("{}/merge?with={}", page_of(&two.first), two.second)).await;
    assert!(asked.words().contains("gets the urgent mark of"), "{}", asked.words());
    assert!(asked.words().contains("Merge two inquiries of Quirina Namecanary"), "{}", asked.words());
    merges(&staff, &two.second, &two.first).await;
    assert!(staff.opens(&page_of(&two.first)).await.words().contains("Urgent:"));
    assert_eq!(staff.inbox("?urgent=1").await, [page_of(&two.first)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_says_where_it_is_answered_and_both_receipts_tell_how_far_we_are() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    staff.posts(&format!("{}/reply", page_of(&two.second)), &[("message", "Come on Friday.")]).await;
    let merged = merges(&staff, &two.second, &two.first).await;
    let said = staff.opens(merged.location()).await.words();
    assert!(said.contains(". That one was answered already: its page"), "{said}");
    let kept = staff.opens(&page_of(&two.first)).await.words();
    assert!(kept.contains("Answered Friday 20 November, "), "nobody answers twice: {kept}");
    let path = page_of(&two.second);
    let words = staff.opens(&path).await.words();
    assert!(words.contains(&format!("This is a duplicate, merged into {}", two.first)), "{words}");
    for (action, field) in [("reply", ("message", "hello")), ("status", ("status", "open"))] {
        assert_eq!(staff.posts(&format!("{path}/{action}"), &[field]).await.status, 409, "{action}");
    }
    staff.posts(&format!("{}/reply", page_of(&two.first)), &[("message", "Come on Monday.")]).await;
    app.deliver().await;
    let receipt = app.get(&two.receipts[1]).await.words();
    assert!(receipt.contains("We have answered your message"), "{receipt}");
    assert!(receipt.contains("We answer your messages together.") && !receipt.contains(&two.first), "{receipt}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_is_taken_back_and_the_duplicate_stands_where_it_stood() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    staff.posts(&format!("{}/status", page_of(&two.second)), &[("status", "open")]).await;
    merges(&staff, &two.second, &two.first).await;
    let separate = format!("{}/separate", page_of(&two.second));
    assert_eq!(staff.posts(&separate, &[("version", "1")]).await.status, 409, "that page is out of date");
    assert_eq!(staff.posts(&separate, &[]).await.status, 303);
    assert_eq!(staff.inbox("?status=open").await, [page_of(&two.second)]);
    let words = staff.opens(&page_of(&two.first)).await.words();
    assert!(!words.contains("Secondcanary") && words.contains("Urgent:"), "it stays as strict: {words}");
    assert_eq!(staff.posts(&separate, &[]).await.status, 409, "there is nothing to separate");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_tells_of_a_merge_takes_it_back_with_one_button() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let colleague = staff.invites("berta@clinic.example", "staff").await;
    let path = page_of(&two.first);
    let offer = async |staff: &Staff<'_>| {
        let page = staff.opens(&path).await.text();
        crate::http::between(&page, "<div class=\"banner plain undo no-print\">", "</div>").unwrap_or_default()
    };
    let merged = merges(&staff, &two.second, &two.first).await;
    let told = staff.opens(merged.location()).await;
    let says = format!("You merged {} into this one.", two.second);
    assert!(told.text().contains(&format!("<p role=\"status\">{says}</p>")), "{}", told.words());
    assert_eq!(told.words().matches("You merged").count(), 1, "in one place");
    let form = offer(&staff).await;
    assert!(form.contains(&says) && form.contains("accesskey=\"u\">Undo<"), "{form}");
    assert_eq!(offer(&colleague).await, "", "it is for who did it");
    assert_eq!(colleague.posts(&format!("{path}/undo"), &[]).await.status, 409);
    assert_eq!(staff.posts(&format!("{path}/undo"), &[("version", "1")]).await.status, 409, "that page is out of date");

    let seen = staff.opens(&path).await.value_of("seen");
    let back = staff.posts(&format!("{path}/undo"), &[("seen", &seen)]).await;
    assert_eq!(back.location(), format!("{path}?undone={seen}"));
    let words = staff.opens(back.location()).await.words();
    assert!(words.contains(&format!("You separated it from {} again.", two.second)), "{words}");
    assert!(!words.contains("Secondcanary words") && !words.contains(". Undo"), "{words}");
    assert_eq!(staff.inbox("?status=closed").await, [] as [&str; 0]);

    merges(&staff, &two.second, &two.first).await;
    staff.posts(&format!("{path}/notes"), &[("note", "they are one")]).await;
    assert!(offer(&staff).await.contains(&says), "a note changes nothing");
    assert_eq!(staff.posts(&format!("{path}/undo"), &[]).await.status, 303);
    assert!(!staff.opens(&path).await.words().contains("Secondcanary words"), "they are two again");
    assert_eq!(staff.inbox("?status=closed").await, [] as [&str; 0]);
    merges(&staff, &two.second, &two.first).await;
    staff.posts(&format!("{path}/status"), &[("status", "open")]).await;
    assert!(!offer(&staff).await.contains(&says), "it was changed since");
    staff.posts(&format!("{}/separate", page_of(&two.second)), &[]).await;
    merges(&staff, &two.second, &two.first).await;
    app.clock.advance(SignedDuration::from_mins(29));
    assert!(!offer(&staff).await.is_empty());
    app.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(offer(&staff).await, "", "after half an hour");
    assert_eq!(staff.posts(&format!("{path}/undo"), &[]).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_that_is_separated_has_again_what_it_had_taken_in_itself() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    merges(&staff, &two.second, &two.first).await;
    somebody_asks(&app, "Thirdcanary").await;
    let third = staff.inbox("").await.into_iter().find(|path| *path != page_of(&two.first)).unwrap();
    let third = third.rsplit('/').next().unwrap();
    merges(&staff, &two.first, third).await;
    assert!(staff.opens(&page_of(third)).await.words().contains("Secondcanary words"), "it came along");
    assert_eq!(staff.posts(&format!("{}/undo", page_of(third)), &[]).await.status, 303);
    let theirs = async |reference: &str| {
        let page = staff.opens(&page_of(reference)).await.text();
        crate::http::between(&page, "<h2 id=\"words\">", "</section>").unwrap()
    };
    let (stays, back) = (theirs(third).await, theirs(&two.first).await);
    assert!(!stays.contains("Secondcanary") && !stays.contains("Firstcanary"), "{stays}");
    assert!(back.contains("Firstcanary words") && back.contains("Secondcanary"), "{back}");
    let duplicate = staff.opens(&page_of(&two.second)).await.words();
    assert!(duplicate.contains(&format!("This is a duplicate, merged into {}", two.first)), "{duplicate}");

    merges(&staff, &two.first, third).await;
    let says_so = async || staff.opens(&page_of(third)).await.words().contains(". Undo");
    assert!(says_so().await);
    assert_eq!(staff.posts(&format!("{}/erase", page_of(&two.first)), &[("confirm", &two.first)]).await.status, 200);
    assert!(!says_so().await, "what is erased does not come back");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_along_in_several_steps_goes_back_in_one() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let newest = async |words: &str| {
        let before = staff.inbox("").await;
        somebody_asks(&app, words).await;
        let path = staff.inbox("").await.into_iter().find(|path| !before.contains(path)).unwrap();
        path.rsplit('/').next().unwrap().to_owned()
    };
    let (third, fourth) = (newest("Thirdcanary").await, newest("Fourthcanary").await);
    for (duplicate, kept) in [(&two.second, &two.first), (&two.first, &third), (&third, &fourth)] {
        assert_eq!(merges(&staff, duplicate, kept).await.status, 303);
    }
    let into = async |reference: &str| {
        let reference = backwise::inquiry::Reference::parse(reference).unwrap();
        app.store.inquiry(&reference).await.unwrap().unwrap().merged_into.map(|kept| kept.to_string())
    };
    assert_eq!(into(&two.second).await, Some(fourth.clone()), "all are answered as one");
    assert_eq!(staff.posts(&format!("{}/undo", page_of(&fourth)), &[]).await.status, 303);
    assert_eq!((into(&third).await, into(&two.first).await), (None, Some(third.clone())));
    assert_eq!(into(&two.second).await, Some(third.clone()), "it came with the third");
    assert_eq!(staff.posts(&format!("{}/separate", page_of(&two.first)), &[]).await.status, 303);
    assert_eq!(into(&two.second).await, Some(two.first.clone()), "and with the first");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_lose_somebody_is_refused_with_the_way_out() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let asks = async |with: &str, kept: &str| {
        let page = staff.opens(&format!("{}/merge?with={with}", page_of(kept))).await;
        assert_eq!(page.status, 422, "{}", page.words());
        assert!(page.title().starts_with("Error:"));
        let forced = staff.posts(&format!("{}/merge", page_of(kept)), &[("with", with)]).await;
        assert_eq!(forced.status, 422);
        page
    };
    assert!(asks("", &two.first).await.words().contains("Type the reference of the duplicate."));
    assert!(asks("nonsense", &two.first).await.words().contains("That is no reference."));
    assert!(asks("BW-2222-2222", &two.first).await.words().contains("There is no inquiry BW-2222-2222."));
    assert!(asks(&two.first, &two.first).await.words().contains("is this inquiry itself"));
    staff.posts(&format!("{}/reply", page_of(&two.first)), &[("message", "done")]).await;
    let offered = "name=\"merge\" value=\"BW-";
    assert!(!staff.opens(&page_of(&two.first)).await.text().contains(offered), "what is refused is not offered");
    let page = asks(&two.second, &two.first).await;
    assert!(page.words().contains("would be forgotten"), "{}", page.words());
    assert!(page.text().contains("role=\"alert\" id=\"question\""), "the address leads to the reason");
    assert!(page.text().contains(&format!("{}/merge?with={}", page_of(&two.second), two.first)), "the other way round");
    merges(&staff, &two.first, &two.second).await;
    somebody_asks(&app, "third").await;
    let third = staff.inbox("").await.into_iter().find(|path| *path != page_of(&two.second)).unwrap();
    let third = third.rsplit('/').next().unwrap();
    assert!(asks(&two.first, third).await.words().contains("already. Separate them first."));
    assert!(asks(third, &two.first).await.words().contains("already. Separate them first."));
    // A duplicate that has duplicates takes them along.
    assert_eq!(merges(&staff, &two.second, third).await.status, 303);
    let words = staff.opens(&page_of(third)).await.words();
    assert!(words.contains("Firstcanary") || words.contains("quirina.mailcanary"), "{words}");
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changed_one_of_the_two_meanwhile_is_not_overrun() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let asked = staff.opens(&format!("{}/merge?with={}", page_of(&two.first), two.second)).await;
    let (version, with_version) = (asked.value_of("version"), asked.value_of("with_version"));
    staff.posts(&format!("{}/notes", page_of(&two.second)), &[("note", "called her")]).await;
    let fields = [("with", two.second.as_str()), ("version", &version), ("with_version", &with_version)];
    let late = staff.posts(&format!("{}/merge", page_of(&two.first)), &fields).await;
    assert_eq!(late.status, 409);
    assert!(late.words().contains("Somebody changed one of the two"), "{}", late.words());
    assert_ne!(late.value_of("with_version"), with_version, "the button now is for how they stand");
    assert_eq!(staff.inbox("").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_erases_the_kept_one_erases_the_duplicate_and_not_the_other_way_round() {
    let app = App::start().await;
    let (two, third) = (Two::asked(&app).await, Two::asked(&app).await);
    let staff = Staff::becomes_the_first_admin(&app).await;
    merges(&staff, &two.second, &two.first).await;
    merges(&staff, &third.second, &third.first).await;
    let erases =
        async |reference: &str| staff.posts(&format!("{}/erase", page_of(reference)), &[("confirm", reference)]).await;
    assert_eq!(erases(&third.second).await.status, 200);
    let page = staff.opens(&page_of(&third.first)).await;
    assert_eq!(page.status, 200);
    assert!(!page.words().contains("Secondcanary"), "its words went with it: {}", page.words());
    let erased = erases(&two.first).await.words();
    assert!(erased.contains(&format!("and {}, which was merged into it", two.second)), "{erased}");
    assert_eq!(staff.opens(&page_of(&two.second)).await.status, 404);
    let audit = app.store.audit(99).await.unwrap();
    let gone = audit.iter().filter(|entry| entry.action == "inquiry.erased").map(|entry| entry.subject.as_str());
    assert_eq!(gone.collect::<Vec<_>>(), [two.first.as_str(), &two.second, &third.second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_about_a_person_gets_and_erases_what_was_merged_under_another_address() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    merges(&staff, &two.second, &two.first).await;
    for address in ["quirina.mailcanary@example.org", SECOND] {
        let email = EmailAddress::parse(address).unwrap();
        let references = app.store.references_of_person(&email).await.unwrap();
        assert_eq!(references.iter().map(ToString::to_string).collect::<Vec<_>>(), [two.first.as_str(), &two.second]);
        let all = desk::everything_about(&app.store, &email, app.clock.now()).await.unwrap().unwrap().kept;
        for words in ["Firstcanary words", "Secondcanary\n  words"] {
            assert!(all.iter().any(|kept| kept.words == words), "{words} for {address}");
        }
    }
    let file = staff.opens("/admin/inquiries.csv?status=closed").await.text();
    assert!(file.contains("\"merged_into\"\r\n") && file.contains(&format!("\"{}\"\r\n", two.first)), "{file}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_kept_as_long_as_the_one_that_shows_its_words() {
    let app = App::start().await;
    let two = Two::asked(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    merges(&staff, &two.first, &two.second).await;
    let purges = async |days: i64| {
        let rule = PurgeRule { retention_days: 730, confirmed: true, dry_run: false };
        let at = app.clock.now() + SignedDuration::from_hours(24 * days);
        let would = desk::purge(&app.store, PurgeRule { dry_run: true, ..rule }, at).await.unwrap();
        let done = desk::purge(&app.store, rule, at).await.unwrap();
        let Purge::Erased(mut gone) = done else { panic!("{done:?}") };
        let Purge::Erased(mut would) = would else { panic!("{would:?}") };
        gone.sort_unstable_by_key(ToString::to_string);
        would.sort_unstable_by_key(ToString::to_string);
        assert_eq!(gone, would, "a dry run says what goes");
        gone.len()
    };
    assert_eq!(purges(800).await, 0, "the kept one is not closed");
    staff.posts(&format!("{}/status", page_of(&two.second)), &[("status", "closed")]).await;
    // Received three hours after the first, of which the time is over by then.
    assert_eq!(purges(730).await, 0);
    assert_eq!(purges(731).await, 2);
    assert_eq!(staff.opens(&page_of(&two.first)).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_knows_what_is_merged_and_lets_nothing_point_into_the_void() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let now: Timestamp = crate::app::FRIDAY_AT_TEN.parse().unwrap();
    let mut tx = store.begin().await.unwrap();
    let mut all = Vec::new();
    for words in ["one", "two", "three"] {
        all.push(added(&mut tx, words, now).await);
    }
    tx.commit().await.unwrap();
    let (mut references, mut last) = (Vec::new(), None);
    for seq in &all {
        let stored = store.inquiry_by_seq(*seq).await.unwrap().unwrap();
        references.push(stored.reference.clone());
        last = Some(stored);
    }
    let mut tx = store.begin().await.unwrap();
    tx.set_merged(all[0], Some(&references[1])).await.unwrap();
    tx.pass_merged(&references[1], Some(&references[2])).await.unwrap();
    assert_eq!(tx.merged_into(&references[2]).await.unwrap(), [(all[0], references[0].clone())]);
    tx.set_promise(&last.unwrap(), Urgent::Unsure, now - SignedDuration::from_hours(1)).await.unwrap();
    tx.commit().await.unwrap();
    let merged = store.merged_into(&references[2]).await.unwrap();
    assert_eq!(merged[0].merged_into.as_ref(), Some(&references[2]));
    assert_eq!(
        store
            .inbox(&Default::default(), backwise::store::Sort::UrgentFirst, backwise::store::PageOrder::First, 1)
            .await
            .unwrap()
            .rows[0]
            .inquiry
            .seq,
        all[2]
    );
    let writer = merged[0].answers.contact.email().unwrap().clone();
    assert_eq!(store.references_of_person(&writer).await.unwrap(), references);
    let mut tx = store.begin().await.unwrap();
    let nobody = backwise::inquiry::Reference::parse("BW-2222-2222").unwrap();
    assert!(tx.set_merged(all[1], Some(&nobody)).await.is_err());
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    tx.erase(all[2]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store.inquiry_by_seq(all[0]).await.unwrap().unwrap().merged_into.is_none(), "it stands alone again");
}
