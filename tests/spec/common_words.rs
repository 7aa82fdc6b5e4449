//! Searching for words that very many inquiries hold: a page looks at so many inquiries and no more, says so, and the
//! next page goes on from there. Nothing is passed over.

use std::collections::BTreeSet;

use backwise::store::words::words_and_beginnings;
use backwise::store::{MOST_WALKED, Store};

use crate::app::App;
use crate::audit::Intruder;
use crate::http::unescape;
use crate::people::{Staff, somebody_asks};

/// From this one on, "alpha" stands in what is closed.
const ALPHA_FROM: i64 = MOST_WALKED + 300;
/// How many are closed, of two techniques.
const CLOSED: i64 = MOST_WALKED + 2_000;
/// As many again are answered, and hold nothing: what is closed is not most of the inbox.
const OTHERS: i64 = 2 * CLOSED;
/// "alpha" stands in the last one that a page of what is closed looks at, and in the next.
const AT_THE_END: [i64; 2] = [MOST_WALKED - 2, MOST_WALKED - 1];

/// A desk where "alpha" and "omega" stand in very many inquiries, and never in the same. The others are copies of rows, made
/// outside the program: their words do not open, and are found all the same.
async fn a_desk_full_of_common_words(app: &App) {
    for words in ["alpha", "alpha again", "omega", "omega again"] {
        somebody_asks(app, words).await;
    }
    app.deliver().await;
    let intruder = Intruder::of(app.folder(), &app.store).await;
    for number in (0..OTHERS).step_by(500) {
        let rows: Vec<String> = (number..number + 500).map(|number| row(&app.store, number)).collect();
        let sql = format!(
            "INSERT INTO inquiry (seq, reference, submission, receipt_digest, received_at, answer_by, rank, status, technique, name, email, \
             chosen, health, message, consent_version, signals, opened_at, answered_at) \
             SELECT 100 + v.column1, v.column2, v.column3, i.receipt_digest, i.received_at, i.answer_by + v.column1, i.rank, \
             CASE WHEN v.column1 < {CLOSED} THEN 'closed' ELSE 'answered' END, CASE WHEN v.column1 % 2 = 0 THEN 'swedish' END, i.name, i.email, i.chosen, i.health, i.message, i.consent_version, '', i.received_at, \
             i.received_at FROM inquiry i CROSS JOIN (VALUES {}) v WHERE i.seq = 4",
            rows.join(", ")
        );
        intruder.tries(&sql).await.unwrap();
    }
    // What both of two hold, and a third does not, are the word itself and its beginnings.
    let (first, [one_end, other_end], last) = (100 + ALPHA_FROM, AT_THE_END.map(|number| 100 + number), 100 + CLOSED);
    let alphas = format!("(i.seq >= {first} OR i.seq IN ({one_end}, {other_end})) AND i.seq < {last}");
    let omegas = format!("i.seq < {first} AND i.seq NOT IN ({one_end}, {other_end})");
    for (two, other, fitting) in [((1, 2), 3, alphas), ((3, 4), 1, omegas)] {
        let (one, two) = two;
        let sql = format!(
            "INSERT INTO inquiry_token (token, inquiry) SELECT t.token, i.seq FROM inquiry_token t CROSS JOIN inquiry i \
             WHERE t.inquiry = {one} AND t.token IN (SELECT token FROM inquiry_token WHERE inquiry = {two}) \
             AND t.token NOT IN (SELECT token FROM inquiry_token WHERE inquiry = {other}) AND i.seq > 4 AND {fitting}"
        );
        intruder.tries(&sql).await.unwrap();
    }
}

/// The number, a reference and a submission of its own for a copy.
fn row(store: &Store, number: i64) -> String {
    let digits: Vec<char> = "23456789AC".chars().collect();
    let code: String = format!("{number:08}").chars().map(|c| digits[c.to_digit(10).unwrap() as usize]).collect();
    let submission = match store {
        Store::Sqlite { .. } => format!("X'{number:064}'"),
        Store::Postgres(_) => format!("decode('{number:064}', 'hex')"),
    };
    format!("({number}, 'BW-{}-{}', {submission})", &code[..4], &code[4..])
}

struct Turned {
    lines: Vec<String>,
    /// The words of each page.
    said: Vec<String>,
    last: String,
}

