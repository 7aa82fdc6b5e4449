//! Putting right how to reach the person, where it was mistyped: by the rules of the form.

use actix_web::{HttpResponse, web};
use tokio::sync::Notify;

use super::order::Order;
use super::{InquiryPage, Typed};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::desk;
use crate::inquiry::InquiryForm;
use crate::web::field_words::FieldWords;

/// What somebody typed in place of the address and number that are stored.
pub(super) struct Correction {
    form: InquiryForm,
    pub(super) errors: Vec<FieldWords>,
}

pub(in crate::web) async fn correct(order: Order, bell: web::Data<Notify>) -> HttpResponse {
    let Order { bench, inquiry, fields } = &order;
    let form = InquiryForm {
        email: fields.text("email"),
        phone: fields.text("phone"),
        contact_by: fields.text("contact_by"),
        ..InquiryForm::default()
    };
    let parsed = form.parse_contact();
    let typed = |errors| Typed { correction: Some(Correction { form, errors }), ..Typed::default() };
    if order.is_going_back() {
        return order.back(typed(Vec::new())).await;
    }
    let contact = match parsed {
        Ok(contact) => contact,
        Err(errors) => return order.wrong(typed(errors.into_iter().map(FieldWords::of).collect())).await,
    };
    let corrected =
        desk::correct_contact(&bench.store, &bench.actor, inquiry, order.version(), &contact, bench.now).await;
    bell.notify_one();
    order.after(corrected, typed(Vec::new())).await
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
