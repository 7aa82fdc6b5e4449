//! Merging a duplicate into an inquiry: one page shows both and what will happen, and only its button does it.

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::done::Again;
use super::order::Order;
use super::{Actor, Bench, Head, Inquiry, Link, OutboxCounts, Reference, Site, WayBack, page, routes, store};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::desk::{self, Change, Obstacle};
use crate::inquiry::{BestTime, Status};

#[derive(Template)]
#[template(path = "desk/merge.html")]
struct MergePage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    path: String,
    way_back: &'a WayBack,
    asked: &'a str,
    kept: Side<'a>,
    duplicate: Option<Side<'a>>,
    trouble: Option<Trouble>,
    effects: Vec<String>,
    /// Both gave the same name.
    is_one_name: bool,
    /// They gave two addresses, so that only one of them would hear.
    is_doubtful: bool,
}

impl MergePage<'_> {
    /// Whether the button is there: also where somebody was faster, for nothing else stands in the way.
    fn is_possible(&self) -> bool {
        self.duplicate.as_ref().is_some_and(|other| desk::obstacle(self.kept.inquiry, other.inquiry).is_none())
    }

    /// What the two are called: where they cannot be merged, neither is kept.
    fn headings(&self) -> (&'static str, &'static str) {
        if self.is_possible() { ("Kept:", "Duplicate:") } else { ("This one:", "The other:") }
    }
}

/// Why nothing is merged, and what leads on.
struct Trouble {
    words: String,
    link: Option<Link>,
}

/// One of the two.
struct Side<'a> {
    inquiry: &'a Inquiry,
    href: String,
    received: String,
    facts: Vec<(&'static str, String)>,
}

/// A duplicate, as the page of the one that is kept shows it.
pub(super) struct MergedView {
    pub link: Link,
    pub received: String,
    pub words: String,
    pub facts: Vec<(&'static str, String)>,
}

/// What the address asks for.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::web) struct Wish {
    with: String,
    back: String,
}

/// Shows both, and what would happen; changes nothing. Whoever sees it has read both.
pub(in crate::web) async fn ask(
    bench: Bench,
    request: HttpRequest,
    reference: web::Path<String>,
    wish: Option<web::Query<Wish>>,
) -> HttpResponse {
    let kept = match bench.find(&reference).await {
        Ok(kept) => kept,
        Err(answer) => return answer,
    };
    let Wish { with, back } = wish.map(web::Query::into_inner).unwrap_or_default();
    let is_shown = request.method() == Method::GET;
    bench.or_unavailable(bench.merge_page(&kept, &with, &WayBack::parse(&back), is_shown, false).await)
}

impl Order {
    /// The duplicate whose button was pressed, or whose reference was typed before “Go on” was; None where something else was.
    pub(super) fn duplicate_chosen(&self) -> Option<String> {
        let named = self.fields.has("merge").then(|| self.fields.text("merge"))?;
        Some(if named.is_empty() { self.fields.text("with") } else { named })
    }

    /// The duplicate whose reference was typed before Enter was pressed, which presses no button that can be seen.
    pub(super) fn duplicate_entered(&self) -> Option<String> {
        let typed = Some(self.fields.text("with")).filter(|typed| !typed.trim().is_empty());
        typed.filter(|_| self.fields.text("then") == "enter" && !self.is_going_back())
    }

    /// On to the page that asks whether to merge it, after what stands in the boxes was kept.
    pub(super) async fn goes_on_to_merge(&self, duplicate: &str) -> HttpResponse {
        match self.keeping(None, std::future::ready(Ok(()))).await {
            Ok(()) => self.to(&routes::merge(&self.inquiry.reference, duplicate)),
            Err(cause) => self.failed(&cause, self.written()).await,
        }
    }
}

/// Merges what was confirmed.
pub(in crate::web) async fn merge(order: Order) -> HttpResponse {
    let Order { bench, inquiry: kept, fields } = &order;
    let (asked, way_back) = (fields.text("with"), order.way_back());
    if order.is_going_back() {
        let is_stale = is_behind(&order, &asked).await;
        let page = async { bench.merge_page(kept, &asked, &way_back, true, is_stale?).await };
        return bench.or_unavailable(page.await);
    }
    let done = async {
        let Some(duplicate) = bench.other(&asked).await? else { return Ok(Change::NotPossible) };
        let with_version = fields.text("with_version").parse().unwrap_or(duplicate.version);
        let both = ((kept, order.version().unwrap_or(kept.version)), (&duplicate, with_version));
        desk::merge(&bench.store, &bench.actor, both.0, both.1, bench.now).await
    };
    match done.await {
        Ok(Change::Done) => order.to(&routes::inquiry_after(kept.reference.as_str(), order.seen())),
        Ok(changed) => {
            let page = bench.merge_page(kept, &asked, &way_back, true, changed == Change::Stale);
            bench.or_unavailable(page.await)
        }
        Err(cause) => bench.unavailable(&cause),
    }
}

