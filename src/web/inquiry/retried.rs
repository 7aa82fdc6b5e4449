//! Trying a mail of an inquiry again from its page, and what came of it. The address names the mail only; whether they had it
//! tried stands in the audit log, and how it stands in the outbox.

use actix_web::{HttpResponse, web};
use tokio::sync::Notify;

use super::done::{SAID_FOR, Said};
use super::order::Order;
use super::timeline::mail_words;
use super::{Bench, Typed, routes, store};
use crate::desk;
use crate::outbox::{OwedMessage, State};
use crate::store::{AuditFilter, AuditPlace};

/// Tries a mail of the inquiry again, after what stands in the boxes was kept.
pub(in crate::web) async fn retry(order: Order, bell: web::Data<Notify>) -> HttpResponse {
    let Order { bench, inquiry, fields } = &order;
    if order.is_going_back() {
        return order.back(order.written()).await;
    }
    let mail = fields.text("mail");
    let tried = async {
        let is_its = bench.store.messages_of(inquiry.seq).await?.iter().any(|owed| owed.id == mail);
        if is_its {
            desk::retry_message(&bench.store, &bench.actor, &mail, bench.now).await?;
        }
        Ok(is_its)
    };
    match order.keeping(None, tried).await {
        Ok(true) => {
            bell.notify_one();
            let after = routes::inquiry_after_retry(&inquiry.reference, &mail);
            order.to(&(after + &order.chosen_beside(&Typed::default())))
        }
        Ok(false) => bench.not_found().await,
        Err(cause) => order.failed(&cause, order.written()).await,
    }
}

impl Bench {
    /// In words; None for a mail of another inquiry, and where nothing was done, or a while ago.
    pub(super) async fn retried_words(
        &self,
        mail: &str,
        messages: &[OwedMessage],
    ) -> Result<Option<Said>, store::Error> {
        let Some(owed) = messages.iter().find(|owed| owed.id == mail) else { return Ok(None) };
        let words = match (self.had_tried(mail).await?, owed.state, owed.attempts) {
            (Some(false), ..) | (None, State::Failed, _) => return Ok(None),
            (None, State::Sent, _) if owed.is_only_in_a_file() => "was written to a file already. Nothing was changed.",
            (None, State::Sent, _) => "has left already. Nothing was changed.",
            (None, State::Queued, _) => "is on its way already. Nothing was changed.",
            (_, State::Sent, _) if owed.is_only_in_a_file() => "was tried again and was only written to a file.",
            (_, State::Sent, _) => "was tried again and has left.",
            (_, State::Queued, 0) => "is tried again now. Load this page again to see whether it left.",
            (_, State::Queued, _) => "was tried again and waits for its next attempt, under “What happened”.",
            (_, State::Failed, _) => {
                "was tried again and failed again. What the mail server said stands under “What happened”."
            }
        };
        let tone = if owed.state == State::Failed { "bad" } else { "good" };
        Ok(Some(Said { words: format!("“{}” {words}", mail_words(owed.kind)), tone, note: None }))
    }

    /// Whether it was a moment ago that this person had a mail tried again; None when they never had.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(in crate::web) async fn had_tried(&self, mail: &str) -> Result<Option<bool>, store::Error> {
        let filter = AuditFilter {
            actor: Some(self.actor.id().to_owned()),
            action: Some("mail.retry".to_owned()),
            subject: Some(mail.to_owned()),
            ..AuditFilter::default()
        };
        let tried = self.store.audit_page(&filter, AuditPlace::Newest, 1).await?.pop();
        Ok(tried.map(|entry| self.now.duration_since(entry.at) <= SAID_FOR))
    }
}
