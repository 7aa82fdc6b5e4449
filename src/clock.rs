//! Time as an input: the clock everyone reads, and the clinic's calendar (zone, opening hours, closed days).
//! Nothing here computes a promise (`inquiry::promise` does) and nothing elsewhere asks the system for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

/// Where "now" comes from. Cloning shares the source, so a test that advances one clock advances all of them.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(at.as_millisecond()))))
    }

    /// Now, in whole milliseconds (what the database keeps).
    pub fn now(&self) -> Timestamp {
        let milliseconds = match &self.0 {
            Source::System => system_milliseconds(),
            Source::Fixed(at) => at.load(Ordering::SeqCst),
        };
        from_milliseconds(milliseconds)
    }

    /// Moves a fixed clock; the system's clock cannot be moved and ignores this.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Fixed(at) = &self.0 {
            at.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that asks the system")]
fn system_milliseconds() -> i64 {
    Timestamp::now().as_millisecond()
}

/// A stored number of milliseconds since 1970 as a timestamp; what lies outside the calendar becomes its nearest end.
pub fn from_milliseconds(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// When the clinic is open, in its own time zone.
#[derive(Clone, Debug)]
pub struct OpeningHours {
    /// The clinic's zone: every date a person reads is written in it.
    pub timezone: TimeZone,
    /// Spans of each weekday, Monday first, in order and without overlap; an empty list is a closed day.
    pub week: [Vec<(Time, Time)>; 7],
    /// Dates on which the clinic is closed whatever the weekday.
    pub closed_on: Vec<Date>,
}

impl OpeningHours {
    /// The spans during which the clinic is open on `date`, as moments. A span that a clock change
    /// shortens or lengthens has the length that the people in the clinic live through.
    pub fn spans_on(&self, date: Date) -> Vec<(Timestamp, Timestamp)> {
        if self.closed_on.contains(&date) {
            return Vec::new();
        }
        self.week[weekday_index(date.weekday())]
            .iter()
            .filter_map(|&(from, to)| Some((self.moment(date, from)?, self.moment(date, to)?)))
            .filter(|(from, to)| from < to)
            .collect()
    }

    /// The local date and time of a moment.
    pub fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.timezone.clone())
    }

    /// A local date and time as a moment; a time that a clock change skips is the moment after the gap.
    fn moment(&self, date: Date, time: Time) -> Option<Timestamp> {
        let zoned = date.to_datetime(time).to_zoned(self.timezone.clone()).ok()?;
        Some(zoned.timestamp())
    }

    /// "Wednesday 25 November 2026, 14:30": the date written out, for pages and mails.
    pub fn written(&self, at: Timestamp) -> String {
        self.local(at).strftime("%A %-d %B %Y, %H:%M").to_string()
    }

    /// "Wednesday 25 November, 14:30": for a day near enough that the year is plain.
    pub fn written_soon(&self, at: Timestamp) -> String {
        self.local(at).strftime("%A %-d %B, %H:%M").to_string()
    }
}

/// Monday is 0.
pub fn weekday_index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or(0)
}
