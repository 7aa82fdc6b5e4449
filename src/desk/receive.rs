//! Receiving an inquiry. The promise to the writer is made here and only here: when this returns, their words,
//! the messages we owe about them and the audit entry are durable, together, or none of them is.

use std::io;

use jiff::{SignedDuration, Timestamp};

use crate::clock::OpeningHours;
use crate::contact::EmailAddress;
use crate::inquiry::{NewInquiry, Reference, Status, answer_by};
use crate::outbox::Kind;
use crate::secret::{SecretKey, digest};
use crate::staff::Actor;
use crate::store::{EntryKind, Error, Inserted, Receiving, Store, Tx};

/// What the configuration says about receiving.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Who is told.
    pub staff: Vec<EmailAddress>,
    /// Whether the writer gets an acknowledgement.
    pub acknowledge: bool,
    /// Who is told of an inquiry that nobody opened by its promised time.
    pub escalate_to: Vec<EmailAddress>,
    /// Whether mails go to a mail server; else they become files.
    pub mails_leave: bool,
    /// When the clinic is open.
    pub opening: OpeningHours,
    /// Opening hours within which an inquiry is answered.
    pub reply_within_hours: u32,
    /// The privacy text people agree to.
    pub consent_version: String,
}

/// A flooded mailbox is not ours to fill: at most three acknowledgements a day and address.
const MOST_ACKNOWLEDGEMENTS: i64 = 3;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// How a person reached staff who took their inquiry down. They agreed by word of mouth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// They called.
    Phone,
    /// They came.
    InPerson,
}

impl Channel {
    /// The word of the form, and of the inquiry's signals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::InPerson => "in-person",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Phone, Self::InPerson].into_iter().find(|channel| channel.as_str() == text)
    }
}

/// Stores an inquiry and what we owe about it, and gives the writer's receipt key. The same submission
/// again gives the same key and stores nothing. `signals` is what staff should know about how it came.
///
/// # Errors
/// When it is not stored; the writer must be told so.
pub async fn receive(
    store: &Store,
    key: &SecretKey,
    policy: &Policy,
    new: &NewInquiry,
    signals: &[&str],
    now: Timestamp,
) -> Result<String, Error> {
    Keeping { store, key, policy, new, signals, taken_by: None, now }.under(Reference::random).await
}

/// Who takes an inquiry down, how the person reached them, the name of the draft that it was until now, and the name that the
/// page of its form carried, by which the form is known when it is sent again; empty where it carried none.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "told above")]
pub struct Taker<'a> {
    pub actor: &'a Actor,
    pub channel: Channel,
    pub draft: &'a str,
    pub form: &'a str,
}

/// Stores an inquiry that a member of staff takes down, and with it takes their draft of it away. They have read it, so it
/// counts as opened.
///
/// # Errors
/// When it is not stored; the person must be told so.
pub async fn take(
    store: &Store,
    key: &SecretKey,
    policy: &Policy,
    taker: Taker<'_>,
    new: &NewInquiry,
    now: Timestamp,
) -> Result<String, Error> {
    let signals = &[taker.channel.as_str()];
    Keeping { store, key, policy, new, signals, taken_by: Some(taker), now }.under(Reference::random).await
}

/// One inquiry to be kept, however it came.
struct Keeping<'a> {
    store: &'a Store,
    key: &'a SecretKey,
    policy: &'a Policy,
    new: &'a NewInquiry,
    signals: &'a [&'a str],
    taken_by: Option<Taker<'a>>,
    now: Timestamp,
}

