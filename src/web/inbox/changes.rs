//! Changing several inquiries at once. What was ticked is shown on one page with what will change; only its button
//! changes anything. Each inquiry is changed whole or not at all, and what somebody else changed meanwhile is left alone and told.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use tokio::sync::Notify;

use super::super::bench::Bench;
use super::super::body::{self, Fields};
use super::super::{Head, Site, page, routes, see_other};
use super::asked::{Asked, UNDO};
use super::done;
use super::query::{ME, NOBODY};
use super::way_back::WayBack;
use crate::desk::{self, Change};
use crate::inquiry::{Inquiry, Status};
use crate::staff::{Actor, StaffMember};
use crate::store::{self, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/changes.html")]
struct ChangesPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    wish: Option<&'a Wish>,
    asked: &'a Asked,
    lines: Vec<Line>,
    is_done: bool,
    /// Who can be given something to do, and what else can be chosen, where nothing was.
    members: Vec<StaffMember>,
    moves: Vec<Status>,
    is_spam: bool,
}

impl ChangesPage<'_> {
    fn number_of_changes(&self) -> usize {
        self.lines.iter().filter(|line| line.fate == Fate::Changes).count()
    }

    /// The page of one of them, from which the way back leads to the view in which it was ticked.
    fn href(&self, line: &Line) -> String {
        WayBack::parse(&self.asked.back).along(&routes::inquiry(&line.reference))
    }

    fn has_change(&self) -> bool {
        self.number_of_changes() > 0
    }

    /// "2 of these have not been answered, 1 of them urgent."; None when all of those to be closed have been, or nothing is
    /// closed.
    fn unanswered(&self) -> Option<String> {
        let is_closing = matches!(self.wish, Some(Wish::Status(Status::Closed))) && !self.is_done;
        let unanswered = || self.lines.iter().filter(|line| line.is_unanswered());
        let urgent = match unanswered().filter(|line| line.is_urgent).count() {
            0 => String::new(),
            urgent => format!(", {urgent} of them urgent"),
        };
        match unanswered().count() {
            0 => None,
            1 => Some(format!("1 of these has not been answered{urgent}.")),
            number => Some(format!("{number} of these have not been answered{urgent}.")),
        }
        .filter(|_| is_closing)
    }

    /// What they have begun themselves about those whose status will change: it is easily forgotten when they are out of sight.
    fn begun(&self) -> Option<String> {
        let number = self.lines.iter().filter(|line| line.is_begun).count();
        (number > 0)
            .then(|| format!("You have begun a reply or a note to {number} of these, which is not sent or added yet."))
    }

    /// Whether all are so already.
    fn is_so(&self) -> bool {
        are_so(&self.lines)
    }

    fn has_trouble(&self) -> bool {
        self.lines.iter().any(|line| !matches!(line.fate, Fate::Changes | Fate::Already))
    }

    /// "2 were changed. 1 was left alone: so already."
    fn outcome(&self) -> String {
        let told = [
            (Fate::Changes, "changed"),
            (Fate::Already, "left alone: so already"),
            (Fate::Stale, "left alone: changed since the list was shown"),
            (Fate::NotPossible, "left alone: not possible from there"),
            (Fate::Failed, "left alone: not stored"),
        ];
        let number = |fate| self.lines.iter().filter(|line| line.fate == fate).count();
        let sentences = told.into_iter().filter_map(|(fate, words)| match number(fate) {
            0 => None,
            1 => Some(format!("1 was {words}.")),
            number => Some(format!("{number} were {words}.")),
        });
        sentences.collect::<Vec<_>>().join(" ")
    }
}

/// What somebody wants done.
enum Wish {
    Status(Status),
    Assign(Option<StaffMember>),
    NotSpam,
    /// What they did last with each, as on its own page.
    Undo,
}

struct Line {
    reference: String,
    name: String,
    status: Status,
    /// How it stands, or what it is changed from.
    now: String,
    /// Whether somebody was promised an answer and has none.
    waits: bool,
    is_urgent: bool,
    /// Whether its status will change while whoever asks has begun a reply or a note to it, and neither sent nor added it.
    is_begun: bool,
    fate: Fate,
}

impl Line {
    /// Whether it changes without an answer.
    fn is_unanswered(&self) -> bool {
        self.waits && self.fate == Fate::Changes
    }
}

