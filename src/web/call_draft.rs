//! What somebody takes down of a call is kept as their draft, whichever button of its page they press: those that lead
//! elsewhere stand where other pages have links, which would lose it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::bench::Bench;
use super::body::Fields;
use super::contact::form;
use super::reception::Reception;
use super::stored_call::is_stored_from;
use super::taken::{Sheet, answer};
use super::way::lead;
use super::{Link, routes, see_other};
use crate::desk;
use crate::secret::digest;
use crate::store::{self, Call, CallDraft};

/// The fields of a form about a call.
pub(super) fn call(fields: &Fields) -> Call {
    Call { form: form(fields), channel: fields.text("channel"), read: fields.text("read") }
}

/// What tells the draft of a form from the others of its writer: as its page carries it, or by its token.
pub(super) fn name(fields: &Fields) -> String {
    carried_name(fields).unwrap_or_else(|| name_by(&fields.text("token")))
}

/// As its page carries it; None for a form that a program put together.
pub(super) fn carried_name(fields: &Fields) -> Option<String> {
    let carried = fields.text("draft");
    let is_name = carried.len() == NAME && carried.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_name.then_some(carried)
}

const NAME: usize = 32;

pub(super) fn name_by(token: &str) -> String {
    digest(token).iter().take(NAME / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// As the button says it that takes a draft away.
pub(super) const DISCARD: &str = "discard";

/// As the button says it that leads to the inquiries of who has the typed name.
pub(super) const LOOK_UP: &str = "look-up";

/// Keeps what stands in the form, and goes where the button leads: back to the form where it names nothing.
pub(super) async fn keep(bench: Bench, reception: Reception, fields: Fields) -> HttpResponse {
    let (call, name, then) = (call(&fields), name(&fields), fields.text("then"));
    if then == DISCARD {
        return match desk::discard_call(&bench.store, &bench.actor, &name).await {
            Ok(()) => see_other(routes::NEW_INQUIRY_AFTER_DISCARDING),
            Err(cause) => bench.unavailable(&cause),
        };
    }
    if let Err(cause) = keep_unless_stored(&bench, &reception, &name, &call, !then.is_empty()).await {
        tracing::error!(%cause, "a draft of a call could not be kept; who takes it was told");
        let words = "This could not be kept. Everything is still here. Try again in a minute.";
        let sheet = Sheet::of(&call, name).over(words);
        return answer(&bench, &reception, StatusCode::SERVICE_UNAVAILABLE, sheet).await;
    }
    match then.as_str() {
        "" if call.is_begun() => see_other(&routes::call_draft(&name)),
        "" => see_other(routes::NEW_INQUIRY),
        LOOK_UP => see_other(&routes::look_up(call.form.name.trim())),
        then => lead(then),
    }
}

/// A form that somebody went back to after it was stored is no draft; nor is one that they leave with nothing new in it but what is put
/// right where it is stored.
///
/// # Errors
/// When it could not be kept, or when nobody knows whether it is stored.
async fn keep_unless_stored(
    bench: &Bench,
    reception: &Reception,
    name: &str,
    call: &Call,
    is_left: bool,
) -> Result<(), store::Error> {
    let is_stored = match reception.parse(&call.form) {
        Ok(new) => bench.store.receipt_of(new.submission()).await?.is_some(),
        Err(_) => false,
    };
    match is_stored || (is_left && is_stored_from(bench, name, call).await?) {
        true => desk::discard_call(&bench.store, &bench.actor, name).await,
        false => desk::keep_call(&bench.store, &bench.actor, name, call, bench.now).await,
    }
}

/// Links to somebody's drafts of calls, the latest first, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn links(bench: &Bench, limit: usize) -> Result<Vec<Link>, store::Error> {
    let drafts = bench.store.call_drafts(bench.actor.id(), limit).await?;
    let href = |draft: &CallDraft| match &draft.call {
        Some(call) => resumed(&draft.name, call),
        None => routes::call_draft(&draft.name),
    };
    Ok(drafts.iter().map(|draft| Link { title: title(draft), href: href(draft) }).collect())
}

/// To the first field of a draft in which something is missing; to the last one where all is there.
pub(super) fn resumed(name: &str, call: &Call) -> String {
    let form = &call.form;
    let is_missing = |text: &str| text.trim().is_empty();
    let place = match () {
        () if is_missing(&call.channel) => "channel",
        () if is_missing(&form.urgent) => "warning-signs",
        () if is_missing(&form.name) => "name",
        () if is_missing(&form.message) => "message",
        () if is_missing(&form.phone) && is_missing(&form.email) => "phone",
        () => "consent",
    };
    format!("{}#{place}", routes::call_draft(name))
}

fn title(draft: &CallDraft) -> String {
    let name = draft.call.as_ref().map(|call| call.form.name.trim()).unwrap_or_default();
    if name.is_empty() { "a call without a name".to_owned() } else { format!("{name} (a call)") }
}

/// What the page says of a draft that it shows.
pub(super) fn words(bench: &Bench, draft: &CallDraft) -> String {
    let ago = bench.age(draft.kept_at);
    match draft.call {
        Some(_) => format!("Your draft, kept {ago}. It is not stored yet, and only you see it."),
        None => format!(
            "Your draft, kept {ago}, does not open. Whoever runs the server is told what to do by “backwise check”."
        ),
    }
}
