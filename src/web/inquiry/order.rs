//! What somebody wants done with one inquiry: who they are, the inquiry, and the form they sent. It can be had only where all
//! three are there; else the answer says which is not.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;

use super::conflict::{facts_carried, shown};
use super::done::Again;
use super::{Bench, Carried, Conflict, Inquiry, NOBODY, Reference, Status, Typed, WayBack, routes, see_other, store};
use crate::desk::{self, Change};
use crate::web::body::{self, Fields};
use crate::web::kept::AGAIN;
use crate::web::refused;

pub(in crate::web) struct Order {
    pub(super) bench: Bench,
    pub(super) inquiry: Inquiry,
    pub(super) fields: Fields,
}

impl FromRequest for Order {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bench = Bench::extract(&request).await?;
            let reference = web::Path::<String>::extract(&request).await?;
            let fields = Fields::from_request(&request, &mut payload).await?;
            match bench.find(&reference).await {
                Ok(inquiry) => Ok(Self { bench, inquiry, fields }),
                Err(answer) => Err(body::refuse(bench.lost(answer.status(), &fields).await.unwrap_or(answer))),
            }
        })
    }
}

impl Order {
    /// Which version of the inquiry the page showed.
    pub(super) fn version(&self) -> Option<i64> {
        self.fields.text("version").parse().ok()
    }

    /// The same for what sends no words: a page may show a draft that goes on from an older version, and tell what changed since.
    pub(super) fn version_told(&self) -> Option<i64> {
        self.fields.text("told").parse().ok().or_else(|| self.version())
    }

    /// The newest line of the timeline that the page showed.
    pub(super) fn seen(&self) -> i64 {
        self.fields.text("seen").parse().unwrap_or(0)
    }

    /// The view of the inbox from which they came.
    pub(super) fn way_back(&self) -> WayBack {
        WayBack::of(&self.fields)
    }

    /// On to one of our addresses.
    pub(super) fn to(&self, address: &str) -> HttpResponse {
        see_other(&self.way_back().along(address))
    }

    /// A choice that the page does not offer.
    pub(super) async fn unknown(&self, words: &str) -> HttpResponse {
        self.wrong(Typed { trouble: Some(words.to_owned()), ..self.written() }).await
    }

    /// The page over what cannot be taken as it was typed.
    pub(super) async fn wrong(&self, typed: Typed) -> HttpResponse {
        self.over(StatusCode::UNPROCESSABLE_ENTITY, typed, Carried::by(&self.fields)).await
    }

    /// The page over what was sent too late, by the words of its trouble.
    pub(super) async fn late(&self, typed: Typed) -> HttpResponse {
        self.over(StatusCode::CONFLICT, typed, Carried::by(&self.fields)).await
    }

    /// Back to the inquiry, which says what was done, or that this was done before; or, when somebody was faster or the store
    /// failed, its present state with the words kept.
    pub(super) async fn after(&self, changed: Result<Change, store::Error>, typed: Typed, this: Again) -> HttpResponse {
        let reference = self.inquiry.reference.as_str();
        let to = |after: String| self.to(&(after + &self.chosen_beside(&typed)));
        let is_stale = match changed {
            Ok(Change::Done) => return to(routes::inquiry_after(reference, self.seen())),
            Ok(Change::Repeated) => return to(routes::inquiry_after_nothing(reference, this.as_str())),
            Ok(Change::Stale) => true,
            Ok(Change::NotPossible) => false,
            Err(cause) => return self.failed(&cause, typed).await,
        };
        match self.both_states(&typed).await {
            Ok(conflict) => {
                let refused = match is_stale {
                    true if typed.status == Some(self.inquiry.status) => self.is_so_already(),
                    true => stale(conflict.as_ref(), &typed),
                    false => "That is not possible from where this inquiry stands now. Nothing was done.".to_owned(),
                };
                let typed = Typed { trouble: Some(refused), conflict, ..typed };
                self.again(StatusCode::CONFLICT, typed).await
            }
            Err(cause) => self.or_words(Err(cause)).await,
        }
    }

    /// That it stands as somebody wants it who is too late.
    fn is_so_already(&self) -> String {
        let status = self.inquiry.status.label();
        format!("It is {status} already: below is what happened since you opened it. Nothing was done now.")
    }

    /// What was chosen in the fields of other buttons than the one that was pressed, and what was left out, for the address of the
    /// page that follows: there it is chosen still, and said.
    pub(super) fn chosen_beside(&self, typed: &Typed) -> String {
        let (status, assignee) = (self.fields.text("status"), self.fields.text("assignee"));
        let stored = self.inquiry.assignee.as_deref().unwrap_or_default();
        // A page that is out of date holds what it showed, and nobody chose that.
        let (shown_status, shown_assignee) = shown(&self.fields.text("was"));
        let is_id = assignee.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let status = Status::parse(&status).filter(|status| {
            typed.status.is_none() && *status != self.inquiry.status && Some(status.as_str()) != shown_status.as_deref()
        });
        let is_given = typed.assignee.is_none() && self.fields.has("assignee") && assignee != stored && is_id;
        let is_given = is_given && shown_assignee.is_none_or(|shown| shown != assignee);
        let status = status.map(|status| format!("&status={}", status.as_str())).unwrap_or_default();
        let whose = if assignee.is_empty() { NOBODY } else { &assignee };
        let whose = if is_given { format!("&assignee={whose}") } else { String::new() };
        let uncorrected = typed.uncorrected.iter().map(Reference::as_str).collect::<Vec<_>>().join(".");
        status + &whose + &if uncorrected.is_empty() { uncorrected } else { format!("&uncorrected={uncorrected}") }
    }

