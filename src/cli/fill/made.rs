//! Made-up inquiries: what people sent, when, and what became of it.

use std::collections::HashSet;
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::Making;
use super::arrivals::when_open;
use super::dice::Dice;
use super::people::{best_time, person, person_of};
use super::words::{message, note, reply};
use crate::inquiry::{Answers, Choices, InquiryForm, NewInquiry, Reference, Status, answer_by};
use crate::secret::digest;
use crate::store::EntryKind;

/// What mail servers answered to acknowledgements that did not arrive.
const REFUSALS: [&str; 3] = [
    "550 5.1.1 mailbox unavailable (made up)",
    "552 5.2.2 mailbox full (made up)",
    "554 5.7.1 message refused by policy (made up)",
];

/// References that were given. Of a million random ones, two are likely to be alike.
pub(super) type Given = HashSet<Reference>;

/// One inquiry, with the parts that a [`Past`] borrows.
pub(super) struct Made {
    pub(super) seq: i64,
    pub(super) new: NewInquiry,
    pub(super) reference: Reference,
    pub(super) receipt: Vec<u8>,
    pub(super) received_at: Timestamp,
    pub(super) answer_by: Timestamp,
    pub(super) status: Status,
    pub(super) assignee: Option<usize>,
    pub(super) opened_at: Option<Timestamp>,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) merged_into: Option<Reference>,
    pub(super) refusal: Option<&'static str>,
    pub(super) entries: Vec<(Timestamp, EntryKind, String)>,
}

/// The inquiries of these places. None when the form would refuse one.
pub(super) fn make_some(making: &Making, dice: &mut Dice, given: &mut Given, places: Range<i64>) -> Option<Vec<Made>> {
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
