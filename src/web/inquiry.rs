//! One inquiry: everything about it, and what staff may do with it. It is recorded who opens it before it is shown.

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use tokio::sync::Notify;

use super::bench::Bench;
use super::body::{self, Fields};
use super::{Head, Site, error, page, routes, see_other};
use crate::content::Caution;
use crate::desk::{self, Change, Replied};
use crate::inquiry::{Inquiry, LONGEST_NOTE, Note, Reference, Status, TextFault};
use crate::outbox::{Kind, State};
use crate::staff::{Actor, StaffMember};
use crate::store::{self, EntryKind, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/inquiry.html")]
struct InquiryPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    inquiry: &'a Inquiry,
    path: String,
    received: String,
    answer_by: String,
    is_overdue: bool,
    technique: Option<&'a str>,
    cautions: Vec<(&'a Caution, bool)>,
    health: Vec<&'a str>,
    signals: Vec<&'static str>,
    entries: Vec<EntryView>,
    messages: Vec<MessageView>,
    statuses: &'static [Status],
    typed: &'a Typed,
}

struct EntryView {
    at: String,
    who: String,
    what: String,
    words: Option<String>,
    kind: EntryKind,
}

struct MessageView {
    id: String,
    what: &'static str,
    state: State,
    when: String,
    attempts: i64,
    answer: Option<String>,
}

/// What somebody typed that could not be used as it was, and why.
#[derive(Default)]
struct Typed {
    trouble: Option<String>,
    note: String,
    note_error: Option<String>,
    reply: String,
    reply_error: Option<String>,
}

pub(super) async fn show(bench: Bench, request: HttpRequest, reference: web::Path<String>) -> HttpResponse {
    let inquiry = match bench.find(&reference).await {
        Ok(inquiry) => inquiry,
        Err(answer) => return answer,
    };
    if inquiry.reference.as_str() != *reference {
        // As read aloud or typed: "bw7k3m9qxt" leads to the one address.
        return see_other(&routes::inquiry(inquiry.reference.as_str()));
    }
    // A HEAD shows nobody anything.
    let is_shown = request.method() == Method::GET;
    if is_shown && let Err(cause) = desk::open(&bench.store, &bench.actor, &inquiry, bench.now).await {
        return error::unavailable(&bench.site, &cause);
    }
    bench.page(StatusCode::OK, &inquiry.reference, &Typed::default()).await
}

pub(super) async fn status(
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
        let typed = Typed { trouble: Some("Choose one of the statuses.".to_owned()), ..Typed::default() };
        return bench.again(StatusCode::UNPROCESSABLE_ENTITY, &inquiry, &typed).await;
    };
    let changed =
        desk::change_status(&bench.store, &bench.policy, &bench.actor, &inquiry, shown(&fields), status, bench.now)
            .await;
    bell.notify_one();
    bench.after(&inquiry, changed, Typed::default()).await
}

pub(super) async fn note(
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
    let changed = desk::add_note(&bench.store, &bench.actor, &inquiry, shown(&fields), &note, bench.now).await;
    bench.after(&inquiry, changed, typed).await
}

pub(super) async fn reply(
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
        Err(fault) => {
            let typed = Typed { reply_error: Some(fault_words(fault)), ..typed };
            return bench.again(StatusCode::UNPROCESSABLE_ENTITY, &inquiry, &typed).await;
        }
    };
    let changed = match desk::reply(&bench.store, &bench.actor, &inquiry, shown(&fields), &words, bench.now).await {
        Ok(Replied::Queued) => Ok(Change::Done),
        Ok(Replied::Stale) => Ok(Change::Stale),
        Ok(Replied::NoAddress) => {
            let typed = Typed {
                reply_error: Some("There is no email address: please call. Nothing was sent.".to_owned()),
                ..typed
            };
            return bench.again(StatusCode::UNPROCESSABLE_ENTITY, &inquiry, &typed).await;
        }
        Err(cause) => Err(cause),
    };
    bell.notify_one();
    bench.after(&inquiry, changed, typed).await
}

