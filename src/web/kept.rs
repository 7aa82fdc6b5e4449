//! What was typed or chosen when a session had ended, and the page one wanted: carried through the sign-in, whatever its steps.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use jiff::Timestamp;

use super::body::Fields;
use super::door::Door;
use super::gaps::Filled;
use super::inbox::WayBack;
use super::inquiry::Discarded;
use super::way::{self, inside};
use super::{Head, Site, call_draft, error, inquiry, page, routes, see_other};
use crate::desk;
use crate::inquiry::{Inquiry, Reference, Status};
use crate::outbox::State;
use crate::secret::digest;
use crate::staff::Actor;
use crate::store::{self, Call};

/// A form in which something was typed or chosen when a session had ended.
#[derive(Clone)]
pub(super) struct Kept {
    pub action: String,
    pub fields: Fields,
}

/// What the page of an inquiry sends beside what is typed: buttons that need nothing but themselves.
const BUTTONS: [&str; 4] = ["undo", "remove-note", "separate", "retry"];
/// The forms of that page.
const FORMS: [&str; 8] = ["notes", "reply", "draft", "contact", "status", "assign", "erase", "merge"];

/// Whether a path is that of an inquiry's page or below it.
fn is_of_inquiry(path: &str) -> bool {
    path.starts_with(routes::INBOX)
}

/// Under these names the form of a sign-in carries it.
const ACTION: &str = "kept_action";
const FIELD: &str = "kept.";
/// Asks for a form with what was typed in it, and for nothing to be done.
pub(super) const AGAIN: &str = "again";

impl Kept {
    /// A form that was sent to a path, and the page on which it stood; None where nothing is typed or chosen.
    pub(super) fn page_of(path: &str) -> Option<&str> {
        match path {
            routes::NEW_INQUIRY | routes::USERS => Some(path),
            routes::NEW_INQUIRY_DRAFT => Some(routes::NEW_INQUIRY),
            _ => {
                let (inquiry, action) = path.rsplit_once('/')?;
                let is_filled = FORMS.contains(&action) || BUTTONS.contains(&action);
                (is_filled && is_of_inquiry(inquiry)).then_some(inquiry)
            }
        }
    }

    /// Whether what was sent holds nothing to be carried: a button beside whose form nothing is typed.
    pub(super) fn is_bare(path: &str, fields: &Fields) -> bool {
        let is_button = path.rsplit_once('/').is_some_and(|(_, action)| BUTTONS.contains(&action));
        let is_typed = |name: &&str| fields.texts(name).iter().any(|text| !text.trim().is_empty());
        let is_begun = match path {
            routes::NEW_INQUIRY_DRAFT => call_draft::call(fields).is_begun(),
            _ => ["note", "message", "gap"].iter().any(is_typed),
        };
        (is_button || way::leads_on(fields)) && !is_begun
    }

    /// The page on which a button stood that sends nothing typed.
    pub(super) fn page_of_button(path: &str, fields: &Fields) -> String {
        match path.rsplit_once('/') {
            _ if way::leads_on(fields) => inside(&fields.text("then")).to_owned(),
            Some((inquiry, action)) if BUTTONS.contains(&action) && is_of_inquiry(inquiry) => {
                WayBack::of(fields).along(inquiry)
            }
            Some((mail, "retry")) if mail.starts_with(routes::MAIL) => {
                let whose = fields.text("q");
                let whose: &[_] = if whose.is_empty() { &[] } else { &[("q", whose.as_str())] };
                routes::mail_with(State::parse(&fields.text("state")), whose)
            }
            _ => routes::INBOX.to_owned(),
        }
    }

    /// The inbox in the view from which they came to the form.
    fn way_back(&self) -> WayBack {
        WayBack::of(&self.fields)
    }

    fn value(&self, name: &str) -> String {
        self.fields.text(name)
    }

    /// The inquiry that it is about.
    fn reference(&self) -> Option<Reference> {
        Reference::parse(self.action.strip_prefix(routes::INBOX)?.split('/').nth(1)?)
    }

    fn kind(&self) -> &str {
        self.action.rsplit('/').next().unwrap_or_default()
    }

