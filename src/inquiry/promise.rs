//! The promise: by when an inquiry is answered, counted in opening hours.

use jiff::{SignedDuration, Timestamp};

use crate::clock::OpeningHours;

/// Far enough for any promise (200 opening hours at one a week), near enough to end when the calendar is nearly empty.
const LONGEST_SEARCH_DAYS: u32 = 366 * 5;

/// When `hours` opening hours have passed since `received`. Time outside opening hours, on closed days and
/// in the hour that a clock change skips does not count. A promise that falls exactly on closing time
/// holds at closing time, not at the next opening.
pub fn answer_by(received: Timestamp, hours: u32, opening: &OpeningHours) -> Timestamp {
    let mut left = SignedDuration::from_hours(i64::from(hours));
    let mut date = opening.local(received).date();
    for _ in 0..LONGEST_SEARCH_DAYS {
        for (from, to) in opening.spans_on(date) {
            let from = from.max(received);
            let open = to.duration_since(from).max(SignedDuration::ZERO);
            if open >= left && !open.is_zero() {
                return from + left;
            }
            left -= open;
        }
        match date.tomorrow() {
            Ok(next) => date = next,
            Err(_) => break,
        }
    }
    // Only a calendar that is closed for five years comes here; an hour in wall time is then as good as any.
    received + SignedDuration::from_hours(i64::from(hours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Time, date, time};
    use jiff::tz::TimeZone;

    fn opening(zone: &str, from: Time, to: Time, days: usize) -> OpeningHours {
        OpeningHours {
            timezone: TimeZone::get(zone).unwrap(),
            week: std::array::from_fn(|day| if day < days { vec![(from, to)] } else { vec![] }),
            closed_on: vec![date(2026, 12, 25)],
        }
    }

    fn promised(opening: &OpeningHours, received: &str, hours: u32) -> String {
        let received = opening.timezone.to_timestamp(received.parse().unwrap()).unwrap();
        opening.local(answer_by(received, hours, opening)).datetime().to_string()
    }

    #[test]
    fn opening_hours_count_across_nights_weekends_and_holidays() {
        let office = opening("Europe/London", time(9, 0, 0, 0), time(17, 0, 0, 0), 5);
        // Wednesday morning: the same day.
        assert_eq!(promised(&office, "2026-11-25T09:00", 8), "2026-11-25T17:00:00");
        // Wednesday at three: two hours then, six the next day.
        assert_eq!(promised(&office, "2026-11-25T15:00", 8), "2026-11-26T15:00:00");
        // Friday evening: Monday counts whole.
        assert_eq!(promised(&office, "2026-11-27T20:00", 8), "2026-11-30T17:00:00");
        // Thursday before Christmas, which is closed, and a weekend.
        assert_eq!(promised(&office, "2026-12-24T16:00", 8), "2026-12-28T16:00:00");
        // Before opening.
        assert_eq!(promised(&office, "2026-11-25T03:00", 1), "2026-11-25T10:00:00");
    }

    #[test]
    fn a_clock_change_inside_opening_hours_is_lived_through() {
        let always = opening("Europe/Berlin", time(0, 0, 0, 0), time(6, 0, 0, 0), 7);
        // Spring: 02:00 to 03:00 does not exist, so the span has five hours.
        assert_eq!(promised(&always, "2026-03-29T00:00", 4), "2026-03-29T05:00:00");
        assert_eq!(promised(&always, "2026-03-29T00:00", 6), "2026-03-30T01:00:00");
        // Autumn: 02:00 to 03:00 comes twice, so the span has seven.
        assert_eq!(promised(&always, "2026-10-25T00:00", 4), "2026-10-25T03:00:00");
    }

    #[test]
    fn breaks_do_not_count() {
        let mut clinic = opening("Europe/London", time(9, 0, 0, 0), time(12, 0, 0, 0), 5);
        clinic.week[2].push((time(14, 0, 0, 0), time(17, 0, 0, 0)));
        assert_eq!(promised(&clinic, "2026-11-25T11:00", 2), "2026-11-25T15:00:00");
    }
}
