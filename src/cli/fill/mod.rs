//! `backwise fill`, which `--help` does not tell: a database full of made-up inquiries, to measure at size. It fills only
//! a database without any, so that nothing made up ever stands beside a patient's words.

mod people;

use std::collections::HashSet;

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use self::people::{Dice, message, note, person};
use super::{Failure, clock, complain, load_content, open_key, open_store};
use crate::clock::OpeningHours;
use crate::config::Config;
use crate::contact::EmailAddress;
use crate::inquiry::{Choices, InquiryForm, NewInquiry, Reference, Status, answer_by};
use crate::secret::{SecretKey, digest};
use crate::staff::Role;
use crate::store::{EntryKind, Error, Found, Past, PastEntry, Receiving, Store};

/// The inquiries lie within so many days before now.
const DAYS: i64 = 730;
/// Inquiries of one transaction.
const BATCH: i64 = 1_000;
/// So many words wait in memory until they are written in order: a quarter of a gigabyte.
const MOST_FOUND: usize = 16_000_000;
/// Inquiries have at most so many lines in their timeline.
const ENTRIES: i64 = 8;

#[derive(Args)]
pub(super) struct FillArgs {
    /// How many inquiries
    number: u32,
}

/// What every inquiry is made with.
struct Making {
    key: SecretKey,
    opening: OpeningHours,
    reply_within_hours: u32,
    techniques: Vec<String>,
    conditions: Vec<String>,
    staff: Vec<String>,
    now: Timestamp,
}

/// References that were given. Of a million random ones, two are likely to be alike.
type Given = HashSet<Reference>;

/// One inquiry, with the parts that a [`Past`] borrows.
struct Made {
    seq: i64,
    new: NewInquiry,
    reference: Reference,
    receipt: Vec<u8>,
    received_at: Timestamp,
    answer_by: Timestamp,
    status: Status,
    assignee: Option<usize>,
    opened_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    entries: Vec<(Timestamp, EntryKind, String)>,
}

pub(super) async fn run(config: &Config, args: FillArgs) -> Result<(), Failure> {
    let store = open_store(config, 2).await?;
    if !store.inquiries_after(0, Timestamp::MIN, 1).await?.is_empty() {
        return Err(Failure::Operation("this database holds inquiries; only an empty one is filled".to_owned()));
    }
    let content = load_content(config)?;
    let now = clock().now();
    let making = Making {
        key: open_key(config, &store).await?,
        opening: config.clinic.hours.clone(),
        reply_within_hours: config.clinic.reply_within_hours,
        techniques: content.techniques().iter().map(|technique| technique.slug().as_str().to_owned()).collect(),
        conditions: content.conditions().iter().map(|condition| condition.slug().as_str().to_owned()).collect(),
        staff: staff(&store, now).await?,
        now,
    };
    fill(&store, &making, i64::from(args.number)).await?;
    store.close().await;
    Ok(())
}

/// Accounts that inquiries were assigned to; nobody can sign in with them.
async fn staff(store: &Store, now: Timestamp) -> Result<Vec<String>, Failure> {
    let mut tx = store.begin().await?;
    let mut ids = Vec::new();
    for name in ["Ada", "Ben", "Cleo", "Dara", "Emil", "Fay"] {
        let address = format!("{}@made-up.example", name.to_lowercase());
        let address = EmailAddress::parse(&address).map_err(|_| Failure::operation("a made-up address is none"))?;
        ids.extend(tx.add_staff(&address, &format!("{name} (made up)"), Role::Staff, now).await?);
    }
    tx.commit().await?;
    Ok(ids)
}

async fn fill(store: &Store, making: &Making, number: i64) -> Result<(), Failure> {
    let mut dice = Dice::new();
    store.begin_filling().await?;
    let mut found: Vec<Found> = Vec::new();
    let mut given = Given::new();
    let mut done = 0;
    while done < number {
        let until = number.min(done + BATCH);
        let made: Option<Vec<Made>> =
            (done..until).map(|index| make(making, &mut dice, &mut given, index, number)).collect();
        let made = made.ok_or_else(|| Failure::operation("a made-up inquiry does not pass the form"))?;
        found.extend(write(store, making, &made).await?);
        if found.len() > MOST_FOUND || until == number {
            let mut tx = store.begin().await?;
            tx.add_found(&mut found).await?;
            tx.commit().await?;
            found.clear();
        }
        if until / 50_000 > done / 50_000 {
            complain(&format!("{until} of {number}"));
        }
        done = until;
    }
    complain("now the indexes");
    Ok(store.end_filling().await?)
}

