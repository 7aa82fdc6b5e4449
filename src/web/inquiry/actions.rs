//! What staff do with an inquiry. A page that is out of date does nothing, shows how it stands now, and keeps what was typed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use tokio::sync::Notify;

use super::{Bench, Inquiry, Typed, error, routes, see_other, store};
use crate::desk::{self, Change, Eraser, Replied, Then};
use crate::inquiry::{LONGEST_NOTE, Note, Reference, Status, TextFault};
use crate::web::body::{self, Fields};

pub(in crate::web) async fn status(
    bench: Bench,
    request: HttpRequest,
    payload: web::Payload,
    reference: web::Path<String>,
    bell: web::Data<Notify>,
) -> HttpResponse {
    let (inquiry, fields) = match bench.find_and_read(&request, payload, &reference).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let Some(status) = Status::parse(&fields.text("status")) else {
        return bench.unknown(&inquiry, "Choose one of the statuses.").await;
    };
    let version = version(&fields);
    let changed =
        desk::change_status(&bench.store, &bench.policy, &bench.actor, &inquiry, version, status, bench.now).await;
    bell.notify_one();
    bench.after(&inquiry, &fields, changed, Typed::default()).await
}

pub(in crate::web) async fn assign(
    bench: Bench,
    request: HttpRequest,
    payload: web::Payload,
    reference: web::Path<String>,
) -> HttpResponse {
    let (inquiry, fields) = match bench.find_and_read(&request, payload, &reference).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let assignee = fields.text("assignee");
    if !assignee.is_empty() {
        match bench.store.staff_by_id(&assignee).await {
            Ok(Some(member)) if member.disabled_at.is_none() => {}
            Ok(_) => return bench.unknown(&inquiry, "Choose somebody from the list.").await,
            Err(cause) => return error::unavailable(&bench.site, &cause),
        }
    }
    let to = Some(assignee.as_str()).filter(|id| !id.is_empty());
    let changed = desk::assign(&bench.store, &bench.actor, &inquiry, version(&fields), to, bench.now).await;
    bench.after(&inquiry, &fields, changed, Typed::default()).await
}

pub(in crate::web) async fn undo(
    bench: Bench,
    request: HttpRequest,
    payload: web::Payload,
    reference: web::Path<String>,
) -> HttpResponse {
    let (inquiry, fields) = match bench.find_and_read(&request, payload, &reference).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let undone = desk::undo(&bench.store, &bench.actor, &inquiry, version(&fields), bench.now).await;
    bench.after(&inquiry, &fields, undone, Typed::default()).await
}

pub(in crate::web) async fn note(
    bench: Bench,
    request: HttpRequest,
    payload: web::Payload,
    reference: web::Path<String>,
) -> HttpResponse {
    let (inquiry, fields) = match bench.find_and_read(&request, payload, &reference).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let typed = Typed { note: fields.text("note"), ..Typed::default() };
    let note = match Note::parse(&typed.note) {
        Ok(note) => note,
        Err(fault) => {
            let typed = Typed { note_error: Some(fault_words(fault)), ..typed };
            return bench.again(StatusCode::UNPROCESSABLE_ENTITY, &inquiry, &typed).await;
        }
    };
    let changed = desk::add_note(&bench.store, &bench.actor, &inquiry, version(&fields), &note, bench.now).await;
    bench.after(&inquiry, &fields, changed, typed).await
}

pub(in crate::web) async fn reply(
    bench: Bench,
    request: HttpRequest,
    payload: web::Payload,
    reference: web::Path<String>,
    bell: web::Data<Notify>,
) -> HttpResponse {
    let (inquiry, fields) = match bench.find_and_read(&request, payload, &reference).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let typed = Typed { reply: fields.text("message"), ..Typed::default() };
    let words = match Note::parse(&typed.reply) {
        Ok(words) => words,
        Err(fault) => return bench.wrong_reply(&inquiry, typed, fault_words(fault)).await,
    };
    let then = if fields.text("then") == "close" { Then::Close } else { Then::Wait };
    let version = version(&fields);
    let replied = desk::reply(&bench.store, &bench.actor, &inquiry, version, &words, then, bench.now).await;
    let changed = match replied {
        Ok(Replied::Queued) => Ok(Change::Done),
        Ok(Replied::Stale) => Ok(Change::Stale),
        Ok(Replied::NoAddress) => {
            let words = "There is no email address: please call. Nothing was sent.".to_owned();
            return bench.wrong_reply(&inquiry, typed, words).await;
        }
        Err(cause) => Err(cause),
    };
    bell.notify_one();
    bench.after(&inquiry, &fields, changed, typed).await
}

