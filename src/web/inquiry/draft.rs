//! The draft of whoever works here: what they have begun is kept with every form they send, and stands in its boxes when they
//! come back. Nobody else's is ever asked for.

use actix_web::HttpResponse;
use jiff::Timestamp;

use super::carried::Carried;
use super::order::Order;
use super::{Actor, Bench, Discarded, Inquiry, InquiryPage, Typed, routes, store};
use crate::clock::from_milliseconds;
use crate::desk;
use crate::store::{Draft, DraftBox, Shown};
use crate::web::body::Fields;
use crate::web::gaps::gaps;
use crate::web::way::{lead, leads_on};

pub(in crate::web) async fn draft(order: Order) -> HttpResponse {
    if let Some(duplicate) = order.duplicate_chosen().filter(|_| !order.is_going_back()) {
        return order.goes_on_to_merge(&duplicate).await;
    }
    if leads_on(&order.fields) && !order.is_going_back() {
        return order.leads_on(&order.fields.text("then")).await;
    }
    let discarded = Discarded::parse(&order.fields.text("then")).filter(|_| !order.is_going_back());
    let Some(discarded) = discarded else { return order.begins(order.written()).await };
    match order.discards(discarded).await {
        Ok(()) => {
            let after = routes::inquiry_after_discarding(order.inquiry.reference.as_str(), discarded.then());
            order.to(&(after + &order.chosen_beside(&Typed::default())))
        }
        Err(cause) => order.failed(&cause, order.written()).await,
    }
}

impl Order {
    /// Does something after what stands beside it was kept. What is being sent is no draft: it is in the timeline or comes back.
    ///
    /// # Errors
    /// When the draft could not be kept, and nothing was done, or when the deed could not be stored.
    pub(super) async fn keeping<T>(
        &self,
        sent: Option<DraftBox>,
        deed: impl Future<Output = Result<T, store::Error>>,
    ) -> Result<T, store::Error> {
        self.keep(&self.written(), Carried::by(&self.fields).as_ref(), sent).await?;
        deed.await
    }

    /// Takes away what the button named, and keeps what stands in the other box.
    async fn discards(&self, discarded: Discarded) -> Result<(), store::Error> {
        let Self { bench, inquiry, .. } = self;
        let deed = desk::discard_draft(&bench.store, &bench.actor, inquiry, discarded.only());
        match discarded.only() {
            Some(one) => self.keeping(Some(one), deed).await,
            None => deed.await,
        }
    }

    /// Keeps what was typed, and goes on to another page.
    async fn leads_on(&self, then: &str) -> HttpResponse {
        let typed = self.written();
        match self.keep(&typed, Carried::by(&self.fields).as_ref(), None).await {
            Ok(()) => lead(then),
            Err(cause) => self.failed(&cause, typed).await,
        }
    }

    /// Keeps what was typed for later, and goes back to where it is typed.
    pub(super) async fn begins(&self, typed: Typed) -> HttpResponse {
        match self.keep(&typed, Carried::by(&self.fields).as_ref(), None).await {
            Ok(()) => self.to_the_box(&typed),
            Err(cause) => self.failed(&cause, typed).await,
        }
    }

    /// To the box of what is missing first in words that were filled in, or to what stands around the reply, where what was kept
    /// can be read: a text box that is led to has its cursor before the first word, and its label out of sight.
    fn to_the_box(&self, typed: &Typed) -> HttpResponse {
        let is_note = typed.reply.trim().is_empty() && !typed.note.trim().is_empty();
        let is_filled_in = self.fields.text("then") == "begin";
        let place = match gaps(&typed.reply).is_empty() {
            false if is_filled_in => "#gap-1",
            _ if is_note => "#note-field",
            _ => "#reply-field",
        };
        let chosen = self.chosen_beside(typed).replacen('&', "?", 1);
        self.to(&(routes::inquiry(self.inquiry.reference.as_str()) + &chosen + place))
    }

    /// Keeps what was typed, as it goes on from the page whose form carried this.
    ///
    /// # Errors
    /// When it could not be kept.
    pub(super) async fn keep(
        &self,
        typed: &Typed,
        carried: Option<&Carried>,
        sent: Option<DraftBox>,
    ) -> Result<(), store::Error> {
        let Self { bench, inquiry, fields } = self;
        let begun = begun(typed, carried, fields, sent);
        desk::keep_draft(&bench.store, &bench.actor, inquiry, &begun, bench.now).await
    }
}

/// What a form holds of a reply and a note, but for what is being sent.
fn begun<'a>(typed: &'a Typed, carried: Option<&Carried>, fields: &Fields, sent: Option<DraftBox>) -> desk::Begun<'a> {
    let holds = |name, this| fields.has(name) && sent != Some(this);
    desk::Begun {
        reply: holds("message", DraftBox::Reply).then_some(typed.reply.as_str()),
        note: holds("note", DraftBox::Note).then_some(typed.note.as_str()),
        shown: shown(typed, carried),
        draft: fields.text("draft").parse().ok().map(from_milliseconds),
    }
}

