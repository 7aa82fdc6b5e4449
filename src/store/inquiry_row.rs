//! What the store takes and gives about inquiries, and how a row becomes it. A row that this program never writes is
//! an error, not a default.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::Error;
use super::chosen::Chosen;
use super::row::Columns;
use super::sealing::{OF_INQUIRY, Sealing, of_inquiry};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Answers, BestTime, Contact, Inquiry, Message, Name, Reference, Status, Urgent};

/// What the desk adds to what a person sent, when it is received.
#[derive(Clone, Debug)]
pub struct Receiving<'a> {
    /// The new code.
    pub reference: &'a Reference,
    /// SHA-256 of the receipt key.
    pub receipt_digest: &'a [u8],
    /// Now.
    pub received_at: Timestamp,
    /// The promise.
    pub answer_by: Timestamp,
    /// New, or suspected spam.
    pub status: Status,
    /// Which privacy text was shown.
    pub consent_version: &'a str,
    /// What staff should know about how it came.
    pub signals: &'a [&'a str],
}

/// What came of storing an inquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is new, with this number.
    New(i64),
    /// The same words under the same token were stored before.
    Repeated,
    /// Another inquiry has this reference: draw another one.
    ReferenceTaken,
}

/// A place in the inbox: what its rows are sorted by, in this order; in the tier [`LATEST_FIRST`] from the latest to the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyset {
    /// 0 for a red flag, 1 otherwise, and [`LATEST_FIRST`] for what waits for nobody, where that is kept behind.
    pub tier: i64,
    /// The promise, in milliseconds.
    pub answer_by: i64,
    /// The inquiry's number.
    pub seq: i64,
}

/// The last tier of the inbox, with or without a red flag.
pub(super) const LATEST_FIRST: i64 = 2;

/// In which order the inquiries of a view stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Red flags first, then by promise: who has waited longest comes before others.
    #[default]
    UrgentFirst,
    /// What waits for an answer, as above; behind it all else, the latest promise first. For lists that look everywhere, where
    /// what was closed long ago must not stand before who waits.
    WaitingFirst,
    /// Whose promise is the latest comes first, with or without a red flag: for what waits for nobody any more.
    LatestFirst,
}

impl Sort {
    /// Where an inquiry of this status and rank belongs.
    pub(super) fn tier(self, status: Status, rank: i64) -> i64 {
        match self {
            Self::UrgentFirst => rank,
            Self::WaitingFirst if status.is_to_do() => rank,
            Self::WaitingFirst | Self::LatestFirst => LATEST_FIRST,
        }
    }
}

/// Which way a page continues from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageOrder {
    /// From the top.
    First,
    /// What follows the place.
    After(Keyset),
    /// What precedes the place.
    Before(Keyset),
}

/// A line of the inbox.
#[derive(Clone, Debug)]
pub struct InboxRow {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// Messages of it that were given up.
    pub failed: i64,
    /// Messages of it that wait.
    pub queued: i64,
}

impl InboxRow {
    /// Where it stands in the inbox.
    pub fn place(&self, sort: Sort) -> Keyset {
        Keyset::of(&self.inquiry, sort)
    }
}

impl Keyset {
    /// Where an inquiry stands.
    pub fn of(inquiry: &Inquiry, sort: Sort) -> Self {
        let tier = sort.tier(inquiry.status, rank(inquiry.answers.urgent));
        Self { tier, answer_by: inquiry.answer_by.as_millisecond(), seq: inquiry.seq }
    }

    /// The place right behind this one, where nothing stands.
    pub fn just_after(self) -> Self {
        self.moved(1)
    }

    /// The place right before this one, where nothing stands.
    pub fn just_before(self) -> Self {
        self.moved(-1)
    }

    fn moved(self, by: i64) -> Self {
        let by = if self.tier == LATEST_FIRST { -by } else { by };
        Self { seq: self.seq.saturating_add(by), ..self }
    }
}

impl Ord for Keyset {
    fn cmp(&self, other: &Self) -> Ordering {
        let in_time = (self.answer_by, self.seq).cmp(&(other.answer_by, other.seq));
        let in_tier = if self.tier == LATEST_FIRST { in_time.reverse() } else { in_time };
        self.tier.cmp(&other.tier).then(in_tier)
    }
}