/// Whether one of the two was changed since the question was shown that somebody comes back to.
async fn is_behind(order: &Order, asked: &str) -> Result<bool, store::Error> {
    let duplicate = order.bench.other(asked).await?;
    let with_version: Option<i64> = order.fields.text("with_version").parse().ok();
    let is_other = duplicate.is_some_and(|duplicate| with_version.is_some_and(|shown| shown < duplicate.version));
    Ok(is_other || order.version().is_some_and(|shown| shown < order.inquiry.version))
}

pub(in crate::web) async fn separate(order: Order) -> HttpResponse {
    let Order { bench, inquiry, .. } = &order;
    if order.is_going_back() {
        return order.back(order.written()).await;
    }
    let separated = desk::separate(&bench.store, &bench.actor, inquiry, order.version_told(), bench.now);
    order.after(order.keeping(None, separated).await, order.written(), Again::Change).await
}

impl Bench {
    async fn other(&self, asked: &str) -> Result<Option<Inquiry>, store::Error> {
        match Reference::parse(asked) {
            Some(reference) => self.store.inquiry(&reference).await,
            None => Ok(None),
        }
    }

    async fn merge_page(
        &self,
        kept: &Inquiry,
        asked: &str,
        way_back: &WayBack,
        is_shown: bool,
        is_stale: bool,
    ) -> Result<HttpResponse, store::Error> {
        let duplicate = self.other(asked).await?;
        for inquiry in [Some(kept), duplicate.as_ref()].into_iter().flatten().filter(|_| is_shown) {
            desk::open(&self.store, &self.actor, inquiry, self.now).await?;
        }
        let obstacle = duplicate.as_ref().map(|duplicate| desk::obstacle(kept, duplicate));
        let (status, trouble) = match (obstacle, duplicate.as_ref()) {
            (Some(None), _) if is_stale => (StatusCode::CONFLICT, Some(Trouble::from(STALE.to_owned()))),
            (Some(None), _) => (StatusCode::OK, None),
            (Some(Some(obstacle)), Some(duplicate)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Some(trouble(obstacle, kept, duplicate)))
            }
            _ => (StatusCode::UNPROCESSABLE_ENTITY, Some(Trouble::from(unknown(asked)))),
        };
        let path = routes::inquiry(kept.reference.as_str());
        let merge_page = MergePage {
            site: &self.site,
            head: Head::hidden(&format!("Merge into {}", kept.reference), &path),
            actor: &self.actor,
            outbox: self.store.outbox_counts().await?,
            path,
            way_back,
            asked,
            kept: self.side(kept),
            effects: duplicate.as_ref().map(|duplicate| self.effects(kept, duplicate)).unwrap_or_default(),
            is_one_name: duplicate.as_ref().is_some_and(|duplicate| {
                is_alike(kept, duplicate, |inquiry| inquiry.answers.name.as_str().trim().to_lowercase())
            }),
            is_doubtful: duplicate.as_ref().is_some_and(|duplicate| {
                !is_alike(kept, duplicate, |inquiry| inquiry.answers.contact.email().map(EmailAddress::folded))
            }),
            duplicate: duplicate.as_ref().filter(|duplicate| duplicate.seq != kept.seq).map(|other| self.side(other)),
            trouble,
        };
        Ok(page(status, &merge_page))
    }

    fn side<'a>(&self, inquiry: &'a Inquiry) -> Side<'a> {
        let href = routes::inquiry(inquiry.reference.as_str());
        Side { inquiry, href, received: self.near(inquiry.received_at), facts: self.facts(inquiry) }
    }

    pub(super) fn merged_view(&self, inquiry: &Inquiry) -> MergedView {
        let Side { href, received, mut facts, .. } = self.side(inquiry);
        facts.extend(inquiry.answered_at.map(|at| ("Answered", format!("{} ({})", self.near(at), self.age(at)))));
        let words = inquiry.answers.message.as_str().to_owned();
        MergedView { link: Link { title: inquiry.reference.to_string(), href }, received, words, facts }
    }

    /// What a person answered beside their message.
    fn facts(&self, inquiry: &Inquiry) -> Vec<(&'static str, String)> {
        let answers = &inquiry.answers;
        let contact = &answers.contact;
        let voicemail = if answers.voicemail { "A message may be left" } else { "Do not leave a message" };
        let facts = [
            ("Name", Some(answers.name.as_str().to_owned())),
            ("Phone", contact.phone().map(|phone| PhoneNumber::as_str(phone).to_owned())),
            ("Voicemail", contact.phone().map(|_| voicemail.to_owned())),
            ("Email", contact.email().map(|email| EmailAddress::as_str(email).to_owned())),
            ("Best time", answers.best_time.as_ref().map(|time| BestTime::as_str(time).to_owned())),
            ("Massage", self.technique(inquiry).map(str::to_owned)),
            ("Health", Some(self.health(inquiry).join(", ")).filter(|health| !health.is_empty())),
        ];
        facts.into_iter().filter_map(|(what, words)| Some((what, words?))).collect()
    }

    fn effects(&self, kept: &Inquiry, duplicate: &Inquiry) -> Vec<String> {
        let (urgent, answer_by) = desk::stricter(kept, duplicate);
        let mut effects = vec![
            "The duplicate is closed. Its page leads to the one that is kept, which shows the words of both; the notes and mails of the duplicate stay on its own page.".to_owned(),
            "From now on you answer both from the one that is kept.".to_owned(),
        ];
        if urgent != kept.answers.urgent {
            effects.push("The one that is kept gets the urgent mark of the duplicate.".to_owned());
        }
        if answer_by != kept.answer_by {
            let by = self.policy.opening.written(answer_by);
            effects
                .push(format!("The one that is kept is to be answered by {by}, as it was promised for the duplicate."));
        }
        effects.push(
            "Both are erased at the same time: whoever erases the one that is kept erases the duplicate with it."
                .to_owned(),
        );
        let is_stricter = urgent != kept.answers.urgent || answer_by != kept.answer_by;
        let stays_so = if is_stricter { " The one that is kept then stays as strict." } else { "" };
        effects.push(format!(
            "You can undo it for half an hour, and separate them on the page of the duplicate at any time.{stays_so}"
        ));
        effects
    }
}

