//! The sums of a day and how they add up. They hold counts and nothing else; times are counted in spans that grow with
//! their length, so that a year of them stays small and a median is as exact as anybody can use.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::OpeningHours;
use crate::inquiry::Status;
use crate::store::Arrival;

/// What happened to the inquiries that were received on some days. Suspected spam is counted and left out of the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Inquiries.
    pub received: u64,
    /// Suspected spam.
    pub spam: u64,
    /// Inquiries by what they ask about; the empty slug is "not sure".
    pub techniques: BTreeMap<String, u64>,
    /// Inquiries by the hour of the clinic's day.
    pub hours: BTreeMap<u8, u64>,
    /// How long until somebody opened them.
    pub opened: Spans,
    /// How long until they were answered.
    pub answered: Spans,
    /// Answered by the time that was promised.
    pub kept: u64,
    /// Answered later.
    pub late: u64,
    /// New or open without an answer, by the day (since 1970, in the clinic's zone) on which one was promised.
    pub waiting: BTreeMap<i64, u64>,
}

/// Counts by span: each is named by its first minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spans(BTreeMap<u32, u64>);

impl Spans {
    fn add(&mut self, minutes: i64) {
        let minutes = u32::try_from(minutes).unwrap_or(0);
        // A minute within the first hour, five within a working day, half an hour within two days, then a tenth of a day.
        let width = match minutes {
            0..60 => 1,
            60..480 => 5,
            480..2_880 => 30,
            _ => 144,
        };
        *self.0.entry(minutes - minutes % width).or_default() += 1;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The span within which `percent` of them were done, by its first minute; None without any.
    pub fn percentile(&self, percent: u64) -> Option<u32> {
        let wanted = (self.count() * percent).div_ceil(100).max(1);
        let mut passed = 0;
        self.0.iter().find_map(|(minutes, count)| {
            passed += count;
            (passed >= wanted).then_some(*minutes)
        })
    }
}

impl Sums {
    /// Adds the inquiries of one day up.
    pub fn of(arrivals: &[Arrival], opening: &OpeningHours) -> Self {
        let mut sums = Self::default();
        arrivals.iter().for_each(|arrival| sums.count(arrival, opening));
        sums
    }

    fn count(&mut self, arrival: &Arrival, opening: &OpeningHours) {
        if arrival.status == Status::Spam {
            self.spam += 1;
            return;
        }
        self.received += 1;
        *self.techniques.entry(arrival.technique.clone().unwrap_or_default()).or_default() += 1;
        let hour = u8::try_from(opening.local(arrival.received_at).hour()).unwrap_or(0);
        *self.hours.entry(hour).or_default() += 1;
        if let Some(opened) = arrival.opened_at {
            self.opened.add(opened.duration_since(arrival.received_at).as_mins());
        }
        match arrival.answered_at {
            Some(answered) => {
                self.answered.add(answered.duration_since(arrival.received_at).as_mins());
                *(if answered <= arrival.answer_by { &mut self.kept } else { &mut self.late }) += 1;
            }
            None if arrival.status.is_to_do() => {
                *self.waiting.entry(super::day_of(arrival.answer_by, opening)).or_default() += 1;
            }
            None => {}
        }
    }

    /// Adds the sums of another day.
    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.spam += other.spam;
        self.kept += other.kept;
        self.late += other.late;
        add_all(&mut self.techniques, &other.techniques);
        add_all(&mut self.hours, &other.hours);
        add_all(&mut self.opened.0, &other.opened.0);
        add_all(&mut self.answered.0, &other.answered.0);
        add_all(&mut self.waiting, &other.waiting);
    }

    /// Who still waits on day `today`, to whom an answer is promised for then or later.
    pub fn in_time(&self, today: i64) -> u64 {
        self.waiting.range(today..).map(|(_, count)| count).sum()
    }

    /// Promises that were broken before day `today`: answered late, or still waiting.
    pub fn broken(&self, today: i64) -> u64 {
        self.late + self.waiting.range(..today).map(|(_, count)| count).sum::<u64>()
    }
}

fn add_all<K: Ord + Clone>(sums: &mut BTreeMap<K, u64>, more: &BTreeMap<K, u64>) {
    for (key, count) in more {
        match sums.get_mut(key) {
            Some(sum) => *sum += count,
            None => drop(sums.insert(key.clone(), *count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_span_that_holds_it() {
        let mut spans = Spans::default();
        assert_eq!(spans.percentile(50), None);
        (1..=10).for_each(|minutes| spans.add(minutes));
        assert_eq!((spans.percentile(50), spans.percentile(90), spans.percentile(100)), (Some(5), Some(9), Some(10)));
        spans.add(-5);
        assert_eq!(spans.percentile(1), Some(0), "a clock that was set back");
    }

    #[test]
    fn spans_grow_with_their_length() {
        let span = |minutes| {
            let mut spans = Spans::default();
            spans.add(minutes);
            spans.percentile(50).unwrap()
        };
        assert_eq!(
            [span(59), span(64), span(479), span(509), span(2_879), span(4_000)],
            [59, 60, 475, 480, 2_850, 3_888]
        );
    }
}
