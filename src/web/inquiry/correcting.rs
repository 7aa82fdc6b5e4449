//! Putting right how to reach the person, where it was mistyped: by the rules of the form.

use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use tokio::sync::Notify;

use super::beside::MOST_OTHERS;
use super::done::Again;
use super::order::Order;
use super::timeline::corrects_the_address;
use super::{Bench, Inquiry, InquiryPage, Reference, Typed, store};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::desk::{self, Along, Change, Corrected};
use crate::inquiry::InquiryForm;
use crate::outbox::{Kind, OwedMessage, State};
use crate::store::{Entry, EntryKind};
use crate::web::field_words::FieldWords;

/// What somebody typed in place of the address and number that are stored, and which others they ticked.
pub(super) struct Correction {
    form: InquiryForm,
    ticked: Vec<Along>,
    pub(super) errors: Vec<FieldWords>,
}

/// Another inquiry of the same person, as the box shows it in which the address is put right.
pub(super) struct AlongView {
    pub reference: String,
    pub name: String,
    pub received: String,
    /// The version that a tick sends along.
    pub version: i64,
    pub is_ticked: bool,
}

pub(in crate::web) async fn correct(order: Order, bell: web::Data<Notify>) -> HttpResponse {
    let Order { bench, inquiry, fields } = &order;
    if let Some(duplicate) = order.duplicate_entered() {
        return order.goes_on_to_merge(&duplicate).await;
    }
    let form = InquiryForm {
        email: fields.text("email"),
        phone: fields.text("phone"),
        contact_by: fields.text("contact_by"),
        ..InquiryForm::default()
    };
    let (parsed, along) = (form.parse_contact(), ticks(&fields.texts("along")));
    let typed = |ticked, errors| Typed { correction: Some(Correction { form, ticked, errors }), ..order.written() };
    if order.is_going_back() {
        return order.back(typed(along, Vec::new())).await;
    }
    let contact = match parsed {
        Ok(contact) => contact,
        Err(errors) => return order.wrong(typed(along, errors.into_iter().map(FieldWords::of).collect())).await,
    };
    let others = match bench.of_same_person(inquiry, &[]).await {
        Ok(others) => others,
        Err(cause) => return order.failed(&cause, typed(along, Vec::new())).await,
    };
    let version = order.version_told();
    let corrected = desk::correct_contact(&bench.store, &bench.actor, inquiry, version, &contact, &along, bench.now);
    let corrected = order.keeping(None, corrected).await;
    bell.notify_one();
    let changed = match corrected {
        Ok(Corrected::Done) => Ok(Change::Done),
        Ok(Corrected::Stale) => Ok(Change::Stale),
        Ok(Corrected::OthersStale(stale)) => {
            // Whoever is told and ticks it again means it as it stands now.
            let ticked = along.into_iter().filter(|other| !stale.contains(&other.reference)).collect();
            let trouble = Some(others_changed(&stale));
            return order.late(Typed { trouble, ..typed(ticked, Vec::new()) }).await;
        }
        Err(cause) => Err(cause),
    };
    let is_left = |other: &Reference| along.iter().all(|tick| tick.reference != *other);
    let uncorrected = others.into_iter().map(|other| other.reference).filter(is_left).take(MOST_OTHERS).collect();
    order.after(changed, Typed { uncorrected, ..typed(along, Vec::new()) }, Again::Change).await
}

/// Each reference once, with the version that was shown.
fn ticks(sent: &[String]) -> Vec<Along> {
    let mut found: Vec<Along> = Vec::new();
    for tick in sent.iter().take(MOST_OTHERS) {
        let Some((reference, shown)) = tick.split_once('.') else { continue };
        let (Some(reference), Ok(shown)) = (Reference::parse(reference), shown.parse()) else { continue };
        if found.iter().all(|known| known.reference != reference) {
            found.push(Along { reference, shown });
        }
    }
    found
}

