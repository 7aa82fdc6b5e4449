//! Putting right how to reach a person: their number by themselves, address and number by staff, in
//! other inquiries of the person too. The old ones are not kept.

use jiff::Timestamp;

use crate::contact::{EmailAddress, PhoneNumber};
use crate::inquiry::{Contact, Inquiry, Reference};
use crate::staff::Actor;
use crate::store::{EntryKind, Error, Store, Tx, Which};

/// Puts the writer's phone number right; staff see in the timeline that it changed.
///
/// # Errors
/// When it is not stored.
pub async fn correct_phone(store: &Store, inquiry: &Inquiry, phone: &PhoneNumber, now: Timestamp) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    tx.bump_version(inquiry.seq, None).await?;
    tx.set_contact(inquiry, &inquiry.answers.contact.clone().with_phone(phone.clone())).await?;
    tx.add_entry(inquiry.seq, now, None, EntryKind::Phone, "").await?;
    tx.add_audit(now, "writer", "inquiry.phone", inquiry.reference.as_str(), "").await?;
    tx.commit().await
}

/// What came of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Corrected {
    /// Done and durable, wherever it was asked for.
    Done,
    /// Somebody changed the inquiry since the page was shown; nothing was done.
    Stale,
    /// Somebody changed or erased these of the others since; nothing was done.
    OthersStale(Vec<Reference>),
}

/// Another inquiry of the same person, to be put right along with one.
#[derive(Clone, Debug)]
pub struct Along {
    /// Which.
    pub reference: Reference,
    /// Its version on the page on which it was chosen.
    pub shown: i64,
}

/// Puts right what staff or the writer mistyped, in one inquiry and, in the same commit, in those chosen along with it: there
/// only what is the same as it was here. With another address, what the writer is still owed is due at once: a mail is
/// addressed when it leaves. What has left stays where it arrived.
///
/// # Errors
/// When it is not stored; then it is stored nowhere.
pub async fn correct_contact(
    store: &Store,
    actor: &Actor,
    inquiry: &Inquiry,
    shown: Option<i64>,
    contact: &Contact,
    along: &[Along],
    now: Timestamp,
) -> Result<Corrected, Error> {
    if corrected(&inquiry.answers.contact, contact).is_empty() {
        return Ok(Corrected::Done);
    }
    let others = match those_along(store, inquiry, along).await? {
        Ok(others) => others,
        Err(stale) => return Ok(Corrected::OthersStale(stale)),
    };
    let mut all = vec![(inquiry, shown.unwrap_or(inquiry.version), contact.clone())];
    all.extend(others.iter().map(|other| (other, other.version, put_right(other, inquiry, contact))));
    all.retain(|(one, _, right)| one.seq == inquiry.seq || !corrected(&one.answers.contact, right).is_empty());
    // In one order, so that two who correct crosswise do not wait for each other.
    all.sort_unstable_by_key(|(one, ..)| one.seq);
    let mut tx = store.begin().await?;
    for (one, version, _) in &all {
        if !tx.bump_version(one.seq, Some(*version)).await? {
            let is_here = one.seq == inquiry.seq;
            return Ok(if is_here { Corrected::Stale } else { Corrected::OthersStale(vec![one.reference.clone()]) });
        }
    }
    for (one, _, right) in &all {
        set(&mut tx, actor, one, right, now).await?;
    }
    tx.commit().await?;
    Ok(Corrected::Done)
}

/// The others as they were shown; else those that are not so any more.
async fn those_along(
    store: &Store,
    inquiry: &Inquiry,
    along: &[Along],
) -> Result<Result<Vec<Inquiry>, Vec<Reference>>, Error> {
    let (mut found, mut stale) = (Vec::new(), Vec::new());
    for Along { reference, shown } in along.iter().filter(|other| other.reference != inquiry.reference) {
        match store.inquiry(reference).await?.filter(|other| other.version == *shown) {
            Some(other) => found.push(other),
            None => stale.push(reference.clone()),
        }
    }
    Ok(if stale.is_empty() { Ok(found) } else { Err(stale) })
}

/// How another inquiry of the person is put right: the address and the number, each where it is the same as it was here. Where
/// nothing would be left to reach them by, all is as it is here.
fn put_right(other: &Inquiry, inquiry: &Inquiry, right: &Contact) -> Contact {
    let (theirs, was) = (&other.answers.contact, &inquiry.answers.contact);
    let address = |contact: &Contact| contact.email().map(EmailAddress::folded);
    let is_address = was.email().is_some() && address(theirs) == address(was);
    let is_number =
        theirs.phone().is_some_and(|phone| was.phone().is_some_and(|corrected| corrected.reaches_same_as(phone)));
    if !is_address && !is_number {
        return theirs.clone();
    }
    let email = if is_address && right.email() != was.email() { right.email() } else { theirs.email() };
    let phone = if is_number && right.phone() != was.phone() { right.phone() } else { theirs.phone() };
    let (email, phone) = (email.cloned(), phone.cloned());
    let as_they_wish = Contact::new(email.clone(), phone.clone(), Some(theirs.by()));
    as_they_wish.or_else(|| Contact::new(email, phone, None)).unwrap_or_else(|| right.clone())
}

async fn set(tx: &mut Tx, actor: &Actor, inquiry: &Inquiry, contact: &Contact, now: Timestamp) -> Result<(), Error> {
    let corrected = corrected(&inquiry.answers.contact, contact);
    tx.set_contact(inquiry, contact).await?;
    if corrected.contains(&"email") {
        tx.retry_messages(Which::ToWriterOf(inquiry.seq), now).await?;
    }
    let what = corrected.join(",");
    tx.add_entry(inquiry.seq, now, Some(actor.id()), EntryKind::Contact, &what).await?;
    tx.add_audit(now, actor.id(), "inquiry.contact", inquiry.reference.as_str(), &what).await
}

/// What differs, as the names of the form's fields.
fn corrected(before: &Contact, after: &Contact) -> Vec<&'static str> {
    let differs = [
        ("email", before.email() != after.email()),
        ("phone", before.phone() != after.phone()),
        ("contact_by", before.by() != after.by()),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}
