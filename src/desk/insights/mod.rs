//! How the desk does: what came when, how fast somebody opened and answered it, which promises were kept. Days are added
//! up once and kept; a change marks its day, and whoever looks next adds that day up again.

mod sums;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::{ToSpan, Unit};

pub use sums::{Spans, Sums};

use crate::clock::{OpeningHours, weekday_index};
use crate::store::{Error, Store};

/// Days that one look adds up at most; the rest follows with the next, or by itself.
const MOST_DAYS: usize = 40;
/// Days in one transaction: a writer waits no longer than for these.
const DAYS_AT_ONCE: usize = 8;

/// What insights look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// The last 30 days, day by day.
    Days,
    /// This month so far, day by day.
    ThisMonth,
    /// The last 13 weeks, week by week.
    Weeks,
    /// The last 12 months, month by month.
    Months,
    /// Everything, month by month.
    All,
}

impl Period {
    /// All of them, as the page offers them.
    pub const ALL: [Self; 5] = [Self::Days, Self::ThisMonth, Self::Weeks, Self::Months, Self::All];

    /// The word of the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::ThisMonth => "month",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::All => "all",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == text)
    }

    /// The words of the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Days => "30 days",
            Self::ThisMonth => "This month",
            Self::Weeks => "13 weeks",
            Self::Months => "12 months",
            Self::All => "All months",
        }
    }

    /// The first day of the period's step that holds this day.
    fn step(self, day: Date) -> Date {
        match self {
            Self::Days | Self::ThisMonth => day,
            Self::Weeks => day.saturating_sub(i64::try_from(weekday_index(day.weekday())).unwrap_or(0).days()),
            Self::Months | Self::All => day.first_of_month(),
        }
    }

    fn next(self, step: Date) -> Date {
        match self {
            Self::Days | Self::ThisMonth => step.saturating_add(1.day()),
            Self::Weeks => step.saturating_add(1.week()),
            Self::Months | Self::All => step.saturating_add(1.month()),
        }
    }

    /// The first day of the period, which ends with `today`.
    fn first(self, today: Date, earliest: Date) -> Date {
        let step = self.step(today);
        match self {
            Self::Days => step.saturating_sub(29.days()),
            Self::ThisMonth => today.first_of_month(),
            Self::Weeks => step.saturating_sub(12.weeks()),
            Self::Months => step.saturating_sub(11.months()),
            Self::All => self.step(earliest.min(today)),
        }
    }
}

/// What is known of a period.
#[derive(Clone, Debug)]
pub struct Insights {
    /// Its steps in order, each by its first day; none is left out.
    pub steps: Vec<(Date, Sums)>,
    /// The whole of it.
    pub whole: Sums,
    /// Inquiries by weekday (Monday first) and hour.
    pub week: [[u64; 24]; 7],
    /// The day on which it is looked at, since 1970.
    pub today: i64,
    /// Whether every day is added up as it stands now.
    pub is_complete: bool,
}

/// The insights of a period that ends today.
///
/// # Errors
/// When the database cannot be read.
pub async fn insights(
    store: &Store,
    opening: &OpeningHours,
    period: Period,
    now: Timestamp,
) -> Result<Insights, Error> {
    let today = opening.local(now).date();
    let earliest = store.first_insight_day().await?.map_or(today, date_of);
    let first = period.first(today, earliest);
    let days = store.insight_days(number_of(first), number_of(today) + 1).await?;
    let is_complete = store.stale_insight().await?.is_none();
    let mut insights = Insights {
        steps: empty_steps(period, first, today),
        whole: Sums::default(),
        week: [[0; 24]; 7],
        today: number_of(today),
        is_complete,
    };
    for (day, sums) in days {
        let sums: Sums = serde_json::from_str(&sums).map_err(|_| Error::Damaged("sums"))?;
        insights.add(date_of(day), period, &sums);
    }
    Ok(insights)
}

impl Insights {
    fn add(&mut self, day: Date, period: Period, sums: &Sums) {
        let step = period.step(day);
        if let Ok(index) = self.steps.binary_search_by_key(&step, |(first, _)| *first) {
            self.steps[index].1.add(sums);
        }
        self.whole.add(sums);
        for (hour, count) in &sums.hours {
            if let Some(cell) = self.week[weekday_index(day.weekday())].get_mut(usize::from(*hour)) {
                *cell += count;
            }
        }
    }
}