/// The page on which it was begun.
pub(super) fn shown(typed: &Typed, carried: Option<&Carried>) -> Shown {
    Shown {
        version: carried.map(|carried| carried.version),
        seen: carried.map_or(0, |carried| carried.seen),
        was: carried.map(|carried| carried.was.clone()).unwrap_or_default(),
        template: typed.template.clone(),
        is_added_to: typed.is_added_to,
    }
}

/// Keeps what a form held that was sent when a session had ended, for who is signed in again; whether that is anything.
///
/// # Errors
/// When it could not be kept.
pub(in crate::web) async fn keep_sent(
    store: &store::Store,
    actor: &Actor,
    inquiry: &Inquiry,
    fields: &Fields,
    now: Timestamp,
) -> Result<bool, store::Error> {
    let typed = Typed::written(fields);
    desk::keep_draft(store, actor, inquiry, &begun(&typed, Carried::by(fields).as_ref(), fields, None), now).await?;
    Ok([typed.reply, typed.note].iter().any(|words| !words.trim().is_empty()))
}

/// A draft on its way to the page.
pub(super) struct Kept {
    pub at: Timestamp,
    /// None where it does not open: the page opens all the same.
    draft: Option<Draft>,
}

impl Typed {
    /// The same with a draft in its boxes.
    pub(super) fn with(self, kept: Option<Kept>) -> Self {
        let Some(kept) = kept else { return self };
        let boxes = kept.draft.as_ref().map(|draft| (draft.reply.clone(), draft.note.clone()));
        let (reply, note) = boxes.unwrap_or((self.reply, self.note));
        Self { reply, note, kept: Some(kept), ..self }
    }
}

impl Bench {
    /// Their draft about an inquiry.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn draft(&self, inquiry: &Inquiry) -> Result<Option<Kept>, store::Error> {
        match self.store.draft(inquiry.seq, self.actor.id()).await {
            Ok(draft) => Ok(draft.map(|draft| Kept { at: draft.kept_at, draft: Some(draft) })),
            Err(store::Error::Damaged(_)) => {
                let at = self.store.draft_kept_at(inquiry.seq, self.actor.id()).await?;
                Ok(at.map(|at| Kept { at, draft: None }))
            }
            Err(cause) => Err(cause),
        }
    }

    /// What somebody finds in the boxes when they come back to an inquiry. It goes on from the page on which it was written
    /// where somebody else changed the inquiry since, and says what.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn taken_up(&self, inquiry: &Inquiry) -> Result<Typed, store::Error> {
        let Some(kept) = self.draft(inquiry).await? else { return Ok(Typed::default()) };
        let Some(Draft { shown, .. }) = &kept.draft else { return Ok(Typed::default().with(Some(kept))) };
        let Shown { version, seen, was, template, is_added_to } = shown.clone();
        let carried = version.map(|version| Carried { version, seen, was });
        let typed = Typed { template, is_added_to, ..Typed::default() }.with(Some(kept));
        let Some(carried) = carried.filter(|carried| carried.version < inquiry.version) else { return Ok(typed) };
        let entries = self.store.timeline(inquiry.seq).await?;
        if !entries.iter().any(|entry| carried.is_behind(entry, self.actor.id())) {
            return Ok(typed);
        }
        let conflict = self.conflict(inquiry, carried.seen, &carried.was).await?;
        Ok(Typed { conflict, carried: Some(carried), is_taken_up: true, ..typed })
    }

    /// What the page says of a draft.
    pub(super) fn draft_words(&self, typed: &Typed) -> Option<String> {
        let kept = typed.kept.as_ref()?;
        let ago = self.age(kept.at);
        let words = match (kept.draft.is_some(), typed.reply.trim().is_empty(), typed.note.trim().is_empty()) {
            (false, ..) => {
                return Some(format!(
                    "Your draft, kept {ago}, does not open. Whoever runs the server is told what to do by “backwise check”."
                ));
            }
            (_, false, false) => format!(
                "Your draft of the reply and the note, kept {ago}. Neither is sent or added yet, and only you see them."
            ),
            (_, _, true) => format!("Your draft, kept {ago}. It is not sent yet, and only you see it."),
            (_, true, _) => format!("Your draft, kept {ago}. It is not added yet, and only you see it."),
        };
        Some(words)
    }
}

impl InquiryPage<'_> {
    /// The draft that the page shows, as its form carries it.
    pub(super) fn draft_shown(&self) -> Option<i64> {
        self.typed.kept.as_ref().map(|kept| kept.at.as_millisecond())
    }

    /// Whether the box of the reply is where the draft is told of; else it is that of the note.
    pub(super) fn is_reply_begun(&self) -> bool {
        !self.typed.reply.trim().is_empty()
    }

    pub(super) fn is_note_begun(&self) -> bool {
        !self.typed.note.trim().is_empty()
    }
}