    /// Where on its page the form stands.
    fn anchor(&self) -> &'static str {
        match self.kind() {
            "status" | "assign" => "#status-title",
            "erase" => "#confirm",
            "contact" => "#email",
            "merge" => "#question",
            "reply" if self.is_beginning() => "#reply",
            _ => "",
        }
    }

    /// Whether a reply was to begin with ready words: it is not ready to be sent.
    fn is_beginning(&self) -> bool {
        self.kind() == "reply" && self.value("then") == "begin"
    }

    /// What was about to be done by choosing; None for what was typed, which comes back in its own field.
    fn choice(&self) -> Option<String> {
        match self.kind() {
            "status" if self.value("then") == "release" => Some("say that it is no spam".to_owned()),
            "status" => {
                Status::parse(&self.value("status")).map(|status| format!("set the status to “{}”", status.label()))
            }
            "assign" if self.value("then") == "mine" => Some("make it yours".to_owned()),
            "assign" if self.value("assignee").is_empty() => Some("assign it to nobody".to_owned()),
            "assign" => Some("assign it to somebody".to_owned()),
            "draft" if self.fields.has("merge") => Some("merge a duplicate into it".to_owned()),
            "draft" => Some(match Discarded::parse(&self.value("then")) {
                Some(Discarded::Draft) => "discard your draft".to_owned(),
                Some(discarded) => format!("discard {}", discarded.words()),
                None => "keep a draft".to_owned(),
            }),
            "undo" => Some("undo your last change".to_owned()),
            "remove-note" => Some("remove a note".to_owned()),
            "retry" => Some("try a mail again".to_owned()),
            "separate" => Some("separate it again".to_owned()),
            "erase" => Some("erase it for good".to_owned()),
            "reply" if self.is_beginning() => Some("fill in a ready reply".to_owned()),
            "merge" => Reference::parse(&self.value("with")).map(|duplicate| format!("merge {duplicate} into it")),
            _ => None,
        }
    }

    /// The one long text of a form, which can be sent from the page that brings it back: its name.
    fn text(&self) -> Option<&'static str> {
        match self.kind() {
            "notes" => Some("note"),
            "reply" if !self.is_beginning() => Some("message"),
            _ => None,
        }
    }

    fn is_note(&self) -> bool {
        self.text() == Some("note")
    }

    /// The boxes beside it in which something stood, which come back on the page of the inquiry.
    fn beside(&self) -> Option<&'static str> {
        let is_filled = |name| self.text() != Some(name) && !self.value(name).trim().is_empty();
        // The message of a new inquiry is no reply, and its form comes back whole.
        self.reference()?;
        match (is_filled("message"), is_filled("note")) {
            (false, false) => None,
            (true, false) => Some("the box of the reply"),
            (false, true) => Some("the box of the note"),
            (true, true) => Some("the boxes of the reply and the note"),
        }
    }

    /// Where that text is kept as a draft, and where that leads.
    fn draft(&self) -> Option<String> {
        let place = self.text().map(place_of)?;
        Some(routes::inquiry_draft(self.action.rsplit_once('/')?.0) + place)
    }

    /// The same, as it goes on from a draft that was kept then.
    fn going_on_from(&self, kept_at: Timestamp) -> Self {
        let mut fields = self.fields.without(&["draft"]);
        fields.push(("draft".to_owned(), kept_at.as_millisecond().to_string()));
        Self { action: self.action.clone(), fields: Fields::of(fields) }
    }

    fn words(&self) -> String {
        self.text().map_or(String::new(), |name| self.value(name))
    }

    /// Where its words stand on the page of the inquiry; None where something else than sending or keeping them was to be done.
    fn place_of_draft(&self) -> Option<&'static str> {
        let is_kept =
            self.kind() == "draft" && Discarded::parse(&self.value("then")).is_none() && !self.fields.has("merge");
        let kept = if self.value("message").trim().is_empty() { "note" } else { "message" };
        self.text().or(is_kept.then_some(kept)).map(place_of)
    }

    /// What goes along unseen. What becomes of the inquiry is said by the button that is pressed.
    fn others(&self) -> Vec<(String, String)> {
        self.text().map_or_else(|| self.fields.all().to_vec(), |text| self.fields.without(&[text, "then"]))
    }

    /// What was being taken down of a call, and the name of its draft.
    fn call(&self) -> Option<(Call, String)> {
        let is_call = [routes::NEW_INQUIRY, routes::NEW_INQUIRY_DRAFT].contains(&self.action.as_str());
        is_call.then(|| (call_draft::call(&self.fields), call_draft::name(&self.fields)))
    }
}

/// Where a text of this name stands on the page of its inquiry.
fn place_of(text: &str) -> &'static str {
    if text == "note" { "#note" } else { "#reply" }
}

/// What a sign-in is for.
pub(super) struct Wish {
    pub next: String,
    pub kept: Option<Kept>,
}

