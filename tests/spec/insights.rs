//! How the desk does: the pictures say what the tables say, and the tables say what happened.

use backwise::desk::insights::{Period, add_up, insights};
use backwise::inquiry::Status;
use jiff::SignedDuration;

use crate::app::{App, FRIDAY_AT_TEN, new_store};
use crate::http::{between, words};
use crate::people::{Patient, Staff};

/// Three ask on Friday, one of them is spam; one is answered after two hours, as promised, and one never.
async fn a_friday(app: &App) -> Staff<'_> {
    let staff = Staff::becomes_the_first_admin(app).await;
    let form = Patient::opens_the_form(app).await;
    form.clone().answers("message", "fast").answers("technique", "swedish").gets_a_receipt().await;
    form.clone().answers("message", "slow").gets_a_receipt().await;
    form.answers("blank", "x").answers("message", "spam").gets_a_receipt().await;
    app.clock.advance(SignedDuration::from_mins(7));
    let fast = staff.inbox("?technique=swedish").await.remove(0);
    staff.opens(&fast).await;
    app.clock.advance(SignedDuration::from_mins(115));
    let staff = staff.signs_in_again("admin@clinic.example", crate::people::PASSWORD).await.0;
    let answer = staff.posts(&format!("{fast}/status"), &[("status", "answered")]).await;
    assert_eq!(answer.status, 303);
    app.deliver().await;
    staff
}

fn rows(page: &str, table: &str) -> Vec<Vec<String>> {
    let marked = format!("id=\"{table}\"");
    let text = between(page, &marked, "</table>").unwrap_or_else(|| panic!("no table {table}"));
    lines(text.rsplit_once("<tbody>").unwrap().1)
}

/// The line above a table in which it is added up.
fn whole(page: &str, table: &str) -> Option<Vec<String>> {
    let text = between(page, &format!("id=\"{table}\""), "</table>").unwrap();
    let (above, _) = text.rsplit_once("<tbody>").unwrap();
    above.split_once("<tbody>").and_then(|(_, whole)| lines(whole).pop())
}

