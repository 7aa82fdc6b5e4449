//! What a change of several has just done, said above the list. The address carries only between which lines of the timelines to
//! look: what was done stands there, so that no address can claim what did not happen.

use jiff::SignedDuration;

use super::super::bench::Bench;
use super::super::inquiry::{name_of, status_label};
use super::query::Query;
use crate::desk;
use crate::inquiry::Reference;
use crate::staff::StaffMember;
use crate::store::{self, Done, Entry, EntryKind};

/// Who looks again later reads it in the timelines.
const SAID_FOR: SignedDuration = SignedDuration::from_mins(5);

/// What was done, and how to undo it.
pub(super) struct Said {
    pub sentences: Vec<String>,
    /// Where that stands which can be undone.
    pub place: Option<String>,
}

/// The part of the address that says where to look.
pub(super) fn mark(is_undone: bool, before: i64, now: i64) -> String {
    format!("{}={before}-{now}", if is_undone { "undone" } else { "done" })
}

fn lines(place: &str) -> Option<(i64, i64)> {
    let (after, upto) = place.split_once('-')?;
    Some((after.parse().ok()?, upto.parse().ok()?))
}

/// In words; None when nothing was done there, or by somebody else, or a while ago, or when they have changed it again since:
/// a browser that goes back asks for the same address once more.
pub(super) async fn said(bench: &Bench, query: &Query, staff: &[StaffMember]) -> Result<Option<Said>, store::Error> {
    let is_undone = !query.undone.is_empty();
    said_of(bench, if is_undone { &query.undone } else { &query.done }, is_undone, SAID_FOR, staff).await
}

async fn said_of(
    bench: &Bench,
    place: &str,
    is_undone: bool,
    within: SignedDuration,
    staff: &[StaffMember],
) -> Result<Option<Said>, store::Error> {
    let mut changes = changes(bench, place).await?;
    changes.retain(|done| bench.now.duration_since(done.entry.at) <= within);
    let later = changed_later(bench, place).await?;
    changes.retain(|done| later.iter().all(|other| other.reference != done.reference));
    let mut counted: Vec<(String, usize)> = Vec::new();
    for what in changes.iter().map(|done| became(&done.entry, staff)) {
        match counted.iter_mut().find(|(known, _)| *known == what) {
            Some((_, number)) => *number += 1,
            None => counted.push((what, 1)),
        }
    }
    let sentences: Vec<_> = counted.iter().map(|(what, number)| sentence(*number, what, is_undone)).collect();
    let place = (!is_undone).then(|| place.to_owned());
    Ok((!sentences.is_empty()).then_some(Said { sentences, place }))
}

/// What they changed last, while it can be undone: whoever sees in the list that it was wrong need not look for it. None where
/// it was an undoing itself, or where somebody has changed it since.
pub(super) async fn recent(bench: &Bench, staff: &[StaffMember]) -> Result<Option<Said>, store::Error> {
    let mut done = bench.store.done_by(bench.actor.id(), 0, i64::MAX).await?;
    done.retain(is_status_or_assignee);
    let is_fresh = |done: &&Done| bench.now.duration_since(done.entry.at) < desk::UNDONE_WITHIN;
    let Some(last) = done.last().filter(is_fresh) else { return Ok(None) };
    // What is changed at once has one time.
    let first = done.iter().rev().take_while(|done| done.entry.at == last.entry.at).last().unwrap_or(last);
    let place = format!("{}-{}", first.entry.seq - 1, last.entry.seq);
    let Some(inquiry) = bench.store.inquiry(&last.reference).await? else { return Ok(None) };
    let timeline = bench.store.timeline(inquiry.seq).await?;
    let undoable = desk::undoable(&timeline, &bench.actor, bench.now);
    let Some(undoable) = undoable.filter(|entry| entry.seq == last.entry.seq) else { return Ok(None) };
    if first.reference != last.reference {
        return said_of(bench, &place, false, desk::UNDONE_WITHIN, staff).await;
    }
    let sentence = format!("{}, {}.", inquiry.answers.name.as_str(), became(undoable, staff));
    Ok(Some(Said { sentences: vec![sentence], place: Some(place) }))
}

/// What was changed there by whoever is signed in.
async fn changes(bench: &Bench, place: &str) -> Result<Vec<Done>, store::Error> {
    let Some((after, upto)) = lines(place) else { return Ok(Vec::new()) };
    let mut done = bench.store.done_by(bench.actor.id(), after, upto).await?;
    done.retain(is_status_or_assignee);
    Ok(done)
}

fn is_status_or_assignee(done: &Done) -> bool {
    matches!(done.entry.kind, EntryKind::Status | EntryKind::Assigned)
}

/// The inquiries that were changed there, with their versions; not those that the same person has changed again since, which
/// would be undone in its place.
pub(super) async fn to_undo(bench: &Bench, place: &str) -> Result<Vec<(Reference, i64)>, store::Error> {
    let changes = changes(bench, place).await?;
    let later = changed_later(bench, place).await?;
    let is_last = |done: &Done| later.iter().all(|other| other.reference != done.reference);
    Ok(changes.into_iter().filter(is_last).map(|done| (done.reference, done.version)).collect())
}

/// What the same person has changed after that.
async fn changed_later(bench: &Bench, place: &str) -> Result<Vec<Done>, store::Error> {
    let Some((_, upto)) = lines(place) else { return Ok(Vec::new()) };
    let mut later = bench.store.done_by(bench.actor.id(), upto, i64::MAX).await?;
    later.retain(|done| desk::changes(done.entry.kind));
    Ok(later)
}

fn became(entry: &Entry, staff: &[StaffMember]) -> String {
    let to = entry.words.split_once('>').map_or("", |(_, to)| to);
    match entry.kind {
        EntryKind::Status => status_label(to),
        _ => format!("assigned to {}", name_of(to, staff)),
    }
}

fn sentence(number: usize, what: &str, is_undone: bool) -> String {
    let (undone, again) = if is_undone { ("Undone: ", " again") } else { ("", " now") };
    let inquiries = if number == 1 { "inquiry is" } else { "inquiries are" };
    format!("{undone}{number} {inquiries} {what}{again}.")
}
