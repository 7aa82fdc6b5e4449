//! What staff do with an inquiry. A page that is out of date does nothing, shows how it stands now, and keeps what was typed.

use std::path::Path;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use tokio::sync::Notify;

use super::asking::Asking;
use super::carried::Carried;
use super::done::Again;
use super::draft::shown;
use super::order::Order;
use super::{Typed, routes};
use crate::desk::{self, Change, Copies, Eraser, Replied, Then, Words};
use crate::inquiry::{LONGEST_NOTE, Note, Reference, Status, TextFault};
use crate::store::DraftBox;
use crate::web::gaps::{Filled, is_gap};

pub(in crate::web) async fn status(order: Order, bell: web::Data<Notify>) -> HttpResponse {
    let wanted = match order.fields.text("then").as_str() {
        "release" => Some(Status::New),
        _ => Status::parse(&order.fields.text("status")),
    };
    let Some(status) = wanted else { return order.unknown("Choose one of the statuses.").await };
    let typed = Typed { status: Some(status), ..order.written() };
    if order.is_going_back() {
        return order.back(typed).await;
    }
    let Order { bench, inquiry, .. } = &order;
    let version = order.version_told();
    let changed = desk::change_status(&bench.store, &bench.policy, &bench.actor, inquiry, version, status, bench.now);
    let changed = order.keeping(None, changed).await;
    bell.notify_one();
    order.after(changed, typed, Again::Change).await
}

pub(in crate::web) async fn assign(order: Order) -> HttpResponse {
    let Order { bench, inquiry, fields } = &order;
    let assignee = match fields.text("then").as_str() {
        "mine" => bench.actor.id().to_owned(),
        _ => fields.text("assignee"),
    };
    let typed = Typed { assignee: Some(assignee.clone()), ..order.written() };
    if order.is_going_back() {
        return order.back(typed).await;
    }
    if !assignee.is_empty() {
        match bench.store.staff_by_id(&assignee).await {
            Ok(Some(member)) if member.disabled_at.is_none() => {}
            Ok(_) => return order.unknown("Choose somebody from the list.").await,
            Err(cause) => return bench.unavailable(&cause),
        }
    }
    let to = Some(assignee.as_str()).filter(|id| !id.is_empty());
    let changed = desk::assign(&bench.store, &bench.actor, inquiry, order.version_told(), to, bench.now);
    order.after(order.keeping(None, changed).await, typed, Again::Change).await
}

pub(in crate::web) async fn undo(order: Order) -> HttpResponse {
    let Order { bench, inquiry, .. } = &order;
    if order.is_going_back() {
        return order.back(order.written()).await;
    }
    let undone = desk::undo(&bench.store, &bench.actor, inquiry, order.version_told(), bench.now);
    match order.keeping(None, undone).await {
        Ok(Change::Done) => order.to(&routes::inquiry_after_undo(inquiry.reference.as_str(), order.seen())),
        refused => order.after(refused, order.written(), Again::Change).await,
    }
}

pub(in crate::web) async fn note(order: Order) -> HttpResponse {
    let Order { bench, inquiry, .. } = &order;
    let typed = order.written();
    let note = match Note::parse(&typed.note) {
        Ok(note) => note,
        Err(fault) => return order.wrong(Typed { note_error: Some(fault_words(fault, "added")), ..typed }).await,
    };
    let changed = desk::add_note(&bench.store, &bench.actor, inquiry, order.version(), &note, bench.now);
    order.after(order.keeping(Some(DraftBox::Note), changed).await, typed, Again::Note).await
}

pub(in crate::web) async fn remove_note(order: Order) -> HttpResponse {
    let Order { bench, inquiry, fields } = &order;
    if order.is_going_back() {
        return order.back(order.written()).await;
    }
    let note = fields.text("entry").parse().unwrap_or_default();
    let typed = order.written();
    let shown = shown(&typed, Carried::by(fields).as_ref());
    let version = order.version_told();
    let taken = desk::remove_note(&bench.store, &bench.actor, inquiry, version, note, &shown, bench.now);
    order.after(order.keeping(None, taken).await, typed, Again::Removal).await
}

