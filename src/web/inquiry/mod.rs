//! One inquiry: everything about it, and what staff may do with it. It is recorded who opens it before it is shown.

mod actions;
mod asking;
mod beside;
mod carried;
mod cautions;
mod conflict;
mod correcting;
mod discarded;
mod done;
mod draft;
mod leaving;
mod merging;
mod next;
mod noted;
mod order;
mod ready;
mod retried;
mod timeline;
mod typed;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

pub(super) use self::actions::{assign, erase, note, remove_note, reply, status, undo};
use self::asking::Asking;
use self::beside::{MOST_OTHERS, Other};
use self::carried::Carried;
use self::cautions::Cautions;
use self::conflict::Conflict;
pub(super) use self::correcting::correct;
use self::correcting::{AlongView, Correction};
pub(super) use self::discarded::Discarded;
use self::done::{Again, Done, Offer, Said};
use self::draft::Kept;
pub(super) use self::draft::{draft, keep_sent};
use self::merging::MergedView;
pub(super) use self::merging::{ask, merge, separate};
use self::next::Next;
use self::noted::Noted;
pub(super) use self::retried::retry;
use self::timeline::{EntryView, signal_words};
pub(super) use self::timeline::{corrected_words, name_of, status_label};
use self::typed::Typed;
use super::bench::Bench;
use super::call_draft;
use super::inbox::WayBack;
use super::taken::BEGUN;
use super::{Head, Link, Site, page, routes, see_other};
use crate::content::{ReplyTemplate, day_of_version};
use crate::desk;
use crate::inquiry::{Inquiry, Reference, Status};
use crate::outbox::{OwedMessage, State};
use crate::staff::{Actor, StaffMember};
use crate::store::{self, Entry, EntryKind, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/inquiry.html")]
struct InquiryPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    inquiry: &'a Inquiry,
    path: String,
    /// What its forms carry along.
    carried: Carried,
    received: String,
    received_ago: String,
    answer_by: String,
    is_overdue: bool,
    /// Whether the promise still matters.
    is_promised: bool,
    technique: Option<&'a str>,
    cautions: Vec<Cautions<'a>>,
    health: Vec<&'a str>,
    /// Whether something was ticked, though not in this one.
    is_ticked_elsewhere: bool,
    signals: Vec<&'static str>,
    /// None once somebody said that it is no spam.
    suspicion: Option<Suspicion>,
    others: Vec<Other>,
    /// What can be put right along with it.
    along: Vec<AlongView>,
    merged: Vec<MergedView>,
    /// The inquiry that is kept in its place.
    kept: Option<Link>,
    colleague: Option<String>,
    newest_note: Option<Noted>,
    entries: Vec<EntryView>,
    /// The day of the privacy text to which they agreed.
    agreed_to: String,
    /// What this person has just done, beyond what can be undone.
    done: Option<Said>,
    undoable: Option<Offer>,
    moves: &'static [Status],
    staff: Vec<&'a StaffMember>,
    assignee: Option<&'a str>,
    /// The replies to begin from that make sense for this person.
    templates: Vec<&'a ReplyTemplate>,
    typed: &'a Typed,
    /// What is said of the draft in its boxes.
    draft: Option<String>,
    /// That a reply was sent a moment ago, above an empty box for the next one.
    replied: Option<String>,
    /// Calls that they have begun to take down: who looks something up for one finds back.
    calls: Vec<Link>,
    way_back: &'a WayBack,
    next: Next,
}

/// What the address may ask for.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// The reply to begin from.
    template: String,
    /// Say what was done since this line of the timeline.
    done: Option<i64>,
    /// Say what was undone since this line of the timeline.
    undone: Option<i64>,
    /// Say that this was so, or was done, before.
    again: String,
    /// Say that this was discarded of a draft.
    discarded: String,
    /// Say what came of this mail, which was tried again.
    retried: String,
    /// What they have chosen in these fields without pressing their buttons.
    status: String,
    assignee: String,
    /// Other inquiries of the person that were not corrected along, by their references.
    uncorrected: String,
    /// Ask this about the reply that is kept.
    ask: String,
    /// Open the box in which the address and the number are put right.
    correct: String,
    /// The view of the inbox from which they came, where a page of ours led here.
    back: String,
}

/// A choice of nobody, in the address.
const NOBODY: &str = "nobody";

impl Wish {
    /// With the choices that wait for their buttons.
    fn chosen(&self, inquiry: &Inquiry, typed: Typed) -> Typed {
        let status = Status::parse(&self.status).filter(|status| *status != inquiry.status);
        let whose = if self.assignee == NOBODY { "" } else { &self.assignee };
        let is_other = !self.assignee.is_empty() && whose != inquiry.assignee.as_deref().unwrap_or_default();
        let assignee = is_other.then(|| whose.to_owned());
        let uncorrected = self.uncorrected.split('.').take(MOST_OTHERS).filter_map(Reference::parse).collect();
        Typed { status: status.or(typed.status), assignee: assignee.or(typed.assignee), uncorrected, ..typed }
    }

