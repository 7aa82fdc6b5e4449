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
use super::{Head, Site, error, page, routes, see_other};
use crate::clock::from_milliseconds;
use crate::desk::{self, Begun};
use crate::inquiry::{Inquiry, Reference, Status};
use crate::outbox::State;
use crate::secret::digest;
use crate::staff::Actor;
use crate::store::{self, Shown};

/// A form in which something was typed or chosen when a session had ended.
#[derive(Clone)]
pub(super) struct Kept {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

/// Under these names the form of a sign-in carries it.
const ACTION: &str = "kept_action";
const FIELD: &str = "kept.";
/// Asks for a form with what was typed in it, and for nothing to be done.
pub(super) const AGAIN: &str = "again";

impl Kept {
    /// A form that was sent to a path, and the page on which it stood; None where nothing is typed or chosen.
    pub(super) fn page_of(path: &str) -> Option<&str> {
        if [routes::NEW_INQUIRY, routes::USERS].contains(&path) {
            return Some(path);
        }
        let (inquiry, action) = path.rsplit_once('/')?;
        let is_filled = matches!(
            action,
            "notes"
                | "reply"
                | "draft"
                | "contact"
                | "status"
                | "assign"
                | "undo"
                | "separate"
                | "retry"
                | "erase"
                | "merge"
        );
        (is_filled && inquiry.starts_with(routes::INBOX)).then_some(inquiry)
    }

    /// Whether what was sent holds nothing to be carried: a button beside whose form nothing is typed.
    pub(super) fn is_bare(path: &str, fields: &Fields) -> bool {
        let is_button = ["/undo", "/separate", "/retry"].iter().any(|button| path.ends_with(button));
        is_button && ["note", "message"].iter().all(|name| fields.text(name).trim().is_empty())
    }

    /// The page on which a button stood that sends nothing typed.
    pub(super) fn page_of_button(path: &str, fields: &Fields) -> String {
        match path.rsplit_once('/') {
            Some((inquiry, "undo" | "separate" | "retry")) if inquiry.starts_with(routes::INBOX) => {
                WayBack::of(fields).along(inquiry)
            }
            Some((mail, "retry")) if mail.starts_with(routes::MAIL) => {
                routes::mail(State::parse(&fields.text("state")))
            }
            _ => routes::INBOX.to_owned(),
        }
    }

    /// The inbox in the view from which they came to the form.
    fn way_back(&self) -> WayBack {
        WayBack::parse(self.value("back"))
    }

    fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
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
                Status::parse(self.value("status")).map(|status| format!("set the status to “{}”", status.label()))
            }
            "assign" if self.value("then") == "mine" => Some("make it yours".to_owned()),
            "assign" if self.value("assignee").is_empty() => Some("assign it to nobody".to_owned()),
            "assign" => Some("assign it to somebody".to_owned()),
            "draft" if self.fields.iter().any(|(name, _)| name == "merge") => {
                Some("merge a duplicate into it".to_owned())
            }
            "draft" => Some(match Discarded::parse(self.value("then")) {
                Some(Discarded::Draft) => "discard your draft".to_owned(),
                Some(discarded) => format!("discard {}", discarded.words()),
                None => "keep a draft".to_owned(),
            }),
            "undo" => Some("undo your last change".to_owned()),
            "retry" => Some("try a mail again".to_owned()),
            "separate" => Some("separate it again".to_owned()),
            "erase" => Some("erase it for good".to_owned()),
            "reply" if self.is_beginning() => Some("fill in a ready reply".to_owned()),
            "merge" => Reference::parse(self.value("with")).map(|duplicate| format!("merge {duplicate} into it")),
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
        let place = if self.text()? == "note" { "note-field" } else { "reply-field" };
        Some(format!("{}/draft#{place}", self.action.rsplit_once('/')?.0))
    }

    /// What stands in its boxes, as a draft; None where it has none.
    fn begun(&self) -> Option<Begun<'_>> {
        let of_box = |name: &str| self.fields.iter().any(|(key, _)| key == name).then(|| self.value(name));
        let (reply, note) = (of_box("message"), of_box("note"));
        let shown = Shown {
            version: self.value("version").parse().ok(),
            seen: self.value("seen").parse().unwrap_or(0),
            was: self.value("was").to_owned(),
            template: self.value("template").to_owned(),
            is_added_to: false,
        };
        let draft = self.value("draft").parse().ok().map(from_milliseconds);
        (reply.is_some() || note.is_some()).then_some(Begun { reply, note, shown, draft })
    }

    /// The same, as it goes on from a draft that was kept then.
    fn going_on_from(mut self, kept_at: Timestamp) -> Self {
        self.fields.retain(|(name, _)| name != "draft");
        self.fields.push(("draft".to_owned(), kept_at.as_millisecond().to_string()));
        self
    }

    fn words(&self) -> &str {
        self.text().map_or("", |name| self.value(name))
    }

    /// What goes along unseen. What becomes of the inquiry is said by the button that is pressed.
    fn others(&self) -> impl Iterator<Item = &(String, String)> {
        let is_offered = |name: &str| self.text().is_some_and(|text| name == text || name == "then");
        self.fields.iter().filter(move |(name, _)| !is_offered(name))
    }
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
        let (inquiry, is_draft) = opened(door, session, kept).await.unwrap_or_else(|cause| {
            // The words come first: without the name they are still there.
            error::log_failure(&cause);
            (None, false)
        });
        let kept = if is_draft { &kept.clone().going_on_from(door.now) } else { kept };
        let head = Head::hidden("Your words are kept", &self.next);
        page(StatusCode::OK, &KeptPage { site: &door.site, head, kept, inquiry, is_draft })
    }
}