/// What becomes, or became, of one of several.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It will change, or has changed.
    Changes,
    /// It is so already.
    Already,
    /// Somebody changed it since it was ticked.
    Stale,
    /// The workflow has no such move from where it stands.
    NotPossible,
    /// It could not be stored.
    Failed,
}

impl Wish {
    fn parse(text: &str, actor: &Actor, members: &[StaffMember]) -> Option<Self> {
        let member = |id: &str| members.iter().find(|member| member.id == id && member.disabled_at.is_none()).cloned();
        match text.split_once('.') {
            None if text == "not-spam" => Some(Self::NotSpam),
            None if text == UNDO => Some(Self::Undo),
            Some(("status", status)) => Status::parse(status).map(Self::Status),
            Some(("assign", NOBODY)) => Some(Self::Assign(None)),
            Some(("assign", ME)) => member(actor.id()).map(|member| Self::Assign(Some(member))),
            Some(("assign", staff)) => member(staff).map(|member| Self::Assign(Some(member))),
            _ => None,
        }
    }

    /// "Set the status to Closed"
    fn words(&self) -> String {
        match self {
            Self::Status(status) => format!("Set the status to “{}”", status.label()),
            Self::Assign(Some(member)) => format!("Assign to {}", member.name),
            Self::Assign(None) => "Assign to nobody".to_owned(),
            Self::NotSpam => "Not spam: mails leave where they were held back".to_owned(),
            Self::Undo => "Undo your last change".to_owned(),
        }
    }

    fn is_so(&self, inquiry: &Inquiry) -> bool {
        match self {
            Self::Status(status) => inquiry.status == *status,
            Self::Assign(member) => inquiry.assignee.as_deref() == member.as_ref().map(|member| member.id.as_str()),
            Self::NotSpam => inquiry.status != Status::Spam,
            Self::Undo => false,
        }
    }

    async fn change(&self, bench: &Bench, inquiry: &Inquiry, shown: i64) -> Result<Change, store::Error> {
        let Bench { store, policy, actor, now, .. } = bench;
        match self {
            Self::Status(status) => {
                desk::change_status(store, policy, actor, inquiry, Some(shown), *status, *now).await
            }
            Self::Undo => desk::undo(store, actor, inquiry, Some(shown), *now).await,
            Self::NotSpam => desk::change_status(store, policy, actor, inquiry, Some(shown), Status::New, *now).await,
            Self::Assign(member) => {
                let staff = member.as_ref().map(|member| member.id.as_str());
                desk::assign(store, actor, inquiry, Some(shown), staff, *now).await
            }
        }
    }
}

/// Shows what would change; changes nothing.
pub(crate) async fn confirm(bench: Bench, request: HttpRequest) -> HttpResponse {
    let asked = Asked::of(&body::query(&request));
    bench.or_unavailable(ask(&bench, &asked).await)
}

