//! `backwise fill`, which `--help` does not tell: a database full of made-up inquiries, to measure at size. It fills only
//! a database without any, so that nothing made up ever stands beside a patient's words.

mod arrivals;
mod dice;
mod made;
mod people;
mod words;

use clap::Args;
use jiff::Timestamp;

use self::arrivals::Arrivals;
use self::dice::Dice;
use self::made::{Given, Made, make_some};
use super::{Failure, clock, complain, load_content, open_key, open_store};
use crate::clock::OpeningHours;
use crate::config::Config;
use crate::contact::EmailAddress;
use crate::inquiry::Status;
use crate::secret::SecretKey;
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
    arrivals: Arrivals,
    number: i64,
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
                consent_version: "2024-01-01, made up",
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