fn empty_steps(period: Period, first: Date, today: Date) -> Vec<(Date, Sums)> {
    let mut steps = Vec::new();
    let mut step = period.step(first);
    while step <= today {
        steps.push((step, Sums::default()));
        let next = period.next(step);
        if next <= step {
            break;
        }
        step = next;
    }
    steps
}

/// Adds days up whose inquiries changed, the newest first. True when none is left.
///
/// # Errors
/// When the database cannot be read or written; the marks are still there then.
pub async fn add_up(store: &Store, opening: &OpeningHours) -> Result<bool, Error> {
    let zone = opening.timezone.iana_name().unwrap_or("fixed").to_owned();
    if store.insights_are_of_another_zone(&zone).await? {
        let mut tx = store.begin().await?;
        tx.forget_insights().await?;
        tx.commit().await?;
    }
    for _ in 0..MOST_DAYS / DAYS_AT_ONCE {
        if add_up_some(store, opening, &zone).await? {
            return Ok(true);
        }
    }
    Ok(store.stale_insight().await?.is_none())
}

async fn add_up_some(store: &Store, opening: &OpeningHours, zone: &str) -> Result<bool, Error> {
    for _ in 0..DAYS_AT_ONCE {
        let Some(at) = store.stale_insight().await? else { return Ok(true) };
        let day = opening.local(at).date();
        let (from, to) = (moment(opening, day), moment(opening, day.saturating_add(1.day())));
        let mut tx = store.begin().await?;
        let arrivals = tx.take_stale_day(from, to).await?;
        let sums = Sums::of(&arrivals, opening);
        let text = (sums != Sums::default()).then(|| serde_json::to_string(&sums)).transpose();
        let text = text.map_err(|_| Error::Damaged("sums"))?;
        tx.keep_insight_day(zone, number_of(day), text.as_deref()).await?;
        tx.commit().await?;
    }
    Ok(false)
}

/// The first moment of a day in the clinic's zone.
fn moment(opening: &OpeningHours, day: Date) -> Timestamp {
    opening
        .timezone
        .to_ambiguous_zoned(day.at(0, 0, 0, 0))
        .compatible()
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The day of a moment in the clinic's zone, since 1970.
fn day_of(at: Timestamp, opening: &OpeningHours) -> i64 {
    number_of(opening.local(at).date())
}

const EPOCH: Date = date(1970, 1, 1);

/// Days since 1970.
fn number_of(day: Date) -> i64 {
    EPOCH.until((Unit::Day, day)).map_or(0, |span| i64::from(span.get_days()))
}

/// The day that is so many days after 1970 began.
pub fn date_of(number: i64) -> Date {
    EPOCH.saturating_add(number.clamp(-700_000, 2_900_000).days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_every_step_and_ends_today() {
        let today = date(2026, 11, 25);
        let steps = |period: Period, earliest| {
            let steps = empty_steps(period, period.first(today, earliest), today);
            (steps.len(), steps[0].0, steps[steps.len() - 1].0)
        };
        assert_eq!(steps(Period::Days, today), (30, date(2026, 10, 27), today));
        assert_eq!(steps(Period::ThisMonth, today), (25, date(2026, 11, 1), today));
        assert_eq!(steps(Period::Weeks, today), (13, date(2026, 8, 31), date(2026, 11, 23)));
        assert_eq!(steps(Period::Months, today), (12, date(2025, 12, 1), date(2026, 11, 1)));
        assert_eq!(steps(Period::All, date(2024, 2, 29)), (34, date(2024, 2, 1), date(2026, 11, 1)));
    }

    #[test]
    fn days_are_counted_from_1970_and_back() {
        for day in [date(1970, 1, 1), date(2026, 11, 25), date(2000, 2, 29), date(1969, 12, 31)] {
            assert_eq!(date_of(number_of(day)), day);
        }
        assert_eq!(number_of(date(1970, 2, 1)), 31);
    }
}