impl PartialOrd for Keyset {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Red flags stand first in the inbox.
pub(super) fn rank(urgent: Urgent) -> i64 {
    if urgent.is_marked() { 0 } else { 1 }
}

const DAMAGED: &str = "Damaged: restore it from a backup";

fn split(text: &str) -> Vec<String> {
    text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

pub(super) fn inquiry(row: &impl Columns, sealing: &Sealing) -> Result<Inquiry, Error> {
    inquiry_of(row, answers(row, sealing)?)
}

fn inquiry_of(row: &impl Columns, answers: Answers) -> Result<Inquiry, Error> {
    let submission = row.bytes("submission")?;
    Ok(Inquiry {
        seq: row.number("seq")?,
        reference: Reference::parse(&row.text("reference")?).ok_or(Error::Damaged("reference"))?,
        answers,
        status: Status::parse(&row.text("status")?).ok_or(Error::Damaged("status"))?,
        received_at: row.time("received_at")?,
        answer_by: row.time("answer_by")?,
        opened_at: row.maybe_time("opened_at")?,
        answered_at: row.maybe_time("answered_at")?,
        consent_version: row.text("consent_version")?,
        submission: submission.try_into().map_err(|_| Error::Damaged("submission"))?,
        receipt_digest: row.bytes("receipt_digest")?,
        signals: split(&row.text("signals")?),
        version: row.number("version")?,
        assignee: row.maybe_text("assignee")?,
        merged_into: row
            .maybe_text("merged_into")?
            .map(|text| Reference::parse(&text).ok_or(Error::Damaged("merged_into")))
            .transpose()?,
    })
}

fn answers(row: &impl Columns, sealing: &Sealing) -> Result<Answers, Error> {
    let reference = row.text("reference")?;
    let written = |column| sealing.text(row, of_inquiry(column, &reference));
    let maybe_written = |column| sealing.maybe_text(row, of_inquiry(column, &reference));
    let email = maybe_written("email")?
        .map(|text| EmailAddress::parse(&text))
        .transpose()
        .map_err(|_| Error::Damaged("email"))?;
    let phone = maybe_written("phone")?
        .map(|text| PhoneNumber::parse(&text))
        .transpose()
        .map_err(|_| Error::Damaged("phone"))?;
    let chosen = Chosen::read(&written("chosen")?)?;
    let best_time = maybe_written("best_time")?
        .map(|text| BestTime::parse(&text))
        .transpose()
        .map_err(|_| Error::Damaged("best_time"))?;
    Ok(Answers {
        urgent: chosen.urgent,
        name: Name::parse(&written("name")?).map_err(|_| Error::Damaged("name"))?,
        contact: Contact::new(email, phone, Some(chosen.contact_by)).ok_or(Error::Damaged("chosen"))?,
        voicemail: chosen.voicemail,
        technique: chosen.technique,
        best_time,
        health: split(&written("health")?),
        message: Message::parse(&written("message")?).map_err(|_| Error::Damaged("message"))?,
    })
}

/// What stands in the inbox for an inquiry that does not open.
fn damaged_answers(row: &impl Columns) -> Result<Answers, Error> {
    let email = EmailAddress::parse("damaged@backup.invalid").ok();
    Ok(Answers {
        // It keeps its place in the order of the inbox.
        urgent: if row.number("rank")? == rank(Urgent::Unsure) { Urgent::Unsure } else { Urgent::No },
        name: Name::parse(DAMAGED).map_err(|_| Error::Damaged("name"))?,
        contact: Contact::new(email, None, None).ok_or(Error::Damaged("email"))?,
        voicemail: false,
        technique: None,
        best_time: None,
        health: Vec::new(),
        message: Message::parse(DAMAGED).map_err(|_| Error::Damaged("message"))?,
    })
}

/// An inquiry whose words do not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The code the writer was told.
    pub reference: String,
}

/// One inquiry of many: what is damaged in it must not keep back the others.
pub(super) fn one_of_many(row: &impl Columns, sealing: &Sealing) -> Result<Result<Inquiry, Unreadable>, Error> {
    match inquiry(row, sealing) {
        Ok(inquiry) => Ok(Ok(inquiry)),
        Err(Error::Damaged(_)) => Ok(Err(Unreadable { reference: row.text("reference")? })),
        Err(other) => Err(other),
    }
}

pub(super) fn inbox_row(row: &impl Columns, sealing: &Sealing) -> Result<InboxRow, Error> {
    let inquiry = match inquiry(row, sealing) {
        // One damaged line must not close the whole inbox. The inquiry itself is refused when somebody opens it.
        Err(Error::Damaged(column)) if OF_INQUIRY.contains(&column) => inquiry_of(row, damaged_answers(row)?)?,
        other => other?,
    };
    Ok(InboxRow { inquiry, failed: row.number("failed")?, queued: row.number("queued")? })
}