/// Which version of the inquiry the page showed.
fn shown(fields: &Fields) -> Option<i64> {
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
    async fn find(&self, reference: &str) -> Result<Inquiry, HttpResponse> {
        let Some(reference) = Reference::parse(reference) else { return Err(error::not_found(&self.site)) };
        match self.store.inquiry(&reference).await {
            Ok(Some(inquiry)) => Ok(inquiry),
            Ok(None) => Err(error::not_found(&self.site)),
            Err(cause) => Err(error::unavailable(&self.site, &cause)),
        }
    }

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

    /// Back to the inquiry, or, when somebody was faster or the store failed, its present state with the words kept.
    async fn after(&self, inquiry: &Inquiry, changed: Result<Change, store::Error>, typed: Typed) -> HttpResponse {
        let trouble = |words: &str| Typed { trouble: Some(words.to_owned()), ..typed };
        match changed {
            Ok(Change::Done) => see_other(&routes::inquiry(inquiry.reference.as_str())),
            Ok(Change::Stale) => {
                let words = "Somebody changed this inquiry since you opened it. Nothing was done. Below is how it stands now; what you typed is still there.";
                self.again(StatusCode::CONFLICT, inquiry, &trouble(words)).await
            }
            Err(cause) => {
                tracing::error!(%cause, inquiry = %inquiry.reference, "a change could not be stored; its author was told");
                let words = "That could not be stored. Nothing was done or sent; what you typed is still there. Try again in a minute.";
                self.page(StatusCode::SERVICE_UNAVAILABLE, &inquiry.reference, &trouble(words)).await
            }
        }
    }

    /// The page over a form that did not work. It shows the whole inquiry, so whoever gets it has read it.
    async fn again(&self, status: StatusCode, inquiry: &Inquiry, typed: &Typed) -> HttpResponse {
        match desk::open(&self.store, &self.actor, inquiry, self.now).await {
            Ok(()) => self.page(status, &inquiry.reference, typed).await,
            Err(cause) => error::unavailable(&self.site, &cause),
        }
    }

    /// The inquiry as it stands now.
    async fn page(&self, status: StatusCode, reference: &Reference, typed: &Typed) -> HttpResponse {
        self.or_unavailable(self.gather(reference, typed, status).await)
    }

    async fn gather(
        &self,
        reference: &Reference,
        typed: &Typed,
        status: StatusCode,
    ) -> Result<HttpResponse, store::Error> {
        let Some(inquiry) = self.store.inquiry(reference).await? else { return Ok(error::not_found(&self.site)) };
        let answers = &inquiry.answers;
        let path = routes::inquiry(reference.as_str());
        let inquiry_page = InquiryPage {
            site: &self.site,
            head: Head::hidden(&format!("Inquiry {reference}"), &path),
            actor: &self.actor,
            outbox: self.store.outbox_counts().await?,
            path,
            received: self.policy.opening.written(inquiry.received_at),
            answer_by: self.policy.opening.written(inquiry.answer_by),
            is_overdue: inquiry.is_overdue(self.now),
            technique: answers
                .technique
                .as_deref()
                .map(|slug| self.content.technique(slug).map_or(slug, |known| known.name())),
            cautions: self.content.cautions_that_apply(answers.technique.as_deref(), &answers.health),
            health: answers
                .health
                .iter()
                .map(|slug| self.content.condition(slug).map_or(slug.as_str(), |known| known.name()))
                .collect(),
            signals: inquiry.signals.iter().map(|signal| signal_words(signal)).collect(),
            entries: self.entries(&inquiry).await?,
            messages: self.messages(&inquiry).await?,
            statuses: &Status::ALL,
            typed,
            inquiry: &inquiry,
        };
        Ok(page(status, &inquiry_page))
    }

    async fn entries(&self, inquiry: &Inquiry) -> Result<Vec<EntryView>, store::Error> {
        let entries = self.store.timeline(inquiry.seq).await?;
        let staff = if entries.iter().any(|entry| entry.kind == EntryKind::Assigned) {
            self.store.staff().await?
        } else {
            Vec::new()
        };
        Ok(entries
            .into_iter()
            .map(|entry| EntryView {
                at: self.soon(entry.at),
                who: entry.staff_name.unwrap_or_default(),
                what: entry_words(entry.kind, &entry.words, &staff),
                words: matches!(entry.kind, EntryKind::Note | EntryKind::Reply).then_some(entry.words),
                kind: entry.kind,
            })
            .collect())
    }

    async fn messages(&self, inquiry: &Inquiry) -> Result<Vec<MessageView>, store::Error> {
        let messages = self.store.messages_of(inquiry.seq).await?;
        Ok(messages
            .into_iter()
            .map(|owed| MessageView {
                id: owed.id,
                what: match owed.kind {
                    Kind::Notice => "Notice to staff",
                    Kind::Acknowledgement => "Acknowledgement to the writer",
                    Kind::Reply => "Reply to the writer",
                    other => other.label(),
                },
                state: owed.state,
                when: self.soon(owed.settled_at.unwrap_or(owed.next_attempt_at)),
                attempts: owed.attempts,
                answer: owed.last_answer,
            })
            .collect())
    }
}

fn entry_words(kind: EntryKind, words: &str, staff: &[StaffMember]) -> String {
    match kind {
        EntryKind::Received => "The inquiry was received".to_owned(),
        EntryKind::Viewed => "opened it".to_owned(),
        EntryKind::Note => "wrote a note".to_owned(),
        EntryKind::Reply => "replied by email".to_owned(),
        EntryKind::Phone => "The writer corrected their phone number".to_owned(),
        EntryKind::Status => {
            let label = |word: &str| Status::parse(word).map_or(word.to_owned(), |status| status.label().to_owned());
            let (from, to) = words.split_once('>').unwrap_or(("", words));
            format!("changed the status from {} to {}", label(from), label(to))
        }
        EntryKind::Assigned => match words.split_once('>') {
            Some((_, to)) if !to.is_empty() => {
                let known = staff.iter().find(|member| member.id == to);
                format!("assigned it to {}", known.map_or("an account that is gone", |member| &member.name))
            }
            _ => "took it from whom it was assigned to".to_owned(),
        },
    }
}

fn signal_words(signal: &str) -> &'static str {
    match signal {
        "trap" => {
            "The field that people cannot see was filled in. It may be spam, or a browser that fills in too much."
        }
        "no-origin" => "It came from a program or a very old browser, which does not say from which page it sends.",
        _ => "It came in an unusual way.",
    }
}