pub(in crate::web) async fn erase(
    bench: Bench,
    request: HttpRequest,
    payload: web::Payload,
    reference: web::Path<String>,
) -> HttpResponse {
    let (inquiry, fields) = match bench.find_and_read(&request, payload, &reference).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let confirm = fields.text("confirm");
    if Reference::parse(&confirm).as_ref() != Some(&inquiry.reference) {
        let words = format!("Type the reference {} to erase this inquiry. Nothing was erased.", inquiry.reference);
        let typed = Typed { confirm, confirm_error: Some(words), ..Typed::default() };
        return bench.again(StatusCode::UNPROCESSABLE_ENTITY, &inquiry, &typed).await;
    }
    if version(&fields).is_some_and(|shown| shown != inquiry.version) {
        return bench.after(&inquiry, &fields, Ok(Change::Stale), Typed::default()).await;
    }
    match desk::erase(&bench.store, Eraser::Actor(&bench.actor), &inquiry, bench.now).await {
        Ok(erased) => {
            let heading = format!("{} is erased", inquiry.reference);
            let what = format!("With it went {} lines of its timeline and {} mails.", erased.entries, erased.mails);
            error::say(
                &bench.site,
                StatusCode::OK,
                &heading,
                &[&what, "Copies of the database from before still hold it."],
            )
        }
        Err(cause) => error::unavailable(&bench.site, &cause),
    }
}

/// Which version of the inquiry the page showed.
fn version(fields: &Fields) -> Option<i64> {
    fields.text("version").parse().ok()
}

fn fault_words(fault: TextFault) -> String {
    match fault {
        TextFault::Missing => "Write something first.".to_owned(),
        TextFault::TooLong(length) => {
            format!("This is {} characters longer than the {LONGEST_NOTE} that fit. Shorten it.", length - LONGEST_NOTE)
        }
        TextFault::ControlCharacter => {
            "This holds a character that we cannot take. Type it again instead of pasting it.".to_owned()
        }
    }
}

impl Bench {
    async fn find_and_read(
        &self,
        request: &HttpRequest,
        payload: web::Payload,
        reference: &str,
    ) -> Result<(Inquiry, Fields), HttpResponse> {
        let fields =
            body::read(request, payload, body::DESK).await.map_err(|unreadable| unreadable.page(&self.site))?;
        Ok((self.find(reference).await?, fields))
    }

    /// A choice that the page does not offer.
    async fn unknown(&self, inquiry: &Inquiry, words: &str) -> HttpResponse {
        let typed = Typed { trouble: Some(words.to_owned()), ..Typed::default() };
        self.again(StatusCode::UNPROCESSABLE_ENTITY, inquiry, &typed).await
    }

    async fn wrong_reply(&self, inquiry: &Inquiry, typed: Typed, words: String) -> HttpResponse {
        let typed = Typed { reply_error: Some(words), ..typed };
        self.again(StatusCode::UNPROCESSABLE_ENTITY, inquiry, &typed).await
    }

    /// Back to the inquiry, or, when somebody was faster or the store failed, its present state with the words kept.
    async fn after(
        &self,
        inquiry: &Inquiry,
        fields: &Fields,
        changed: Result<Change, store::Error>,
        typed: Typed,
    ) -> HttpResponse {
        let refused = match changed {
            Ok(Change::Done) => return see_other(&routes::inquiry(inquiry.reference.as_str())),
            Ok(Change::Stale) => {
                "Somebody changed this inquiry since you opened it. Nothing was done. Below is how it stands now; what you typed is still there."
            }
            Ok(Change::NotPossible) => "That is not possible from where this inquiry stands now. Nothing was done.",
            Err(cause) => {
                tracing::error!(%cause, inquiry = %inquiry.reference, "a change could not be stored; its author was told");
                let words = "That could not be stored. Nothing was done or sent; what you typed is still there. Try again in a minute.";
                let typed = Typed { trouble: Some(words.to_owned()), ..typed };
                return self.page(StatusCode::SERVICE_UNAVAILABLE, &inquiry.reference, &typed).await;
            }
        };
        let conflict = match fields.text("seen").parse() {
            Ok(seen) => self.conflict(inquiry, seen).await,
            Err(_) => Ok(None),
        };
        match conflict {
            Ok(conflict) => {
                let typed = Typed { trouble: Some(refused.to_owned()), conflict, ..typed };
                self.again(StatusCode::CONFLICT, inquiry, &typed).await
            }
            Err(cause) => error::unavailable(&self.site, &cause),
        }
    }

    /// The page over a form that did not work. It shows the whole inquiry, so whoever gets it has read it.
    async fn again(&self, status: StatusCode, inquiry: &Inquiry, typed: &Typed) -> HttpResponse {
        match desk::open(&self.store, &self.actor, inquiry, self.now).await {
            Ok(()) => self.page(status, &inquiry.reference, typed).await,
            Err(cause) => error::unavailable(&self.site, &cause),
        }
    }
}