fn lines(body: &str) -> Vec<Vec<String>> {
    let cells = |row: &str| {
        let parts = row.split(['\n']).collect::<String>();
        parts.split("<t").skip(1).map(|cell| words(&format!("<t{cell}")).trim().to_owned()).collect::<Vec<_>>()
    };
    body.split("<tr>").skip(1).map(cells).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_say_what_happened() {
    let app = App::start().await;
    let staff = a_friday(&app).await;
    let page = staff.opens("/admin/insights").await;
    assert_eq!(page.status, 200);
    let text = page.text();
    let received = rows(&text, "received");
    assert_eq!((received.len(), whole(&text, "techniques")), (30, None), "what goes on through time is added up");
    assert_eq!(whole(&text, "received").unwrap(), ["All of these", "2", "1"]);
    assert_eq!(whole(&text, "promises").unwrap(), ["All of these", "1", "0", "100 %"]);
    assert_eq!(text.matches("class=\"scroll latest\"").count(), 3, "what goes on through time is seen from its end");
    let chart = between(&text, "class=\"scroll latest\"", "</svg>").unwrap();
    for place in ["class=\"chart-number\" x=\"40\" y=\"12.0\"", "<text x=\"600\" y=\"12.0\""] {
        assert!(chart.contains(place), "its numbers stand at either end: {chart}");
    }
    assert_eq!(received[29], ["Friday 20 November 2026", "2", "1"]);
    assert_eq!(received[28], ["Thursday 19 November 2026", "0", "0"]);
    assert_eq!(rows(&text, "promises")[29], ["Friday 20 November 2026", "1", "0", "100 %"]);
    assert_eq!(rows(&text, "speed")[29], ["Friday 20 November 2026", "7 min", "7 min", "2 h 00 min", "2 h 00 min"]);
    assert_eq!(rows(&text, "techniques"), [["Not sure", "1", "50 %"], ["Swedish massage", "1", "50 %"]]);
    let hours = rows(&text, "hours");
    assert_eq!((hours[4][0].as_str(), hours[4][11].as_str()), ("Friday", "2"), "between ten and eleven");
    assert_eq!(hours.iter().flatten().filter(|cell| *cell == "0").count(), 7 * 24 - 1);
    assert!(page.words().contains("Suspected spam 1 (33 %)"), "{}", page.words());
    let closed = staff.inbox("?q=slow").await.remove(0);
    let adding_up =
        "Inquiries 2 Promises kept 1 (100 %) Promises broken 0 Wait, in time so far 1 Closed without an answer 0";
    assert!(page.words().contains(adding_up), "{}", page.words());
    assert_eq!(staff.posts(&format!("{closed}/status"), &[("status", "closed")]).await.status, 303);
    let unanswered = staff.opens("/admin/insights").await.words();
    assert!(unanswered.contains("Wait, in time so far 0 Closed without an answer 1"), "{unanswered}");
    assert_eq!(staff.posts(&format!("{closed}/status"), &[("status", "open")]).await.status, 303);

    // The other was promised an answer on Monday; on Tuesday the promise is broken.
    app.clock.advance(SignedDuration::from_hours(4 * 24));
    let staff = staff.signs_in_again("admin@clinic.example", crate::people::PASSWORD).await.0;
    let text = staff.opens("/admin/insights?period=weeks").await.text();
    let legend = crate::http::words(text.split("class=\"legend\"").nth(2).unwrap().split("</p>").next().unwrap());
    assert!(legend.ends_with("Kept Broken"), "which colour is which: {legend}");
    let promises = rows(&text, "promises");
    assert_eq!((promises.len(), &promises[11]), (13, &rows_of("Week of Monday 16 November 2026", "1", "1", "50 %")));
    for (period, steps, unit) in [
        ("month", 24, "Day"),
        ("weeks", 13, "Week"),
        ("months", 12, "Month"),
        ("all", 1, "Month"),
        ("nonsense", 30, "Day"),
    ] {
        let text = staff.opens(&format!("/admin/insights?period={period}")).await.text();
        assert_eq!(rows(&text, "received").len(), steps, "{period}");
        let head = between(&text, "id=\"received\"", "<tbody>").unwrap();
        assert!(head.contains(&format!("<th scope=\"col\">{unit}<th")), "{period}: {head}");
    }
}

fn rows_of(a: &str, b: &str, c: &str, d: &str) -> Vec<String> {
    [a, b, c, d].map(str::to_owned).to_vec()
}

/// What a picture with bars shows, from left to right and from below: which part, and how many.
fn drawn(page: &str, title: &str) -> Vec<(usize, f64)> {
    let chart =
        between(page, &format!("aria-label=\"{title}"), "</svg>").unwrap_or_else(|| panic!("no picture {title}"));
    let top = chart.split("<text class=\"chart-number\"").last().unwrap().split(['>', '<']).nth(1).unwrap();
    let top: f64 = top.parse().unwrap();
    let bar = |rect: &str| {
        let height: f64 = between(rect, " height=\"", "\"").unwrap().parse().unwrap();
        let part = between(rect, "class=\"part-", "\"").unwrap().parse().unwrap();
        (part, (height / 162.0 * top).round())
    };
    chart.split("<rect ").skip(1).map(bar).collect()
}

/// What the table says in these columns, without what is nothing.
fn told(page: &str, table: &str, columns: std::ops::Range<usize>) -> Vec<(usize, f64)> {
    let cells = |mut row: Vec<String>| row.drain(columns.clone()).enumerate().collect::<Vec<_>>();
    let told = rows(page, table).into_iter().flat_map(cells);
    told.map(|(part, cell)| (part, counted(&cell))).filter(|(_, count)| *count > 0.0).collect()
}

/// A count, or a time in whole hours, rounded up.
fn counted(cell: &str) -> f64 {
    let number = |text: &str| text.trim().parse::<f64>().unwrap();
    match (cell.split_once(" h "), cell.strip_suffix(" min"), cell.strip_suffix(" days")) {
        _ if cell == "–" => 0.0,
        (Some((hours, minutes)), ..) => (number(hours) + number(minutes.trim_end_matches(" min")) / 60.0).ceil(),
        (_, Some(minutes), _) => (number(minutes) / 60.0).ceil(),
        (.., Some(days)) => (number(days) * 24.0).ceil(),
        _ => number(cell),
    }
}

/// Two days with inquiries and spam; one is answered after two hours, one after 30 hours, one after four days, too late.
async fn two_days(app: &App) -> Staff<'_> {
    let staff = Staff::becomes_the_first_admin(app).await;
    let form = Patient::opens_the_form(app).await;
    for number in 0..9 {
        let blank = if number % 4 == 3 { "x" } else { "" };
        let technique = ["swedish", "", "hot-stone"][number % 3];
        let form = form.clone().answers("technique", technique).answers("blank", blank);
        form.answers("message", &format!("words {number}")).gets_a_receipt().await;
        if number == 4 {
            app.clock.advance(SignedDuration::from_hours(24));
        }
    }
    for (hours, which) in [(2, "words 5"), (4, "words 0"), (70, "words 1")] {
        app.clock.advance(SignedDuration::from_hours(hours));
        let staff = staff.signs_in_again("admin@clinic.example", crate::people::PASSWORD).await.0;
        let path = staff.inbox(&format!("?q={}", which.replace(' ', "+"))).await.remove(0);
        staff.opens(&path).await;
        assert_eq!(staff.posts(&format!("{path}/status"), &[("status", "answered")]).await.status, 303);
    }
    app.deliver().await;
    staff.signs_in_again("admin@clinic.example", crate::people::PASSWORD).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pictures_say_what_the_tables_say() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100")]).await;
    let staff = two_days(&app).await;
    let text = staff.opens("/admin/insights").await.text();
    for (title, table, columns, number) in [
        ("Inquiries, and suspected spam on top", "received", 1..3, 4),
        ("Promises kept, and broken on top", "promises", 1..3, 4),
        ("Hours until half were answered", "speed", 3..4, 2),
        ("Inquiries by what they ask about", "techniques", 1..2, 3),
    ] {
        let told = told(&text, table, columns);
        assert_eq!(told.len(), number, "{title}: {told:?}");
        assert_eq!(drawn(&text, title), told, "{title}");
    }
    let grid = between(&text, "aria-label=\"Inquiries by weekday and hour", "</svg>").unwrap();
    let mut squares = Vec::new();
    for path in grid.split("<path ").skip(1) {
        let shade: u64 = between(path, "class=\"shade-", "\"").unwrap().parse().unwrap();
        let places = between(path, " d=\"", "\"").unwrap();
        squares.extend(places.split('M').skip(1).map(|place| (place.split('h').next().unwrap().to_owned(), shade)));
    }
    let mut shades = Vec::new();
    for (y, row) in rows(&text, "hours").iter().enumerate() {
        for (x, cell) in row[1..].iter().enumerate() {
            let place = format!("{} {}", 40 + x * 25, 20 + y * 22);
            let (_, shade) = squares.iter().find(|(known, _)| *known == place).unwrap();
            shades.push((cell.parse::<u64>().unwrap(), *shade));
        }
    }
    shades.sort_unstable();
    shades.dedup();
    assert_eq!(shades, [(0, 0), (3, 4), (4, 5)], "the more, the stronger");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_is_not_counted_and_rounds_no_time_to_days() {
    let app = App::with(&[("BACKWISE_LIMITS__PER_ADDRESS_PER_HOUR", "100")]).await;
    let staff = two_days(&app).await;
    let words = staff.opens("/admin/insights").await.words();
    for said in [
        "suspected spam goes after 30 days",
        "the stronger the colour, the more",
        "Suspected spam 2 (22 %)",
        "Inquiries 7 Promises kept 2 (29 %) Promises broken 5 Wait, in time so far 0 Closed without an answer 0",
        "Not opened yet 4",
        "Nine in ten were answered within 4.1 days",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    let words = staff.opens("/admin/insights?period=months").await.words();
    assert!(words.contains("Suspected spam 2 (as far as it is kept)"), "{words}");
    let unknown = staff.opens("/admin/insights.csv?table=nonsense").await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_table_is_had_as_a_file() {
    let app = App::start().await;
    let staff = a_friday(&app).await;
    let text = staff.opens("/admin/insights").await.text();
    for table in ["received", "promises", "speed", "techniques", "hours"] {
        let path = format!("/admin/insights.csv?period=days&table={table}");
        let link = text.find(&path.replace('&', "&#38;")).unwrap_or_else(|| panic!("{path}"));
        let jump = text.find(&format!("href=\"#{table}-title\"")).unwrap_or_else(|| panic!("nothing leads to {table}"));
        let heading = text.find(&format!("<h2 id=\"{table}-title\" tabindex=\"-1\">")).unwrap();
        assert!(jump < heading && heading < link, "{table}");
        let file = staff.opens(&path).await;
        let expected = format!("attachment; filename=\"{table}-days-2026-11-20.csv\"");
        assert_eq!(file.header("content-disposition"), Some(expected.as_str()));
        let body = file.text();
        let mut reader = csv::Reader::from_reader(body.strip_prefix('\u{feff}').unwrap().as_bytes());
        let lines: Vec<Vec<String>> =
            reader.records().map(|line| line.unwrap().iter().map(str::to_owned).collect()).collect();
        let shown: Vec<_> = rows(&text, table).into_iter().chain(whole(&text, table)).collect();
        assert_eq!(lines, shown, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_or_erased_is_added_up_again() {
    let app = App::start().await;
    let staff = a_friday(&app).await;
    let count = |text: String| rows(&text, "received")[29].clone();
    assert_eq!(count(staff.opens("/admin/insights").await.text())[1..], ["2", "1"]);
    let spam = staff.inbox("?status=spam").await.remove(0);
    staff.posts(&format!("{spam}/status"), &[("status", "new")]).await;
    assert_eq!(count(staff.opens("/admin/insights").await.text())[1..], ["3", "0"]);
    let reference = spam.rsplit('/').next().unwrap();
    staff.posts(&format!("{spam}/erase"), &[("confirm", reference)]).await;
    assert_eq!(count(staff.opens("/admin/insights").await.text())[1..], ["2", "0"]);
    app.deliver().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_yet_is_said_in_words() {
    let app = App::start().await;
    let staff = Staff::becomes_the_first_admin(&app).await;
    assert!(staff.opens("/admin/insights").await.words().contains("Nobody wrote in this period."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_keeps_its_sums_until_something_on_it_changes_and_another_zone_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(folder.path()).await;
    let now = FRIDAY_AT_TEN.parse().unwrap();
    let mut opening = crate::storage::policy().opening;
    let mut tx = store.begin().await.unwrap();
    let seq = crate::storage::added(&mut tx, "late in the evening", "2026-11-19T23:30:00Z".parse().unwrap()).await;
    tx.commit().await.unwrap();
    assert!(store.stale_insight().await.unwrap().is_some());
    assert!(add_up(&store, &opening).await.unwrap());
    assert_eq!((store.stale_insight().await.unwrap(), store.first_insight_day().await.unwrap()), (None, Some(20_776)));
    let whole = insights(&store, &opening, Period::Days, now).await.unwrap().whole;
    assert_eq!((whole.received, whole.opened.count()), (1, 0));

    let mut tx = store.begin().await.unwrap();
    tx.mark_opened(seq, now).await.unwrap();
    tx.set_status(seq, Status::Open).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store.stale_insight().await.unwrap().is_some());
    assert!(add_up(&store, &opening).await.unwrap());
    assert_eq!(insights(&store, &opening, Period::Days, now).await.unwrap().whole.opened.count(), 1);

    opening.timezone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    assert!(store.insights_are_of_another_zone("Europe/Berlin").await.unwrap());
    assert!(add_up(&store, &opening).await.unwrap());
    assert_eq!(store.first_insight_day().await.unwrap(), Some(20_777), "half past midnight there");
    assert_eq!(store.insight_days(20_777, 20_778).await.unwrap().len(), 1);

    // What the store promises below that: marks go with the day that is taken, and sums can be taken away.
    let mut tx = store.begin().await.unwrap();
    tx.forget_insights().await.unwrap();
    let from = "2026-11-19T00:00:00Z".parse().unwrap();
    assert_eq!(tx.take_stale_day(from, now).await.unwrap().len(), 1);
    tx.keep_insight_day("UTC", 1, Some("{}")).await.unwrap();
    tx.keep_insight_day("UTC", 2, Some("{}")).await.unwrap();
    tx.keep_insight_day("UTC", 1, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((store.stale_insight().await.unwrap(), store.first_insight_day().await.unwrap()), (None, Some(2)));
}