/// Reads a page and those that its links lead to, in one direction.
async fn turns(staff: &Staff<'_>, path: &str, link: &str) -> Turned {
    let (mut path, mut lines, mut said) = (path.to_owned(), Vec::new(), Vec::new());
    loop {
        let page = staff.opens(&path).await;
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        lines.extend(text.split("<h2><a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        said.push(page.words());
        match crate::http::between(&text, &format!("rel=\"{link}\" href=\""), "\"") {
            Some(next) => path = unescape(&next),
            None => return Turned { lines, said, last: path },
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_stops_says_so_goes_on_and_passes_nothing_over() {
    let app = App::start().await;
    a_desk_full_of_common_words(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    let number = usize::try_from(CLOSED - ALPHA_FROM).unwrap() + AT_THE_END.len();

    let forth = turns(&staff, "/admin/inquiries?q=alpha", "next").await;
    let different: BTreeSet<_> = forth.lines.iter().collect();
    assert_eq!((forth.lines.len(), different.len()), (number + 2, number + 2), "each once");
    let stopped =
        format!("{MOST_WALKED} inquiries were looked at, and more may hold these words: the next page goes on");
    assert!(forth.said[0].contains(&stopped) && !forth.said[0].contains("found for"), "{}", forth.said[0]);

    let back = turns(&staff, &forth.last, "prev").await;
    assert_eq!(back.lines.iter().collect::<BTreeSet<_>>(), different);
    assert!(back.said.iter().any(|words| words.contains("the previous page goes on")));

    let closed = turns(&staff, "/admin/inquiries?q=alph&status=closed", "next").await;
    assert_eq!(closed.lines.len(), number);
    assert!(closed.said[0].contains(&stopped), "{}", closed.said[0]);
    assert_eq!(
        turns(&staff, &closed.last, "prev").await.lines.len(),
        number,
        "the place where it stopped is seen from both sides"
    );
    let none = staff.opens("/admin/inquiries?q=alpha&status=new").await.words();
    assert!(
        none.contains("2 found for") && !none.contains("were looked at"),
        "a small view is looked through whole: {none}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_with_the_latest_first_stops_too_and_passes_over_nothing_of_either_rank() {
    let app = App::start().await;
    a_desk_full_of_common_words(&app).await;
    let intruder = Intruder::of(app.folder(), &app.store).await;
    // Every third is urgent, so that each page looks at both ranks and stops in each.
    intruder.tries("UPDATE inquiry SET rank = 0 WHERE seq % 3 = 0").await.unwrap();
    let staff = Staff::becomes_the_first_admin(&app).await;
    let number = usize::try_from(CLOSED - ALPHA_FROM).unwrap() + AT_THE_END.len();

    let forth = turns(&staff, "/admin/inquiries?q=alpha&status=closed&sort=latest", "next").await;
    assert_eq!((forth.lines.len(), forth.lines.iter().collect::<BTreeSet<_>>().len()), (number, number), "each once");
    assert!(forth.said.iter().any(|words| words.contains("the next page goes on")), "what is left holds it seldom");
    let by_promise: Vec<&String> = forth.lines.iter().rev().collect();
    let from_the_other_end = turns(&staff, "/admin/inquiries?q=alpha&status=closed&urgent=1", "next").await;
    let urgent: Vec<&String> = from_the_other_end.lines.iter().collect();
    let urgent_of_all: Vec<&String> = by_promise.into_iter().filter(|line| urgent.contains(line)).collect();
    assert_eq!(urgent_of_all, urgent, "in the order of the promise, the other way round");
    let back = turns(&staff, &forth.last, "prev").await;
    assert_eq!(back.lines.iter().collect::<BTreeSet<_>>(), forth.lines.iter().collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn common_words_that_never_meet_are_known_to_be_nowhere() {
    let app = App::start().await;
    a_desk_full_of_common_words(&app).await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert_eq!(staff.inbox("?q=alpha&status=new").await.len(), 2);
    for query in ["?q=alpha+omega", "?q=omeg+alph&status=closed"] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await.words();
        assert!(page.contains("No inquiry holds all of these words") && !page.contains("looked at"), "{query}: {page}");
    }
    let file = staff.opens("/admin/inquiries.csv?q=alpha+omega").await.text();
    assert_eq!(file.lines().count(), 1, "{file}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_common_words_every_one_must_be_there() {
    let app = App::start().await;
    a_desk_full_of_common_words(&app).await;
    // The two at the end hold "alpha" too.
    let meeting = 600;
    let mut tx = app.store.begin().await.unwrap();
    for seq in 100 + ALPHA_FROM - meeting..100 + ALPHA_FROM + meeting {
        tx.add_words(seq, &words_and_beginnings("kappa")).await.unwrap();
    }
    tx.commit().await.unwrap();
    let staff = Staff::becomes_the_first_admin(&app).await;
    for (query, says) in [
        ("?q=alpha+kappa+alph&status=closed", "602 found for"),
        ("?q=alpha+kappa+alph+kapp&status=closed", "602 found for"),
        ("?q=alpha+kappa+alph+omeg", "No inquiry holds all of these words"),
    ] {
        let page = staff.opens(&format!("/admin/inquiries{query}")).await.words();
        assert!(page.contains(says) && !page.contains("looked at"), "{query}: {page}");
    }
}