impl Keeping<'_> {
    /// Stores it under the first reference drawn that nobody has: of a million, two are likely to be alike.
    async fn under(&self, mut draw: impl FnMut() -> io::Result<Reference>) -> Result<String, Error> {
        let receipt_key = self.key.receipt_key(self.new.submission());
        loop {
            match self.keep(&draw().map_err(Error::no_random)?, &receipt_key).await? {
                Inserted::New(_) => return Ok(receipt_key),
                Inserted::Repeated => return self.receipt_it_has(receipt_key).await,
                Inserted::ReferenceTaken => {}
            }
        }
    }

    /// A repeat keeps the receipt of its first time, perhaps by an older scheme.
    async fn receipt_it_has(&self, newest: String) -> Result<String, Error> {
        let submission = self.new.submission();
        let kept = self.store.receipt_of(submission).await?;
        Ok(kept.map_or(newest, |kept| self.key.receipt_key_of(submission, &kept)))
    }

    /// Stores nothing when the inquiry is there already, or when another one has the reference.
    async fn keep(&self, reference: &Reference, receipt_key: &str) -> Result<Inserted, Error> {
        let Self { policy, new, taken_by, now, .. } = *self;
        let receiving = Receiving {
            reference,
            receipt_digest: &digest(receipt_key),
            received_at: now,
            answer_by: answer_by(now, policy.reply_within_hours, &policy.opening),
            status: if new.is_trapped() { Status::Spam } else { Status::New },
            consent_version: new.agreed_to().unwrap_or(&policy.consent_version),
            signals: self.signals,
        };
        let mut tx = self.store.begin().await?;
        let inserted = tx.add_inquiry(new, &receiving).await?;
        if let (Some(taker), Inserted::New(_) | Inserted::Repeated) = (taken_by, &inserted) {
            tx.discard_call_draft(taker.actor.id(), taker.draft).await?;
        }
        let seq = match inserted {
            Inserted::New(seq) => seq,
            Inserted::Repeated => {
                tx.commit().await?;
                return Ok(inserted);
            }
            Inserted::ReferenceTaken => return Ok(inserted),
        };
        let (by, form) = (taken_by.map(|taker| taker.actor.id()), taken_by.map_or("", |taker| taker.form));
        tx.add_entry(seq, now, by, EntryKind::Received, form).await?;
        if taken_by.is_some() {
            tx.mark_opened(seq, now).await?;
        }
        if receiving.status == Status::New {
            owe_messages(&mut tx, policy, seq, new.answers().contact.email(), now).await?;
        }
        let (who, what) = taken_by.map_or(("writer", "inquiry.received"), |taker| (taker.actor.id(), "inquiry.taken"));
        tx.add_audit(now, who, what, reference.as_str(), receiving.status.as_str()).await?;
        tx.commit().await?;
        tracing::info!(inquiry = %reference, status = receiving.status.as_str(), "inquiry received");
        Ok(Inserted::New(seq))
    }
}

/// Queues a notice for each member of staff and, within the cap, the acknowledgement. Rows hold ids only.
pub(super) async fn owe_messages(
    tx: &mut Tx,
    policy: &Policy,
    inquiry: i64,
    writer: Option<&EmailAddress>,
    now: Timestamp,
) -> Result<(), Error> {
    for address in &policy.staff {
        tx.add_message(inquiry, Kind::Notice, Some(address), None, now).await?;
    }
    let Some(writer) = writer.filter(|_| policy.acknowledge) else { return Ok(()) };
    if tx.acknowledgements_since(writer, now - A_DAY).await? < MOST_ACKNOWLEDGEMENTS {
        tx.add_message(inquiry, Kind::Acknowledgement, None, None, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inquiry::{Choices, InquiryForm};
    use crate::patience::Patience;
    use crate::secret::KeySource;
    use crate::store::Expected;

    fn policy() -> Policy {
        let config = crate::config::Config::from_parts("", Vec::new()).unwrap();
        Policy {
            staff: Vec::new(),
            acknowledge: false,
            escalate_to: Vec::new(),
            mails_leave: false,
            opening: config.clinic.hours.clone(),
            reply_within_hours: 8,
            consent_version: "1".to_owned(),
        }
    }

    fn asks(message: &str) -> NewInquiry {
        let [urgent, name, email, consent, message] =
            ["no", "A. Tester", "a.tester@example.org", "yes", message].map(str::to_owned);
        let form = InquiryForm { urgent, name, email, consent, message, ..InquiryForm::default() };
        form.parse(Choices { techniques: &[], conditions: &[] }).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reference_that_somebody_has_is_drawn_again_and_nobody_hears_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeySource::File(folder.path().join("sealing.keys"));
        let store = Store::open_sqlite(
            &folder.path().join("backwise.db"),
            Expected::Anything,
            &keys,
            Patience::default().database,
        )
        .await
        .unwrap();
        let key = SecretKey::load_or_create(folder.path()).unwrap();
        let (policy, now) = (policy(), "2026-11-20T10:00:00Z".parse().unwrap());
        let drawn = ["BW-7K3M-9QXT", "BW-7K3M-9QXT", "BW-2222-2222"].map(|text| Reference::parse(text).unwrap());
        let mut drawn = drawn.into_iter();
        for message in ["first", "second"] {
            let new = asks(message);
            let keeping =
                Keeping { store: &store, key: &key, policy: &policy, new: &new, signals: &[], taken_by: None, now };
            keeping.under(|| Ok(drawn.next().unwrap())).await.unwrap();
        }
        let kept = store.inquiries_after(0, Timestamp::MIN, 9).await.unwrap();
        let references: Vec<_> = kept.iter().map(|inquiry| inquiry.reference.to_string()).collect();
        assert_eq!(references, ["BW-7K3M-9QXT", "BW-2222-2222"]);
    }
}
