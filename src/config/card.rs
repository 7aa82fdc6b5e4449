//! The clinic as pages and mails show it: plain texts, made once.

use jiff::civil::Time;

use super::Clinic;
use crate::clock::OpeningHours;

/// Name, address, numbers and hours, ready to print.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are those of the configuration's keys")]
pub struct ClinicView {
    pub name: String,
    pub phone: String,
    pub phone_href: String,
    pub email: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub is_example: bool,
    pub example_keys: Vec<&'static str>,
    pub hours: Vec<HoursLine>,
    /// What the lines of `hours` are made from, with the closed days.
    pub opening: OpeningHours,
    pub reply_within: String,
    pub emergency_number: String,
    pub urgent_advice_number: Option<String>,
}

/// "Monday to Friday", "09:00 to 17:00".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursLine {
    /// Days that share their hours.
    pub days: String,
    /// The hours.
    pub times: String,
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl ClinicView {
    /// The texts of a clinic.
    pub fn of(clinic: &Clinic) -> Self {
        Self {
            name: clinic.name.clone(),
            phone: clinic.phone.as_str().to_owned(),
            phone_href: clinic.phone.href(),
            email: clinic.email.as_str().to_owned(),
            street: clinic.street.clone(),
            postcode: clinic.postcode.clone(),
            city: clinic.city.clone(),
            country: clinic.country.clone(),
            is_example: clinic.is_example,
            example_keys: clinic.example_keys.clone(),
            hours: hours_lines(&clinic.hours.week),
            opening: clinic.hours.clone(),
            reply_within: match clinic.reply_within_hours {
                1 => "1 opening hour".to_owned(),
                hours => format!("{hours} opening hours"),
            },
            emergency_number: clinic.emergency_number.clone(),
            urgent_advice_number: clinic.urgent_advice_number.clone(),
        }
    }
}

/// Neighbouring days with the same hours share a line; closed days have none.
fn hours_lines(week: &[Vec<(Time, Time)>; 7]) -> Vec<HoursLine> {
    let mut lines = Vec::new();
    let mut day = 0;
    while day < 7 {
        let last = (day..7).take_while(|&other| week[other] == week[day]).last().unwrap_or(day);
        if !week[day].is_empty() {
            let days = match last - day {
                0 => DAYS[day].to_owned(),
                1 => format!("{} and {}", DAYS[day], DAYS[last]),
                _ => format!("{} to {}", DAYS[day], DAYS[last]),
            };
            let times: Vec<_> =
                week[day].iter().map(|&(from, to)| format!("{} to {}", clock(from), clock(to))).collect();
            lines.push(HoursLine { days, times: times.join(", ") });
        }
        day = last + 1;
    }
    lines
}

fn clock(time: Time) -> String {
    match time {
        Time::MAX => "24:00".to_owned(),
        time => time.strftime("%H:%M").to_string(),
    }
}