fn others_changed(stale: &[Reference]) -> String {
    let named = stale.iter().map(Reference::as_str).collect::<Vec<_>>().join(", ");
    format!(
        "Somebody changed or erased {named} since you opened this page. Nothing was corrected, here or there; what you typed is still there. Look at it, and tick it again where it is still right."
    )
}

/// What had left to the address that was just corrected: nobody calls it back, and the writer may not have it. To an older
/// address it had left before that one was corrected, and was told then. What only became a file left for nobody.
pub(super) fn left_to_the_old_address(entries: &[Entry], corrected: &Entry, messages: &[OwedMessage]) -> &'static str {
    if !corrects_the_address(corrected) {
        return "";
    }
    let before = entries.iter().rfind(|entry| entry.seq < corrected.seq && corrects_the_address(entry));
    let since = before.map_or(Timestamp::MIN, |before| before.at);
    let had_left = |kind| {
        let is_then = |owed: &&OwedMessage| owed.settled_at.is_some_and(|at| since <= at && at < corrected.at);
        let sent = messages.iter().filter(|owed| owed.kind == kind && owed.state == State::Sent);
        sent.filter(is_then).filter(|owed| !owed.is_only_in_a_file()).count()
    };
    match (had_left(Kind::Acknowledgement), had_left(Kind::Reply)) {
        (0, 0) => "",
        (_, 0) => " The acknowledgement had left to the old address.",
        (0, 1) => " The reply had left to the old address.",
        (0, _) => " The replies had left to the old address.",
        (_, 1) => " The acknowledgement and the reply had left to the old address.",
        (_, _) => " The acknowledgement and the replies had left to the old address.",
    }
}

impl Bench {
    /// Where this person put the same right in the same moment, as the end of what is said of it; nothing for nowhere.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn corrected_along(
        &self,
        inquiry: &Inquiry,
        corrected: &Entry,
        since: i64,
    ) -> Result<String, store::Error> {
        let mut done = self.store.done_by(self.actor.id(), since, i64::MAX).await?;
        let is_along = |kind, at| kind == EntryKind::Contact && at == corrected.at;
        done.retain(|other| is_along(other.entry.kind, other.entry.at) && other.reference != inquiry.reference);
        let named = done.iter().map(|other| other.reference.as_str()).collect::<Vec<_>>().join(", ");
        Ok(if named.is_empty() { named } else { format!(" Put right there too: {named}.") })
    }

    /// What can be put right along with an inquiry. Nothing is ticked by itself: two people may share an address or a
    /// telephone, and what is put right for one would be wrong for the other without anybody having looked.
    pub(super) fn along(&self, of_person: &[Inquiry], correction: Option<&Correction>) -> Vec<AlongView> {
        let view = |other: &Inquiry| {
            let ticked =
                correction.and_then(|typed| typed.ticked.iter().find(|tick| tick.reference == other.reference));
            AlongView {
                reference: other.reference.to_string(),
                name: other.answers.name.as_str().to_owned(),
                received: self.near(other.received_at),
                version: ticked.map_or(other.version, |tick| tick.shown),
                is_ticked: ticked.is_some(),
            }
        };
        of_person.iter().take(MOST_OTHERS).map(view).collect()
    }
}

impl InquiryPage<'_> {
    pub(super) fn email(&self) -> &str {
        let stored = self.inquiry.answers.contact.email().map_or("", EmailAddress::as_str);
        self.typed.correction.as_ref().map_or(stored, |correction| &correction.form.email)
    }

    pub(super) fn phone(&self) -> &str {
        let stored = self.inquiry.answers.contact.phone().map_or("", PhoneNumber::as_str);
        self.typed.correction.as_ref().map_or(stored, |correction| &correction.form.phone)
    }

    pub(super) fn contact_by(&self) -> &str {
        let stored = self.inquiry.answers.contact.by().as_str();
        self.typed.correction.as_ref().map_or(stored, |correction| &correction.form.contact_by)
    }

    pub(super) fn correction_error(&self, field: &str) -> Option<&str> {
        let errors = &self.typed.correction.as_ref()?.errors;
        errors.iter().find(|error| error.field == field).map(|error| error.words.as_str())
    }
}
