//! When made-up people write: mostly by day and in the evening, on working days, a few at night, and a little more each month.

use jiff::{SignedDuration, Timestamp};

use super::dice::Dice;
use crate::clock::{OpeningHours, weekday_index};

/// How much of a day's writing falls into each hour of the clinic's zone.
const HOURS: [i64; 24] = [2, 1, 1, 1, 1, 2, 6, 12, 22, 27, 26, 24, 20, 19, 21, 22, 22, 23, 26, 29, 28, 22, 12, 5];
/// How much of a week's writing falls on each day, Monday first.
const DAYS: [i64; 7] = [18, 16, 15, 15, 13, 8, 9];
/// The last day has so many hundredths more than the first.
const GROWTH: i64 = 40;
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Even a clinic that closes for the summer opens again within so many days; one that never does is always open here.
const LONGEST_CLOSED_DAYS: u32 = 60;

/// The hours of the past with what was written until the end of each.
pub(super) struct Arrivals {
    hours: Vec<(Timestamp, i64)>,
}

impl Arrivals {
    /// The `days` before now.
    pub(super) fn before(now: Timestamp, days: i64, opening: &OpeningHours, dice: &mut Dice) -> Self {
        let (mut hours, mut written) = (Vec::new(), 0);
        for day in 0..days {
            // No day is quite like another.
            let chance = 70 + dice.below(61);
            for hour in 0..24 {
                let from = now - AN_HOUR * i32::try_from((days - day) * 24 - hour).unwrap_or(0);
                let local = opening.local(from);
                let hour = HOURS[usize::try_from(local.hour()).unwrap_or(0)];
                written += hour * DAYS[weekday_index(local.weekday())] * chance * (100 + GROWTH * day / days);
                hours.push((from, written));
            }
        }
        Self { hours }
    }

    /// When the one at this place of so many wrote; the first one is the oldest.
    pub(super) fn at(&self, index: i64, number: i64) -> Timestamp {
        let all = self.hours.last().map_or(0, |(_, written)| *written);
        let share = i128::from(all) * (2 * i128::from(index) + 1) / (2 * i128::from(number.max(1)));
        let share = i64::try_from(share).unwrap_or(0);
        let place = self.hours.partition_point(|(_, written)| *written <= share).min(self.hours.len() - 1);
        let before = place.checked_sub(1).map_or(0, |place| self.hours[place].1);
        let (from, until) = self.hours[place];
        let within = (share - before) * AN_HOUR.as_secs() * 1000 / (until - before).max(1);
        from + SignedDuration::from_millis(within)
    }
}

/// The first moment from `at` on when somebody is in the clinic.
pub(super) fn when_open(opening: &OpeningHours, at: Timestamp) -> Timestamp {
    let mut date = opening.local(at).date();
    for _ in 0..LONGEST_CLOSED_DAYS {
        if let Some((from, _)) = opening.spans_on(date).into_iter().find(|(_, to)| *to > at) {
            return from.max(at);
        }
        match date.tomorrow() {
            Ok(next) => date = next,
            Err(_) => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn people_write_by_day_and_the_last_one_wrote_before_now() {
        let opening = OpeningHours { timezone: TimeZone::UTC, week: Default::default(), closed_on: Vec::new() };
        let now: Timestamp = "2026-11-26T10:00:00Z".parse().unwrap();
        let arrivals = Arrivals::before(now, 730, &opening, &mut Dice::new());
        let times: Vec<Timestamp> = (0..20_000).map(|index| arrivals.at(index, 20_000)).collect();
        assert!(times.is_sorted() && times[0] >= now - AN_HOUR * 24 * 730 && times[19_999] < now);
        let count = |fits: &dyn Fn(i8, usize) -> bool| {
            let local = times.iter().map(|at| opening.local(*at));
            local.filter(|at| fits(at.hour(), weekday_index(at.weekday()))).count()
        };
        assert!(count(&|hour, _| hour < 6) * 20 < count(&|hour, _| (8..22).contains(&hour)));
        assert!(count(&|_, day| day == 5) * 3 < count(&|_, day| day == 0) * 2);
        let half = now - AN_HOUR * 24 * 365;
        assert!(times.iter().filter(|at| **at < half).count() < 9_500, "it grows");
        assert_eq!(when_open(&opening, now), now, "a clinic that never opens");
    }
}