pub(in crate::web) async fn reply(order: Order, bell: web::Data<Notify>) -> HttpResponse {
    let Order { bench, inquiry, fields } = &order;
    let typed = order.written();
    if fields.text("then") == "begin" {
        return order.begins(bench.begin_with(inquiry, &fields.text("template"), typed)).await;
    }
    let filled = Filled::of(fields);
    if !filled.is_sure {
        return order.asks(Asking::Beside, typed).await;
    }
    let words = match Note::parse(&filled.whole()) {
        Ok(words) => words,
        Err(fault) => {
            let sent = if fault == TextFault::Missing { order.has_replied().await } else { None };
            let reply_error = fault_words(fault, "sent") + &sent.unwrap_or_default();
            return order.wrong(Typed { reply_error: Some(reply_error), ..typed }).await;
        }
    };
    if has_gaps(&words) && fields.text("gaps").is_empty() {
        return order.asks(Asking::Gaps, typed).await;
    }
    let then = if fields.text("then") == "close" { Then::Close } else { Then::Wait };
    let version = order.version();
    let words = Words { text: &words, is_meant: !fields.text("twice").is_empty() };
    let replied = desk::reply(&bench.store, &bench.actor, inquiry, version, words, then, bench.now);
    let changed = match order.keeping(Some(DraftBox::Reply), replied).await {
        Ok(Replied::Queued) => Ok(Change::Done),
        Ok(Replied::Repeated) => Ok(Change::Repeated),
        Ok(Replied::SentAlready) => {
            return order.asks(Asking::Twice, typed).await;
        }
        Ok(Replied::Stale) => Ok(Change::Stale),
        Ok(Replied::Merged) => Ok(Change::NotPossible),
        Ok(Replied::NoAddress) => {
            let words = "There is no email address: please call. Nothing was sent.".to_owned();
            return order.wrong(Typed { reply_error: Some(words), ..typed }).await;
        }
        Err(cause) => Err(cause),
    };
    bell.notify_one();
    order.after(changed, typed, Again::Reply).await
}

fn has_gaps(words: &Note) -> bool {
    words.as_str().lines().any(is_gap)
}

pub(in crate::web) async fn erase(order: Order, copies: web::Data<Copies>) -> HttpResponse {
    let Order { bench, inquiry, fields } = &order;
    let confirm = fields.text("confirm");
    if order.is_going_back() {
        return order.back(Typed { confirm, ..Typed::default() }).await;
    }
    if Reference::parse(&confirm).as_ref() != Some(&inquiry.reference) {
        let words = format!("Type the reference {} to erase this inquiry. Nothing was erased.", inquiry.reference);
        return order.wrong(Typed { confirm, confirm_error: Some(words), ..Typed::default() }).await;
    }
    if order.version_told().is_some_and(|shown| shown != inquiry.version) {
        return order.after(Ok(Change::Stale), Typed { confirm, ..Typed::default() }, Again::Change).await;
    }
    match desk::erase(&bench.store, Eraser::Actor(&bench.actor), inquiry, bench.now).await {
        Ok(erased) => {
            let heading = format!("{} is erased", inquiry.reference);
            let merged = erased.merged.iter().map(|merged| format!(", and {merged}, which was merged into it"));
            let merged: String = merged.collect();
            let what =
                format!("With it went {} lines of its timeline and {} mails{merged}.", erased.entries, erased.mails);
            let words = [&what as &str, &in_copies(&copies), HOW_COPIES_FORGET];
            bench.say_before(&order.way_back(), StatusCode::OK, &heading, &words).await
        }
        Err(cause) => bench.unavailable(&cause),
    }
}

const HOW_COPIES_FORGET: &str =
    "A copy forgets it when it is restored here. Whoever keeps the copies decides how long they are kept.";

/// Which copies may still hold what was erased. Their names say enough; where they lie is for who runs the server.
fn in_copies(copies: &Copies) -> String {
    let names = copies.that_are_there();
    let names: Vec<_> = names.iter().filter_map(|copy| Path::new(copy).file_name()?.to_str()).collect();
    match names.as_slice() {
        [] => {
            "No copy made by “backwise backup” is known; one that was made in another way may still hold it.".to_owned()
        }
        names => format!("These copies of the database may still hold it: {}.", names.join(", ")),
    }
}

/// Why words were not sent or added, as `done` says.
fn fault_words(fault: TextFault, done: &str) -> String {
    match fault {
        TextFault::Missing => format!("Nothing was {done}. Write something first."),
        TextFault::TooLong(length) => {
            format!("This is {} characters longer than the {LONGEST_NOTE} that fit. Shorten it.", length - LONGEST_NOTE)
        }
        TextFault::ControlCharacter => {
            "This holds a character that we cannot take. Type it again instead of pasting it.".to_owned()
        }
    }
}