#[derive(Template)]
#[template(path = "desk/kept.html")]
struct KeptPage<'a> {
    site: &'a Site,
    head: Head,
    kept: &'a Kept,
    /// Whose inquiry it is about; None when it is about none, or when it is there no more.
    inquiry: Option<Inquiry>,
    /// Whether its words are a draft already, which stays where they leave this page.
    is_draft: bool,
}

impl Wish {
    /// To get to a page of the desk.
    pub(super) fn page(next: &str) -> Self {
        Self { next: inside(next).to_owned(), kept: None }
    }

    /// As the form of a sign-in carries it.
    pub(super) fn of(fields: &Fields) -> Self {
        Self { kept: kept(fields), ..Self::page(&fields.text("next")) }
    }

    /// On to where they wanted to go, or to what waited, for whoever has this session.
    pub(super) async fn fulfil(&self, door: &Door, session: &str) -> HttpResponse {
        let Some(kept) = &self.kept else { return see_other(&self.next) };
        let resumed = kept.resumed(door, session).await.unwrap_or_else(|cause| {
            // The words come first: without the name they are still there.
            error::log_failure(&cause);
            Resumed::Unknown
        });
        let (inquiry, is_draft) = match resumed {
            Resumed::Draft(page) => return see_other(&page),
            Resumed::About { inquiry, is_draft } => (Some(*inquiry), is_draft),
            Resumed::Unknown => (None, false),
        };
        let going_on = is_draft.then(|| kept.going_on_from(door.now));
        let kept = going_on.as_ref().unwrap_or(kept);
        let head = Head::hidden("Your words are kept", &self.next);
        page(StatusCode::OK, &KeptPage { site: &door.site, head, kept, inquiry, is_draft })
    }
}

/// What became of a form after the sign-in.
enum Resumed {
    /// All of it is a draft, which its own page shows: going back to that page sends nothing once more.
    Draft(String),
    /// The inquiry that it is about, and whether what they had begun to write about it is their draft now.
    About { inquiry: Box<Inquiry>, is_draft: bool },
    /// It is about no inquiry, or about one that is there no more, or nobody may see it yet.
    Unknown,
}

impl Kept {
    /// Keeps what had been begun as a draft, for who may; that they see the name of an inquiry is recorded first.
    async fn resumed(&self, door: &Door, session: &str) -> Result<Resumed, store::Error> {
        let Some(session) = door.store.session(&digest(session)).await? else { return Ok(Resumed::Unknown) };
        let actor = Actor::prove(&session, door.now).filter(|actor| !door.demands.are_owed_by(actor));
        let Some(actor) = actor else { return Ok(Resumed::Unknown) };
        if let Some((call, name)) = self.call() {
            desk::keep_call(&door.store, &actor, &name, &call, door.now).await?;
            let page = if call.is_begun() { call_draft::resumed(&name, &call) } else { routes::NEW_INQUIRY.to_owned() };
            return Ok(Resumed::Draft(page));
        }
        let Some(reference) = self.reference() else { return Ok(Resumed::Unknown) };
        let Some(inquiry) = door.store.inquiry(&reference).await? else { return Ok(Resumed::Unknown) };
        let is_draft = inquiry::keep_sent(&door.store, &actor, &inquiry, &self.fields, door.now).await?;
        if let Some(place) = self.place_of_draft().filter(|_| is_draft) {
            return Ok(Resumed::Draft(self.way_back().along(&(routes::inquiry(reference.as_str()) + place))));
        }
        desk::open(&door.store, &actor, &inquiry, door.now).await?;
        Ok(Resumed::About { inquiry: Box::new(inquiry), is_draft })
    }
}

fn kept(fields: &Fields) -> Option<Kept> {
    let action = fields.text(ACTION);
    if inside(&action) != action || Kept::page_of(&action).is_none() {
        return None;
    }
    let carried = |(name, value): &(String, String)| Some((name.strip_prefix(FIELD)?.to_owned(), value.clone()));
    let fields = fields.all().iter().filter_map(carried).collect();
    Some(Kept { action, fields: with_gaps_filled(&Fields::of(fields)) })
}

/// What was typed into the boxes of a reply stands in the reply from here on.
fn with_gaps_filled(fields: &Fields) -> Fields {
    let filled = Filled::of(fields);
    let mut rest = fields.without(&["gap"]);
    if let Some((_, reply)) = rest.iter_mut().find(|(name, _)| name == "message").filter(|_| filled.is_filled) {
        *reply = filled.reply;
    }
    Fields::of(rest)
}
