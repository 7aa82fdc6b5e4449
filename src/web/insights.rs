//! How the desk does, in pictures with a table beside each, and as CSV. Days whose inquiries changed are added up first.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::Date;

use super::bench::Bench;
use super::chart::{self, Bars};
use super::{Head, Link, Site, page, routes};
use crate::desk::csv_line;
use crate::desk::insights::{Insights, Period, Spans, Sums, add_up, insights};
use crate::staff::Actor;
use crate::store::{self, OutboxCounts};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

#[derive(Template)]
#[template(path = "desk/insights.html")]
struct InsightsPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    periods: Vec<(Link, bool)>,
    is_complete: bool,
    is_empty: bool,
    facts: Vec<(&'static str, String, String)>,
    pictures: Vec<(Bars, Table)>,
    techniques: (Bars, Table),
    grid: Vec<GridRow>,
    /// The squares of the grid, by shade.
    squares: Vec<(u64, String)>,
    grid_csv: String,
}

/// The same numbers as text.
struct Table {
    id: &'static str,
    caption: &'static str,
    explained: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// All steps together; None where nothing is to be added up.
    whole: Option<Vec<String>>,
    csv: String,
}

struct GridRow {
    day: &'static str,
    /// The day in three letters.
    short: &'static str,
    y: usize,
    counts: [u64; 24],
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Query {
    period: String,
    table: String,
}

impl Query {
    fn period(&self) -> Period {
        Period::parse(&self.period).unwrap_or(Period::Days)
    }
}

pub(super) async fn show(bench: Bench, query: Option<web::Query<Query>>) -> HttpResponse {
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    bench.or_unavailable(picture_page(&bench, query.period()).await)
}

pub(super) async fn csv(bench: Bench, query: Option<web::Query<Query>>) -> HttpResponse {
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    bench.or_unavailable(file(&bench, &query).await)
}

/// Reading goes on when nothing can be written; the numbers are then those of before.
async fn look(bench: &Bench, period: Period) -> Result<Insights, store::Error> {
    if let Err(cause) = add_up(&bench.store, &bench.policy.opening).await {
        tracing::warn!(%cause, "insights could not be added up");
    }
    insights(&bench.store, &bench.policy.opening, period, bench.now).await
}

async fn picture_page(bench: &Bench, period: Period) -> Result<HttpResponse, store::Error> {
    let found = look(bench, period).await?;
    let tab = |each: &Period| {
        let href = format!("{}?period={}#periods", routes::INSIGHTS, each.as_str());
        (Link { title: each.label().to_owned(), href }, *each == period)
    };
    let [received, promises, speed] = over_time(&found, period);
    let insights_page = InsightsPage {
        site: &bench.site,
        head: Head::hidden("Insights", routes::INSIGHTS),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        periods: Period::ALL.iter().map(tab).collect(),
        is_complete: found.is_complete,
        is_empty: found.whole.received + found.whole.spam == 0,
        facts: facts(&found, period),
        pictures: vec![received, promises, speed],
        techniques: techniques(bench, &found, period),
        grid: grid(&found),
        squares: chart::squares(&found.week),
        grid_csv: csv_path(period, "hours"),
    };
    Ok(page(StatusCode::OK, &insights_page))
}

fn csv_path(period: Period, table: &str) -> String {
    format!("{}.csv?period={}&table={table}", routes::INSIGHTS, period.as_str())
}

/// What is counted, how many or how long, and which part of all where that says something.
fn facts(found: &Insights, period: Period) -> Vec<(&'static str, String, String)> {
    let whole = &found.whole;
    let (broken, waiting) = (whole.broken(found.today), whole.in_time(found.today));
    // It is erased after as long as the shortest period: of a longer one, its share would be too small.
    let spam = match period {
        Period::Days | Period::ThisMonth => share(whole.spam, whole.received + whole.spam),
        Period::Weeks | Period::Months | Period::All => "as far as it is kept".to_owned(),
    };
    let plain = |what, words: String| (what, words, String::new());
    vec![
        plain("Inquiries", whole.received.to_string()),
        ("Promises kept", whole.kept.to_string(), share(whole.kept, whole.kept + broken)),
        plain("Promises broken", broken.to_string()),
        plain("Wait, in time so far", waiting.to_string()),
        plain("Closed without an answer", whole.received.saturating_sub(whole.kept + broken + waiting).to_string()),
        plain("Not opened yet", whole.received.saturating_sub(whole.opened.count()).to_string()),
        plain("Half were opened within", time(whole.opened.percentile(50))),
        plain("Nine in ten were opened within", time(whole.opened.percentile(90))),
        plain("Half were answered within", time(whole.answered.percentile(50))),
        plain("Nine in ten were answered within", time(whole.answered.percentile(90))),
        ("Suspected spam", whole.spam.to_string(), spam),
    ]
}

/// The line of all of them together: the first on the page, where a phone shows it at once, and the last in a file.
const ALL_STEPS: &str = "All of these";

/// What changes from step to step: three pictures, each with its table.
fn over_time(found: &Insights, period: Period) -> [(Bars, Table); 3] {
    let bars = |title: &str, parts: &dyn Fn(&Sums) -> [u64; 2]| {
        let columns: Vec<_> = found.steps.iter().map(|(step, sums)| (short(*step, period), parts(sums))).collect();
        Bars::new(title, &columns)
    };
    let table = |id, caption, explained, columns: &[&'static str], cells: &dyn Fn(&Sums) -> Vec<String>| {
        let row = |(step, sums): &(Date, Sums)| [vec![long(*step, period)], cells(sums)].concat();
        let whole = [vec![ALL_STEPS.to_owned()], cells(&found.whole)].concat();
        let columns = [&[unit(period)], columns].concat();
        Table {
            id,
            caption,
            explained,
            columns,
            rows: found.steps.iter().map(row).collect(),
            whole: Some(whole),
            csv: csv_path(period, id),
        }
    };
    let broken = |sums: &Sums| sums.broken(found.today);
    let median = |spans: &Spans| spans.percentile(50).map_or(0, |minutes| u64::from(minutes.div_ceil(60)));
    [
        (
            bars("Inquiries, and suspected spam on top", &|sums| [sums.received, sums.spam]),
            table(
                "received",
                "Inquiries",
                "By when they came. Suspected spam is counted apart, for the 30 days that it is kept.",
                &["Inquiries", "Suspected spam"],
                &|sums| vec![sums.received.to_string(), sums.spam.to_string()],
            ),
        ),
        (
            bars("Promises kept, and broken on top", &|sums| [sums.kept, broken(sums)]),
            table(
                "promises",
                "Promises",
                "By when the inquiries came. Kept: answered by the day and time that the person was told. Who still waits counts as broken from the day after.",
                &["Kept", "Broken", "Kept of all"],
                &|sums| {
                    vec![sums.kept.to_string(), broken(sums).to_string(), share(sums.kept, sums.kept + broken(sums))]
                },
            ),
        ),
        (
            bars("Hours until half were answered", &|sums| [median(&sums.answered), 0]),
            table(
                "speed",
                "Time to open and to answer",
                "By when the inquiries came. The time runs from then, nights and weekends included; of those that were opened, and of those that were answered. The picture shows whole hours, rounded up.",
                &["Opened: half", "Opened: nine in ten", "Answered: half", "Answered: nine in ten"],
                &|sums| {
                    let spans = [(&sums.opened, 50), (&sums.opened, 90), (&sums.answered, 50), (&sums.answered, 90)];
                    spans.map(|(spans, percent)| time(spans.percentile(percent))).to_vec()
                },
            ),
        ),
    ]
}

fn techniques(bench: &Bench, found: &Insights, period: Period) -> (Bars, Table) {
    let name = |slug: &str| match slug {
        "" => "Not sure".to_owned(),
        slug => bench.content.technique_name(slug).to_owned(),
    };
    let mut counts: Vec<(String, u64)> =
        found.whole.techniques.iter().map(|(slug, count)| (name(slug), *count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let columns: Vec<_> = counts.iter().map(|(name, count)| (name.clone(), [*count, 0])).collect();
    let row =
        |(name, count): &(String, u64)| vec![name.clone(), count.to_string(), share(*count, found.whole.received)];
    let table = Table {
        id: "techniques",
        caption: "What people ask about",
        explained: "Suspected spam is left out.",
        columns: vec!["Massage", "Inquiries", "Of all"],
        rows: counts.iter().map(row).collect(),
        whole: None,
        csv: csv_path(period, "techniques"),
    };
    (Bars::new("Inquiries by what they ask about", &columns), table)
}

fn grid(found: &Insights) -> Vec<GridRow> {
    let rows = WEEKDAYS.iter().zip(&found.week).enumerate();
    rows.map(|(index, (day, counts))| GridRow { day, short: &day[..3], y: 20 + index * 22, counts: *counts }).collect()
}

async fn file(bench: &Bench, query: &Query) -> Result<HttpResponse, store::Error> {
    let period = query.period();
    let found = look(bench, period).await?;
    let (name, lines) = match query.table.as_str() {
        "techniques" => ("techniques", lines_of(&techniques(bench, &found, period).1)),
        "hours" => ("hours", hour_lines(&found)),
        wanted => {
            let tables = over_time(&found, period).map(|(_, table)| table);
            let named = |table: &&Table| table.id == wanted || wanted.is_empty();
            let Some(table) = tables.iter().find(named) else { return Ok(bench.not_found().await) };
            (table.id, lines_of(table))
        }
    };
    let mut body = "\u{feff}".as_bytes().to_vec();
    for line in &lines {
        body.extend(csv_line(line).map_err(|_| store::Error::Damaged("csv"))?);
    }
    let (period, today) = (period.as_str(), bench.policy.opening.local(bench.now).date());
    let file = format!("attachment; filename=\"{name}-{period}-{today}.csv\"");
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header((CONTENT_DISPOSITION, file)).body(body))
}

fn lines_of(table: &Table) -> Vec<Vec<String>> {
    let head = table.columns.iter().map(|column| (*column).to_owned()).collect();
    std::iter::once(head).chain(table.rows.iter().chain(&table.whole).cloned()).collect()
}

fn hour_lines(found: &Insights) -> Vec<Vec<String>> {
    let head = std::iter::once("Weekday".to_owned()).chain((0..24).map(|hour| format!("{hour}:00"))).collect();
    let row = |(day, hours): (&&str, &[u64; 24])| {
        std::iter::once((*day).to_owned()).chain(hours.iter().map(u64::to_string)).collect()
    };
    std::iter::once(head).chain(WEEKDAYS.iter().zip(&found.week).map(row)).collect()
}

fn share(part: u64, whole: u64) -> String {
    (part * 100 + whole / 2).checked_div(whole).map_or("–".to_owned(), |percent| format!("{percent} %"))
}

/// A number of minutes as people say it.
fn time(minutes: Option<u32>) -> String {
    match minutes {
        None => "–".to_owned(),
        Some(minutes @ 0..60) => format!("{minutes} min"),
        Some(minutes @ 60..2_880) => format!("{} h {:02} min", minutes / 60, minutes % 60),
        Some(minutes) => format!("{}.{} days", minutes / 1_440, minutes % 1_440 / 144),
    }
}

/// What a line of a table over time stands for.
fn unit(period: Period) -> &'static str {
    match period {
        Period::Days | Period::ThisMonth => "Day",
        Period::Weeks => "Week",
        Period::Months | Period::All => "Month",
    }
}

fn short(step: Date, period: Period) -> String {
    step.strftime(if matches!(period, Period::Days | Period::ThisMonth | Period::Weeks) { "%-d %b" } else { "%b %Y" })
        .to_string()
}

fn long(step: Date, period: Period) -> String {
    match period {
        Period::Days | Period::ThisMonth => step.strftime("%A %-d %B %Y").to_string(),
        Period::Weeks => step.strftime("Week of Monday %-d %B %Y").to_string(),
        Period::Months | Period::All => step.strftime("%B %Y").to_string(),
    }
}