async fn write(store: &Store, making: &Making, made: &[Made]) -> Result<Vec<Found>, Error> {
    let entries: Vec<Vec<PastEntry<'_>>> = made.iter().map(|one| entries(making, one)).collect();
    let past: Vec<Past<'_>> = made
        .iter()
        .zip(&entries)
        .map(|(one, entries)| Past {
            seq: one.seq,
            new: &one.new,
            receiving: Receiving {
                reference: &one.reference,
                receipt_digest: &one.receipt,
                received_at: one.received_at,
                answer_by: one.answer_by,
                status: one.status,
                consent_version: "made up",
                signals: if one.status == Status::Spam { &["trap"] } else { &[] },
            },
            assignee: one.assignee.map(|index| making.staff[index].as_str()),
            opened_at: one.opened_at,
            answered_at: one.answered_at,
            entries,
        })
        .collect();
    let mut tx = store.begin().await?;
    let found = tx.add_past(&past).await?;
    tx.commit().await?;
    Ok(found)
}

fn entries<'a>(making: &'a Making, one: &'a Made) -> Vec<PastEntry<'a>> {
    let staff = one.assignee.map_or(&making.staff[0], |index| &making.staff[index]);
    let numbered = one.entries.iter().zip(one.seq * ENTRIES..);
    numbered
        .map(|((at, kind, words), seq)| PastEntry {
            seq,
            at: *at,
            staff: (*kind != EntryKind::Received).then_some(staff.as_str()),
            kind: *kind,
            words,
        })
        .collect()
}

/// The inquiry of this index; the first one is the oldest. None when the form would refuse it.
fn make(making: &Making, dice: &mut Dice, given: &mut Given, index: i64, number: i64) -> Option<Made> {
    let seq = index + 1;
    let span = SignedDuration::from_hours(24 * DAYS).as_millis() as i64;
    let age = span - span / number.max(1) * index;
    let received_at = making.now - SignedDuration::from_millis(age);
    let new = form(making, dice, seq)
        .parse(Choices { techniques: &making.techniques, conditions: &making.conditions })
        .ok()?;
    let status = status(dice, age);
    let was_opened = status != Status::Spam && (status != Status::New || dice.one_in(4));
    let opened_at = was_opened.then(|| received_at + SignedDuration::from_mins(dice.below(600)));
    let answered_at = matches!(status, Status::Answered | Status::Closed)
        .then(|| received_at + SignedDuration::from_mins(60 + dice.below(2_000)));
    let assignee = (was_opened && !dice.one_in(5)).then(|| dice.index(making.staff.len()));
    Some(Made {
        seq,
        reference: new_reference(given)?,
        receipt: digest(&making.key.receipt_key(new.submission())),
        received_at,
        answer_by: answer_by(received_at, making.reply_within_hours, &making.opening),
        status,
        assignee,
        opened_at,
        answered_at,
        entries: timeline(dice, received_at, opened_at, answered_at),
        new,
    })
}

fn new_reference(given: &mut Given) -> Option<Reference> {
    loop {
        let reference = Reference::random().ok()?;
        if given.insert(reference.clone()) {
            return Some(reference);
        }
    }
}

/// Nearly everything that is a few days old was dealt with; a little was forgotten.
fn status(dice: &mut Dice, age: i64) -> Status {
    let days = age / (24 * 60 * 60 * 1000);
    match dice.below(1_000) {
        0..30 => Status::Spam,
        30..600 if days < 2 => Status::New,
        600..850 if days < 2 => Status::Open,
        30..32 => Status::New,
        32..35 => Status::Open,
        35..120 => Status::Answered,
        _ => Status::Closed,
    }
}

fn timeline(
    dice: &mut Dice,
    received_at: Timestamp,
    opened_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
) -> Vec<(Timestamp, EntryKind, String)> {
    let mut entries = vec![(received_at, EntryKind::Received, String::new())];
    if let Some(at) = opened_at {
        entries.push((at, EntryKind::Viewed, String::new()));
        if dice.one_in(4) {
            entries.push((at, EntryKind::Note, note(dice)));
        }
    }
    if let Some(at) = answered_at {
        entries.push((at, EntryKind::Reply, message(dice)));
        entries.push((at, EntryKind::Status, "open>answered".to_owned()));
    }
    entries
}

fn form(making: &Making, dice: &mut Dice, seq: i64) -> InquiryForm {
    let person = person(dice, seq);
    let urgent = ["yes", "unsure"].into_iter().find(|_| dice.one_in(60)).unwrap_or("no");
    let technique =
        if dice.one_in(3) { String::new() } else { making.techniques[dice.index(making.techniques.len())].clone() };
    let health =
        if dice.one_in(5) { vec![making.conditions[dice.index(making.conditions.len())].clone()] } else { Vec::new() };
    InquiryForm {
        urgent: urgent.to_owned(),
        urgent_seen: "yes".to_owned(),
        name: person.name,
        email: person.email,
        phone: person.phone,
        voicemail: if dice.one_in(2) { "yes".to_owned() } else { String::new() },
        technique,
        best_time: if dice.one_in(4) { "weekdays after 17:00".to_owned() } else { String::new() },
        health,
        // One in a hundred thousand is found by a word that no other holds.
        message: if seq % 100_000 == 7 {
            format!("{} It began on a trampoline.", message(dice))
        } else {
            message(dice)
        },
        consent: "yes".to_owned(),
        token: seq.to_string(),
        ..InquiryForm::default()
    }
}