    /// How it stood on the page that was sent, and how it stands now. What was typed is kept as going on from there.
    async fn both_states(&self, typed: &Typed) -> Result<Option<Conflict>, store::Error> {
        let Self { bench, inquiry, fields } = self;
        let conflict = match fields.text("seen").parse() {
            Ok(seen) => bench.conflict(inquiry, seen, &fields.text("was")).await?,
            Err(_) => None,
        };
        let now = match bench.store.inquiry(&inquiry.reference).await? {
            Some(now) => Some(Carried::now(&now, &bench.store.timeline(now.seq).await?)),
            None => None,
        };
        self.keep(typed, now.as_ref(), None).await?;
        Ok(conflict)
    }

    /// The page over what could not be stored. It only reads: nobody waits twice for a store that does not answer.
    pub(super) async fn failed(&self, cause: &store::Error, typed: Typed) -> HttpResponse {
        let reference = &self.inquiry.reference;
        tracing::error!(%cause, inquiry = %reference, "a change could not be stored; its author was told");
        let words =
            "That could not be stored. Nothing was done or sent; what you typed is still there. Try again in a minute.";
        let typed = Typed { trouble: Some(words.to_owned()), carried: Carried::by(&self.fields), ..typed };
        let page = self.bench.gather(reference, &typed, &self.way_back(), StatusCode::SERVICE_UNAVAILABLE).await;
        self.or_words(page).await
    }

    /// The reply and the note that stood in their boxes. Every button of the page sends them along, so that none of them loses
    /// what somebody has begun to write.
    pub(super) fn written(&self) -> Typed {
        Typed::written(&self.fields)
    }

    /// Whether somebody comes back to a form after they had to sign in again, and wants nothing done yet.
    pub(super) fn is_going_back(&self) -> bool {
        self.fields.has(AGAIN)
    }

    /// The page with what they had typed.
    pub(super) async fn back(&self, typed: Typed) -> HttpResponse {
        self.over(StatusCode::OK, typed, Carried::by(&self.fields)).await
    }

    /// The page over a form that comes back. It goes on from where that form was shown, and says what happened since.
    async fn over(&self, status: StatusCode, typed: Typed, carried: Option<Carried>) -> HttpResponse {
        if let Err(cause) = self.keep(&typed, carried.as_ref(), None).await {
            return self.failed(&cause, typed).await;
        }
        let Some(carried) = carried else { return self.again(status, typed).await };
        match self.since(carried).await {
            Ok((conflict, carried)) => self.again(status, Typed { conflict, carried: Some(carried), ..typed }).await,
            Err(cause) => self.or_words(Err(cause)).await,
        }
    }

    /// What somebody else changed since a form was shown, and what the form that comes back carries.
    async fn since(&self, carried: Carried) -> Result<(Option<Conflict>, Carried), store::Error> {
        let now = self.bench.store.inquiry(&self.inquiry.reference).await?;
        match now {
            Some(now) if carried.version < now.version => {
                Ok((self.bench.conflict(&self.inquiry, carried.seen, &carried.was).await?, carried))
            }
            Some(now) if carried.version == now.version => Ok((None, Carried { was: facts_carried(&now), ..carried })),
            _ => Ok((None, carried)),
        }
    }

    /// The page over a form that did not work, whose words were kept. It shows the whole inquiry, so whoever gets it has read it.
    async fn again(&self, status: StatusCode, typed: Typed) -> HttpResponse {
        let Self { bench, inquiry, .. } = self;
        let page = async {
            // Gone since it was found: nothing can be recorded about it, and nothing shown.
            if bench.store.inquiry_number(&inquiry.reference).await?.is_some() {
                desk::open(&bench.store, &bench.actor, inquiry, bench.now).await?;
            }
            let typed = typed.with(bench.draft(inquiry).await?);
            bench.gather(&inquiry.reference, &typed, &self.way_back(), status).await
        };
        let home = self.way_back().along(&routes::inquiry(inquiry.reference.as_str()));
        refused::leading(home, self.or_words(page.await).await)
    }

    /// The page; where the inquiry is gone or cannot be read, what was typed all the same.
    async fn or_words(&self, page: Result<Option<HttpResponse>, store::Error>) -> HttpResponse {
        let answer = match page {
            Ok(Some(page)) => return page,
            Ok(None) => self.bench.not_found().await,
            Err(cause) => self.bench.unavailable(&cause),
        };
        self.bench.lost(answer.status(), &self.fields).await.unwrap_or(answer)
    }
}

/// That somebody was faster.
fn stale(conflict: Option<&Conflict>, typed: &Typed) -> String {
    let who = conflict.map_or_else(|| "Somebody".to_owned(), Conflict::who);
    let is_begun = [&typed.reply, &typed.note].iter().any(|words| !words.trim().is_empty());
    let begun = if is_begun { " What you typed is still there." } else { "" };
    format!(
        "{who} changed this inquiry since you opened it, and nothing was done. Below is how it stands now; if you still mean it, press the same button again.{begun}"
    )
}