async fn ask(bench: &Bench, asked: &Asked) -> Result<HttpResponse, store::Error> {
    let members = bench.store.staff().await?;
    let wish = Wish::parse(&asked.change, &bench.actor, &members);
    let mut lines = Vec::new();
    for (reference, shown) in asked.inquiries(bench).await? {
        let Some(inquiry) = bench.store.inquiry(&reference).await? else { continue };
        let fate = match &wish {
            // Also where it was changed since: whoever goes back to this page has often done it themselves.
            Some(wish) if wish.is_so(&inquiry) => Fate::Already,
            _ if inquiry.version != shown => Fate::Stale,
            Some(Wish::Status(status)) if !inquiry.moves().contains(status) => Fate::NotPossible,
            Some(Wish::Assign(_)) if inquiry.merged_into.is_some() => Fate::NotPossible,
            _ => Fate::Changes,
        };
        let is_moving = matches!(wish, Some(Wish::Status(_))) && fate == Fate::Changes;
        let is_begun = is_moving && bench.store.draft_kept_at(inquiry.seq, bench.actor.id()).await?.is_some();
        lines.push(Line { is_begun, ..line(&inquiry, &members, fate) });
    }
    let is_ready = wish.is_some() && (are_so(&lines) || lines.iter().any(|line| line.fate == Fate::Changes));
    let status = if is_ready { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show(bench, status, wish.as_ref(), asked, lines, false).await
}

/// Changes what was confirmed.
pub(crate) async fn change(bench: Bench, fields: Fields, bell: web::Data<Notify>) -> HttpResponse {
    let asked = Asked::of(&fields);
    let answer = change_each(&bench, &asked).await;
    bell.notify_one();
    bench.or_unavailable(answer)
}

async fn change_each(bench: &Bench, asked: &Asked) -> Result<HttpResponse, store::Error> {
    let members = bench.store.staff().await?;
    let Some(wish) = Wish::parse(&asked.change, &bench.actor, &members) else { return ask(bench, asked).await };
    let before = bench.store.newest_entry().await?;
    // All are read before one is changed: who cannot read changed nothing.
    let mut chosen = Vec::new();
    for (reference, shown) in asked.inquiries(bench).await? {
        chosen.extend(bench.store.inquiry(&reference).await?.map(|inquiry| (inquiry, shown)));
    }
    let mut lines = Vec::new();
    for (inquiry, shown) in &chosen {
        let fate = if wish.is_so(inquiry) { Fate::Already } else { fate(bench, &wish, inquiry, *shown).await };
        lines.push(line(inquiry, &members, fate));
    }
    if lines.is_empty() {
        return ask(bench, asked).await;
    }
    // What is done is done: a store that fails just now must not make it "Nothing was changed".
    let newest = bench.store.newest_entry().await.unwrap_or(i64::MAX);
    let place = done::mark(matches!(wish, Wish::Undo), before, newest);
    let asked = Asked { back: asked.back_with(&place), ..asked.clone() };
    let has = |fate| lines.iter().any(|line| line.fate == fate);
    let status = match () {
        () if has(Fate::Failed) => StatusCode::SERVICE_UNAVAILABLE,
        () if has(Fate::Stale) || has(Fate::NotPossible) => StatusCode::CONFLICT,
        // What was left alone stands in no timeline: it is told here, on the answer itself.
        () if has(Fate::Changes) && has(Fate::Already) => StatusCode::OK,
        () => return Ok(see_other(&asked.back)),
    };
    show(bench, status, Some(&wish), &asked, lines, true).await
}

/// Whether all of several are as somebody wants them.
fn are_so(lines: &[Line]) -> bool {
    !lines.is_empty() && lines.iter().all(|line| line.fate == Fate::Already)
}

async fn fate(bench: &Bench, wish: &Wish, inquiry: &Inquiry, shown: i64) -> Fate {
    match wish.change(bench, inquiry, shown).await {
        Ok(Change::Done) => Fate::Changes,
        Ok(Change::Repeated) => Fate::Already,
        Ok(Change::Stale) => Fate::Stale,
        Ok(Change::NotPossible) => Fate::NotPossible,
        Err(cause) => {
            tracing::error!(%cause, inquiry = %inquiry.reference, "a change could not be stored; its author was told");
            Fate::Failed
        }
    }
}

fn line(inquiry: &Inquiry, members: &[StaffMember], fate: Fate) -> Line {
    let assignee = inquiry.assignee.as_ref().map(|staff| {
        let known = members.iter().find(|member| member.id == *staff);
        known.map_or("a disabled account", |member| member.name.as_str())
    });
    Line {
        reference: inquiry.reference.to_string(),
        name: inquiry.answers.name.as_str().to_owned(),
        status: inquiry.status,
        now: format!("{}, {}", inquiry.status.label(), assignee.unwrap_or("nobody’s")),
        waits: inquiry.waits(),
        is_urgent: inquiry.answers.urgent.is_marked(),
        is_begun: false,
        fate,
    }
}

async fn show(
    bench: &Bench,
    status: StatusCode,
    wish: Option<&Wish>,
    asked: &Asked,
    lines: Vec<Line>,
    is_done: bool,
) -> Result<HttpResponse, store::Error> {
    let head = Head::hidden(if is_done { "What was changed" } else { "Change several inquiries" }, routes::CHANGES);
    let outbox = bench.store.outbox_counts().await?;
    let mut members = if wish.is_none() { bench.store.staff().await? } else { Vec::new() };
    members.retain(|member| member.disabled_at.is_none());
    let is_spam = lines.iter().any(|line| line.status == Status::Spam);
    let moves = Status::moves_of_some(&lines.iter().map(|line| line.status).collect::<Vec<_>>());
    let (site, actor) = (&bench.site, &bench.actor);
    let changes = ChangesPage { site, head, actor, outbox, wish, asked, lines, is_done, members, moves, is_spam };
    Ok(page(status, &changes))
}