/// Whether both say the same of something.
fn is_alike<T: PartialEq>(kept: &Inquiry, duplicate: &Inquiry, of: impl Fn(&Inquiry) -> T) -> bool {
    of(kept) == of(duplicate)
}

const STALE: &str = "Somebody changed one of the two since you looked. Nothing was done. Below is how they stand now: press the button once more.";

impl From<String> for Trouble {
    fn from(words: String) -> Self {
        Self { words, link: None }
    }
}

fn unknown(asked: &str) -> String {
    match (asked.trim(), Reference::parse(asked)) {
        ("", _) => "Type the reference of the duplicate.".to_owned(),
        (_, Some(reference)) => format!("There is no inquiry {reference}."),
        (_, None) => "That is no reference. It looks like BW-7K3M-9QXT.".to_owned(),
    }
}

fn trouble(obstacle: Obstacle, kept: &Inquiry, duplicate: &Inquiry) -> Trouble {
    let (stays, goes) = (&kept.reference, &duplicate.reference);
    let merged = [kept, duplicate].into_iter().find_map(|inquiry| Some((inquiry, inquiry.merged_into.as_ref()?)));
    match (obstacle, merged) {
        (Obstacle::Same, _) => format!("{goes} is this inquiry itself. Type the reference of the other one.").into(),
        (Obstacle::Merged, Some((inquiry, into))) => {
            format!("{} is merged into {into} already. Separate them first.", inquiry.reference).into()
        }
        (Obstacle::Spam, _) => format!(
            "{stays} stands under “{}”, where it is kept for a few weeks only. Set its status first.",
            Status::Spam.label()
        )
        .into(),
        (Obstacle::Waits | Obstacle::Merged, _) => Trouble {
            words: format!("{goes} still waits for an answer, and {stays} does not: {goes} would be forgotten."),
            link: Some(Link {
                title: format!("Merge {stays} into {goes} instead"),
                href: routes::merge(goes, stays.as_str()),
            }),
        },
    }
}