/// The inquiry that a form is about, for who may see it, and whether what they had begun to write about it is their draft now;
/// that they see its name is recorded first.
async fn opened(door: &Door, session: &str, kept: &Kept) -> Result<(Option<Inquiry>, bool), store::Error> {
    let none = Ok((None, false));
    let Some(reference) = kept.reference() else { return none };
    let Some(session) = door.store.session(&digest(session)).await? else { return none };
    let actor = Actor::prove(&session, door.now).filter(|actor| !door.demands.are_owed_by(actor));
    let (Some(actor), Some(inquiry)) = (actor, door.store.inquiry(&reference).await?) else { return none };
    desk::open(&door.store, &actor, &inquiry, door.now).await?;
    let Some(begun) = kept.begun() else { return Ok((Some(inquiry), false)) };
    desk::keep_draft(&door.store, &actor, &inquiry, &begun, door.now).await?;
    let is_draft = [begun.reply, begun.note].into_iter().flatten().any(|words| !words.trim().is_empty());
    Ok((Some(inquiry), is_draft))
}

fn kept(fields: &Fields) -> Option<Kept> {
    let action = fields.text(ACTION);
    if inside(&action) != action || Kept::page_of(&action).is_none() {
        return None;
    }
    let all = fields.without(&[]).into_iter();
    let fields = all.filter_map(|(name, value)| Some((name.strip_prefix(FIELD)?.to_owned(), value))).collect();
    Some(Kept { action, fields: with_gaps_filled(fields) })
}

/// What was typed into the boxes of a reply stands in the reply from here on.
fn with_gaps_filled(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    let fields = Fields::of(fields);
    let filled = Filled::of(&fields);
    let mut rest = fields.without(&["gap"]);
    if let Some((_, reply)) = rest.iter_mut().find(|(name, _)| name == "message").filter(|_| filled.is_filled) {
        *reply = filled.reply;
    }
    rest
}

/// Only a page of the desk: a link must not make our sign-in lead to another site.
fn inside(next: &str) -> &str {
    let plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\') && !next.contains("//");
    let desk = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    if plain && desk && !next.starts_with(routes::LOGIN) { next } else { routes::INBOX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_into_the_desk_and_nowhere_else() {
        assert_eq!(inside("/admin/inquiries/BW-7K3M-9QXT"), "/admin/inquiries/BW-7K3M-9QXT");
        assert_eq!(inside("/admin/inquiries?status=new&q=a"), "/admin/inquiries?status=new&q=a");
        for elsewhere in [
            "",
            "/",
            "//evil.example",
            "/admin//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/adminx",
            "/admin/a\r\nb",
            "/admin/login?next=/admin/login",
        ] {
            assert_eq!(inside(elsewhere), routes::INBOX, "{elsewhere}");
        }
    }
}
