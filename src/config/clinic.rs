//! `[clinic]`: who we are, when we are open, and by when we answer. The default is a clinic marked as an example.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use toml::Value;

use super::read::{Reader, Refusal, scalar_text, split};
use crate::clock::OpeningHours;
use crate::contact::{EmailAddress, PhoneNumber};

/// `[clinic]`
#[derive(Clone, Debug)]
pub struct Clinic {
    /// Its name.
    pub name: String,
    /// True while the operator has not given a name: pages then say that the clinic is an example.
    pub is_example: bool,
    /// The keys that say who the clinic is and are not set: what stands there is the example's.
    pub example_keys: Vec<&'static str>,
    /// The number people call.
    pub phone: PhoneNumber,
    /// The address people write to.
    pub email: EmailAddress,
    /// Street and house number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Post code.
    pub postcode: String,
    /// Country.
    pub country: String,
    /// Opening hours, closed days and time zone.
    pub hours: OpeningHours,
    /// Opening hours within which an inquiry is answered.
    pub reply_within_hours: u32,
    /// The number for emergencies.
    pub emergency_number: PhoneLine,
    /// The number for urgent medical advice, where a country has one.
    pub urgent_advice_number: Option<PhoneLine>,
}

/// A short public number such as 112, kept as text.
pub type PhoneLine = String;

/// Who the clinic is, to whoever wants to reach it. A country has a default that may be right.
const WHO: [&str; 6] =
    ["clinic.name", "clinic.phone", "clinic.email", "clinic.street", "clinic.city", "clinic.postcode"];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const HOURS_REMEDY: &str = "write mon = \"09:00-12:00, 13:00-17:00\"; a day left out is closed";

impl Clinic {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        Some(Self {
            is_example: !reader.is_set("clinic.name"),
            example_keys: WHO.into_iter().filter(|key| !reader.is_set(key)).collect(),
            name: required(reader, "clinic.name", "Example Back Clinic")?,
            phone: reader.parsed("clinic.phone", "+44 1632 960 123", |text| {
                PhoneNumber::parse(text).map_err(|_| ("is not a telephone number", "write 6 to 15 digits"))
            })?,
            email: reader.parsed("clinic.email", "hello@clinic.example", |text| {
                EmailAddress::parse(text)
                    .map_err(|_| ("is not an email address", "write for example hello@clinic.example"))
            })?,
            street: reader.text("clinic.street", "1 Example Street"),
            city: reader.text("clinic.city", "Exampletown"),
            postcode: reader.text("clinic.postcode", "EX1 2MP"),
            country: reader.text("clinic.country", "United Kingdom"),
            hours: hours(reader)?,
            reply_within_hours: reader.number("clinic.reply_within_hours", 8, 1..=200),
            emergency_number: reader.parsed("clinic.emergency_number", "112", short_number)?,
            urgent_advice_number: reader.optional("clinic.urgent_advice_number", short_number),
        })
    }
}

fn required(reader: &mut Reader, key: &str, default: &str) -> Option<String> {
    reader.parsed(key, default, |text| match text.is_empty() {
        false => Ok(text.to_owned()),
        true => Err(("is empty", "write a name, or remove the key")),
    })
}

fn short_number(text: &str) -> Result<PhoneLine, Refusal> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let usual = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '(' | ')'));
    if usual && (2..=15).contains(&digits) {
        Ok(text.to_owned())
    } else {
        Err(("is not a number to call", "write for example 112"))
    }
}

fn hours(reader: &mut Reader) -> Option<OpeningHours> {
    let timezone = reader.parsed("clinic.timezone", "Europe/London", |text| {
        TimeZone::get(text).map_err(|_| ("is no time zone we know", "write a name such as Europe/Berlin"))
    })?;
    let closed_on = reader.list("clinic.closed_on", &[], |text| {
        text.parse::<Date>().map_err(|_| ("is not a date", "write dates as 2026-12-25"))
    });
    let week = match reader.raw("clinic.hours") {
        None => default_week(),
        Some(value) => week(reader, &value),
    };
    if week.iter().all(Vec::is_empty) && !reader.has_fault("clinic.hours") {
        reader.fault("clinic.hours", "never opens, so no answer could be promised", HOURS_REMEDY);
    }
    Some(OpeningHours { timezone, week, closed_on })
}

/// Monday to Friday, 09:00 to 17:00.
fn default_week() -> [Vec<(Time, Time)>; 7] {
    let day = vec![(Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0))];
    std::array::from_fn(|index| if index < 5 { day.clone() } else { Vec::new() })
}

/// In the file a table of weekdays; in the environment `mon-fri=09:00-17:00; sat=10:00-12:00`.
fn week(reader: &mut Reader, value: &Value) -> [Vec<(Time, Time)>; 7] {
    let entries: Vec<(String, Vec<String>)> = match value {
        Value::Table(table) => table.iter().map(|(day, spans)| (day.clone(), span_texts(spans))).collect(),
        Value::String(text) => text.split(';').filter(|entry| !entry.trim().is_empty()).map(entry_of_text).collect(),
        _ => {
            reader.fault("clinic.hours", "must be a table of weekdays", HOURS_REMEDY);
            return default_week();
        }
    };
    let mut week: [Vec<(Time, Time)>; 7] = Default::default();
    for (days, texts) in entries {
        let Some(days) = day_range(&days) else {
            reader.fault("clinic.hours", &format!("“{days}” is no weekday"), HOURS_REMEDY);
            continue;
        };
        match spans(&texts) {
            Some(spans) => days.for_each(|day| week[day].clone_from(&spans)),
            None => reader.fault(
                "clinic.hours",
                &format!("“{}” is not a list of spans in order", texts.join(", ")),
                HOURS_REMEDY,
            ),
        }
    }
    week
}

fn entry_of_text(entry: &str) -> (String, Vec<String>) {
    let (day, spans) = entry.split_once('=').unwrap_or((entry, ""));
    (day.trim().to_owned(), split(spans))
}

fn span_texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(scalar_text).collect(),
        other => split(&scalar_text(other)),
    }
}

/// "mon", "Monday" or "mon-fri" as indices, Monday 0.
fn day_range(text: &str) -> Option<std::ops::RangeInclusive<usize>> {
    let (from, to) = text.split_once(['-', '–']).unwrap_or((text, text));
    let range = day_index(from)?..=day_index(to)?;
    (!range.is_empty()).then_some(range)
}

fn day_index(text: &str) -> Option<usize> {
    let text = text.trim().to_lowercase();
    DAYS.iter().position(|day| text.len() >= 3 && day.starts_with(&text))
}

/// Spans in order and without overlap. An empty list is a closed day.
fn spans(texts: &[String]) -> Option<Vec<(Time, Time)>> {
    let spans: Vec<(Time, Time)> = texts
        .iter()
        .filter(|text| !text.is_empty() && *text != "closed")
        .map(|text| {
            let (from, to) = text.split_once(['-', '–'])?;
            Some((time(from)?, time(to)?))
        })
        .collect::<Option<_>>()?;
    let each_forward = spans.iter().all(|(from, to)| from < to);
    let in_order = spans.windows(2).all(|pair| pair[0].1 <= pair[1].0);
    (each_forward && in_order).then_some(spans)
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    match (hour.parse().ok()?, minute.parse().ok()?) {
        // The end of the day, as people write it.
        (24, 0) => Some(Time::MAX),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}