    /// What was done, as far as the boxes do not show that it was not.
    fn done(&self, typed: &Typed) -> Option<Done> {
        let discarded = Discarded::parse(&self.discarded).filter(|discarded| discarded.is_gone_from(typed));
        let undone = self.undone.map(|since| Done::Undone { since });
        let retried = (!self.retried.is_empty()).then(|| Done::Retried { mail: self.retried.clone() });
        // Where nothing is left to be asked about, it is told.
        let is_done_before = Asking::parse(&self.ask) == Some(Asking::Twice) && typed.reply.trim().is_empty();
        let again = if is_done_before { Some(Again::Sent) } else { Again::parse(&self.again) }.map(Done::Again);
        undone
            .or(again)
            .or(self.done.map(|since| Done::Anything { since }))
            .or(retried)
            .or(discarded.map(Done::Discarded))
    }
}

pub(super) async fn show(
    bench: Bench,
    request: HttpRequest,
    reference: web::Path<String>,
    wish: Option<web::Query<Wish>>,
) -> HttpResponse {
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
        return bench.unavailable(&cause);
    }
    let wish = wish.map(web::Query::into_inner).unwrap_or_default();
    let typed = async {
        let typed = bench.taken_up(&inquiry).await?;
        bench.asking(&inquiry, Asking::parse(&wish.ask), typed).await
    };
    let typed = match typed.await {
        Ok(typed) => {
            let typed = Typed { done: wish.done(&typed), is_correcting: !wish.correct.is_empty(), ..typed };
            bench.begin_with(&inquiry, &wish.template, wish.chosen(&inquiry, typed))
        }
        Err(cause) => return bench.unavailable(&cause),
    };
    let way_back = match wish.back.as_str() {
        "" => WayBack::before(&request, &bench.site),
        carried => WayBack::parse(carried),
    };
    bench.page(StatusCode::OK, &inquiry.reference, &typed, &way_back).await
}

impl Bench {
    /// The inquiry of a reference in an address, or the page to answer with.
    pub(super) async fn find(&self, reference: &str) -> Result<Inquiry, HttpResponse> {
        let Some(reference) = Reference::parse(reference) else { return Err(self.not_found().await) };
        match self.store.inquiry(&reference).await {
            Ok(Some(inquiry)) => Ok(inquiry),
            Ok(None) => Err(self.not_found().await),
            Err(cause) => Err(self.unavailable(&cause)),
        }
    }

    fn technique<'a>(&'a self, inquiry: &'a Inquiry) -> Option<&'a str> {
        let slug = inquiry.answers.technique.as_deref()?;
        Some(self.content.technique_name(slug))
    }

    /// The inquiry as it stands now.
    async fn page(&self, status: StatusCode, reference: &Reference, typed: &Typed, way_back: &WayBack) -> HttpResponse {
        match self.gather(reference, typed, way_back, status).await {
            Ok(Some(page)) => page,
            Ok(None) => self.not_found().await,
            Err(cause) => self.unavailable(&cause),
        }
    }

