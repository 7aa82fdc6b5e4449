//! `backwise fill`, which `--help` does not tell: a database full of made-up inquiries, to measure at size. It fills only
//! a database without any, so that nothing made up ever stands beside a patient's words.

mod arrivals;
mod dice;
mod people;
mod words;

use std::collections::HashSet;
use std::ops::Range;

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use self::arrivals::{Arrivals, when_open};
use self::dice::Dice;
use self::people::{best_time, person, person_of};
use self::words::{message, note, reply};
use super::{Failure, clock, complain, load_content, open_key, open_store};
use crate::clock::OpeningHours;
use crate::config::Config;
use crate::contact::EmailAddress;
use crate::inquiry::{Answers, Choices, InquiryForm, NewInquiry, Reference, Status, answer_by};
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
/// What mail servers answered to acknowledgements that did not arrive.
const REFUSALS: [&str; 3] = [
    "550 5.1.1 mailbox unavailable (made up)",
    "552 5.2.2 mailbox full (made up)",
    "554 5.7.1 message refused by policy (made up)",
];

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
    arrivals: Arrivals,
    number: i64,
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
    merged_into: Option<Reference>,
    refusal: Option<&'static str>,
    entries: Vec<(Timestamp, EntryKind, String)>,
}

pub(super) async fn run(config: &Config, args: FillArgs) -> Result<(), Failure> {
    let store = open_store(config, 2).await?;
    if !store.inquiries_after(0, Timestamp::MIN, 1).await?.is_empty() {
        return Err(Failure::Operation("this database holds inquiries; only an empty one is filled".to_owned()));
    }
    let content = load_content(config)?;
    let now = clock().now();
    let mut dice = Dice::new();
    let making = Making {
        key: open_key(config, &store).await?,
        opening: config.clinic.hours.clone(),
        reply_within_hours: config.clinic.reply_within_hours,
        techniques: content.techniques().iter().map(|technique| technique.slug().as_str().to_owned()).collect(),
        conditions: content.conditions().iter().map(|condition| condition.slug().as_str().to_owned()).collect(),
        staff: staff(&store, now).await?,
        now,
        arrivals: Arrivals::before(now, DAYS, &config.clinic.hours, &mut dice),
        number: i64::from(args.number),
    };
    fill(&store, &making, dice).await?;
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

async fn fill(store: &Store, making: &Making, mut dice: Dice) -> Result<(), Failure> {
    let number = making.number;
    store.begin_filling().await?;
    let mut found: Vec<Found> = Vec::new();
    let mut given = Given::new();
    let mut done = 0;
    while done < number {
        let until = number.min(done + BATCH);
        let made = make_some(making, &mut dice, &mut given, done..until)
            .ok_or_else(|| Failure::operation("a made-up inquiry does not pass the form"))?;
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
            merged_into: one.merged_into.as_ref(),
            refusal: one.refusal,
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

/// The inquiries of these places. None when the form would refuse one.
fn make_some(making: &Making, dice: &mut Dice, given: &mut Given, places: Range<i64>) -> Option<Vec<Made>> {
    let mut made: Vec<Made> = Vec::new();
    for index in places {
        let before = made.last_mut().filter(|before| before.status != Status::Spam && before.merged_into.is_none());
        let again = before.filter(|_| dice.one_in(300));
        let one = match again {
            None => make(making, dice, new_reference(given)?, index, None)?,
            Some(before) => make_again(making, dice, new_reference(given)?, index, before)?,
        };
        made.push(one);
    }
    Some(made)
}

/// The inquiry of this place; the first one is the oldest.
fn make(making: &Making, dice: &mut Dice, reference: Reference, index: i64, who: Option<&Answers>) -> Option<Made> {
    let seq = index + 1;
    let received_at = making.arrivals.at(index, making.number);
    let new = form(making, dice, seq, who)
        .parse(Choices { techniques: &making.techniques, conditions: &making.conditions })
        .ok()?;
    let status = status(dice, making.now.duration_since(received_at));
    let was_opened = status != Status::Spam && (status != Status::New || dice.one_in(4));
    let opened_at = was_opened.then(|| later(making, received_at, 5 + dice.below(180)));
    let was_answered = matches!(status, Status::Answered | Status::Closed);
    let pause = if dice.one_in(15) { dice.below(3_000) } else { 10 + dice.below(300) };
    let answered_at = opened_at.filter(|_| was_answered).map(|at| later(making, at, pause));
    let mut made = Made {
        seq,
        reference,
        receipt: digest(&making.key.receipt_key(new.submission())),
        received_at,
        answer_by: answer_by(received_at, making.reply_within_hours, &making.opening),
        status,
        assignee: (was_opened && !dice.one_in(5)).then(|| dice.index(making.staff.len())),
        opened_at,
        answered_at,
        merged_into: None,
        refusal: dice.one_in(1_000).then(|| dice.of(&REFUSALS)),
        entries: Vec::new(),
        new,
    };
    made.entries = timeline(dice, &made);
    Some(made)
}

/// Somebody writes a second time, and staff merges it with the first.
fn make_again(making: &Making, dice: &mut Dice, reference: Reference, index: i64, before: &mut Made) -> Option<Made> {
    let mut made = make(making, dice, reference, index, Some(before.new.answers()))?;
    let merged_at = later(making, made.received_at, 30);
    let change = format!("new>{}", before.reference);
    made.entries = vec![(made.received_at, EntryKind::Received, String::new()), (merged_at, EntryKind::Merged, change)];
    made.status = Status::Closed;
    made.merged_into = Some(before.reference.clone());
    (made.assignee, made.opened_at, made.answered_at) = (None, Some(merged_at), None);
    before.entries.push((merged_at, EntryKind::TookIn, made.reference.to_string()));
    before.entries.sort_by_key(|(at, ..)| *at);
    Some(made)
}

/// So many minutes later, when somebody is there; nothing happens after now.
fn later(making: &Making, at: Timestamp, minutes: i64) -> Timestamp {
    when_open(&making.opening, at + SignedDuration::from_mins(minutes)).min(making.now)
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
fn status(dice: &mut Dice, age: SignedDuration) -> Status {
    let days = age.as_hours() / 24;
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

fn timeline(dice: &mut Dice, made: &Made) -> Vec<(Timestamp, EntryKind, String)> {
    let mut entries = vec![(made.received_at, EntryKind::Received, String::new())];
    if let Some(at) = made.opened_at {
        entries.push((at, EntryKind::Viewed, String::new()));
        if dice.one_in(4) {
            entries.push((at, EntryKind::Note, note(dice)));
        }
    }
    if let Some(at) = made.answered_at {
        entries.push(match made.new.answers().contact.email() {
            Some(_) => (at, EntryKind::Reply, reply(dice)),
            // They were called.
            None => (at, EntryKind::Status, "open>answered".to_owned()),
        });
        if made.status == Status::Closed {
            entries.push((at, EntryKind::Status, "answered>closed".to_owned()));
        }
    }
    entries
}

/// What a person sends; `who` is somebody who wrote before, with nothing urgent this time.
fn form(making: &Making, dice: &mut Dice, seq: i64, who: Option<&Answers>) -> InquiryForm {
    let person = who.map_or_else(|| person(dice, seq), person_of);
    let urgent = ["yes", "unsure"].into_iter().find(|_| who.is_none() && dice.one_in(60)).unwrap_or("no");
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
        best_time: best_time(dice),
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