    /// The same; None when it is not there.
    async fn gather(
        &self,
        reference: &Reference,
        typed: &Typed,
        way_back: &WayBack,
        status: StatusCode,
    ) -> Result<Option<HttpResponse>, store::Error> {
        let Some(inquiry) = self.store.inquiry(reference).await? else { return Ok(None) };
        let entries = self.store.timeline(inquiry.seq).await?;
        let staff = self.store.staff().await?;
        let path = routes::inquiry(reference.as_str());
        let merged = self.store.merged_into(reference).await?;
        let messages = self.store.messages_of(inquiry.seq).await?;
        let done = match &typed.done {
            Some(done) => self.done_words(done, &inquiry, &entries, &messages, &staff).await?,
            None => None,
        };
        let of_person = self.of_same_person(&inquiry, &merged).await?;
        let is_told = done.is_some();
        let replied = self.replied_lately(&entries, &messages).filter(|_| !is_told && typed.reply.trim().is_empty());
        let next = self.next(&inquiry, &entries, &staff, way_back).await?;
        let has_number = inquiry.answers.contact.phone().is_some();
        let inquiry_page = InquiryPage {
            site: &self.site,
            head: Head::hidden(&format!("Inquiry {reference}"), &path).keeping("writing", routes::inquiry_draft(&path)),
            actor: &self.actor,
            outbox: self.store.outbox_counts().await?,
            path,
            carried: typed.carried.clone().unwrap_or_else(|| Carried::now(&inquiry, &entries)),
            received: self.policy.opening.written(inquiry.received_at),
            received_ago: self.age(inquiry.received_at),
            answer_by: self.policy.opening.written(inquiry.answer_by),
            is_overdue: inquiry.is_overdue(self.now),
            is_promised: !matches!(inquiry.status, Status::Answered | Status::Closed | Status::Spam),
            technique: self.technique(&inquiry),
            cautions: self.cautions(&inquiry, &merged),
            health: self.health(&inquiry),
            is_ticked_elsewhere: merged.iter().any(|other| !other.answers.health.is_empty()),
            signals: inquiry
                .signals
                .iter()
                .filter(|signal| *signal != TRAP)
                .map(|signal| signal_words(signal))
                .collect(),
            suspicion: self.suspicion(&inquiry, &entries, &messages),
            others: self.others(&inquiry, &merged, &of_person),
            along: self.along(&of_person, typed.correction.as_ref()),
            kept: inquiry.merged_into.as_ref().map(link_to),
            colleague: self.colleague(&inquiry, &entries),
            done,
            undoable: self.offer(&inquiry, &entries, &merged, &staff, typed.done.as_ref(), is_told),
            newest_note: self.newest_note(&entries),
            entries: self.whole_timeline(&inquiry, entries, messages, &staff, &merged),
            merged: merged.iter().map(|duplicate| self.merged_view(duplicate)).collect(),
            agreed_to: day_of_version(&inquiry.consent_version),
            moves: inquiry.moves(),
            staff: assignable(&staff, inquiry.assignee.as_deref()),
            assignee: staff
                .iter()
                .find(|member| Some(&member.id) == inquiry.assignee.as_ref())
                .map(|member| member.name.as_str()),
            templates: self.content.replies().iter().filter(|ready| !ready.needs_number() || has_number).collect(),
            draft: self.draft_words(typed),
            replied,
            calls: call_draft::links(self, BEGUN).await?,
            typed,
            way_back,
            next,
            inquiry: &inquiry,
        };
        Ok(Some(page(status, &inquiry_page)))
    }

    /// Whether whoever looks did this.
    fn is_own(&self, entry: &Entry) -> bool {
        entry.staff.as_deref() == Some(self.actor.id())
    }

    /// Who did it, at the beginning of a sentence; None for nobody of the staff.
    fn who<'a>(&self, entry: &'a Entry) -> Option<&'a str> {
        if self.is_own(entry) { Some("You") } else { entry.staff_name.as_deref() }
    }

    fn suspicion(&self, inquiry: &Inquiry, entries: &[Entry], messages: &[OwedMessage]) -> Option<Suspicion> {
        let is_trapped = inquiry.signals.iter().any(|signal| signal == TRAP);
        let set_aside = entries.iter().rfind(|entry| entry.kind == EntryKind::Status);
        let who = set_aside.and_then(|entry| self.who(entry)).unwrap_or("Somebody");
        (inquiry.status == Status::Spam).then(|| Suspicion {
            words: if is_trapped {
                signal_words(TRAP).to_owned()
            } else {
                format!("{who} set it aside as suspected spam.")
            },
            is_held: is_trapped && !messages.iter().any(desk::is_of_receipt),
            erased_after: self.near(desk::spam_kept_until(inquiry.received_at)),
        })
    }

    fn health<'a>(&'a self, inquiry: &'a Inquiry) -> Vec<&'a str> {
        let name = |slug: &'a String| self.content.condition(slug).map_or(slug.as_str(), |known| known.name());
        inquiry.answers.health.iter().map(name).collect()
    }
}

/// The signal of what filled in the field that people cannot see.
const TRAP: &str = "trap";

impl InquiryPage<'_> {
    /// Whether somebody of the staff took it down.
    fn is_taken(&self) -> bool {
        self.inquiry.signals.iter().any(|signal| desk::Channel::parse(signal).is_some())
    }

    /// Whether it is suspected spam whose mails are held back.
    fn is_held(&self) -> bool {
        self.suspicion.as_ref().is_some_and(|suspicion| suspicion.is_held)
    }
}

/// Why an inquiry is set aside as suspected spam.
struct Suspicion {
    words: String,
    /// Whether its mails are held back: a release that was undone has sent them already.
    is_held: bool,
    erased_after: String,
}

fn link_to(reference: &Reference) -> Link {
    Link { title: reference.to_string(), href: routes::inquiry(reference.as_str()) }
}

/// Whose it may become: everybody who can sign in, and whose it is.
fn assignable<'a>(staff: &'a [StaffMember], assignee: Option<&str>) -> Vec<&'a StaffMember> {
    let may = |member: &&StaffMember| member.disabled_at.is_none() || Some(member.id.as_str()) == assignee;
    staff.iter().filter(may).collect()
}
