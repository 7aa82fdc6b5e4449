//! What somebody typed or chose that could not be used as it was, and comes back to them; also where its inquiry is gone.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::{
    Actor, Bench, Carried, Conflict, Correction, Done, Head, InquiryPage, Kept, OutboxCounts, Reference, Site, Status,
    WayBack, page,
};
use crate::web::body::Fields;
use crate::web::gaps::{self, Filled, Gap};

/// As wide as the box is beside the other column, about.
const CHARACTERS_OF_A_ROW: usize = 60;
const LEAST_ROWS: usize = 10;
/// The same as in the style of the desk.
const MOST_ROWS: usize = 40;

/// What somebody typed that could not be used as it was, and why; or that all went well.
#[derive(Default)]
pub(super) struct Typed {
    pub done: Option<Done>,
    /// The draft that stands in its boxes; None where nothing is kept, or where it could not be.
    pub kept: Option<Kept>,
    /// Whether it comes from the draft alone: nothing was chosen on the page that showed less.
    pub is_taken_up: bool,
    pub trouble: Option<String>,
    /// What happened since the form was shown that comes back.
    pub conflict: Option<Conflict>,
    /// What that form carried along; None on a page that shows how it stands now, and says so.
    pub carried: Option<Carried>,
    pub note: String,
    pub note_error: Option<String>,
    pub reply: String,
    /// The ready reply they chose.
    pub template: String,
    /// Ready words were put below what stood in the reply.
    pub is_added_to: bool,
    pub reply_error: Option<String>,
    /// They were asked about lines of the reply that wait to be filled; the next time it is sent as it is.
    pub has_gaps: bool,
    /// They were asked whether they mean to send the same words twice; the next time they do.
    pub is_sent_already: bool,
    pub confirm: String,
    pub confirm_error: Option<String>,
    pub correction: Option<Correction>,
    /// They come to correct, and have typed nothing yet.
    pub is_correcting: bool,
    /// The status they chose.
    pub status: Option<Status>,
    /// Whose they would make it; empty for nobody's.
    pub assignee: Option<String>,
    /// Other inquiries of the person that were not corrected along.
    pub uncorrected: Vec<Reference>,
}

impl Typed {
    /// What stood in the boxes of a form.
    pub(super) fn written(fields: &Fields) -> Self {
        let [note, template] = ["note", "template"].map(|name| fields.text(name));
        Self { note, reply: Filled::of(fields).reply, template, ..Self::default() }
    }

    /// The faults beside fields, each with the field's anchor.
    pub(super) fn errors(&self) -> Vec<(&'static str, &str)> {
        let reply = if self.has_gaps && !gaps::gaps(&self.reply).is_empty() { "gap-1" } else { "reply" };
        let all = [("note", &self.note_error), (reply, &self.reply_error), ("confirm", &self.confirm_error)];
        let corrected = self.correction.iter().flat_map(|correction| &correction.errors);
        let corrected = corrected.map(|error| (error.field, error.words.as_str()));
        all.into_iter().filter_map(|(field, words)| Some((field, words.as_deref()?))).chain(corrected).collect()
    }

    /// What is not done yet, and what becomes of it when they go on from here; None where nothing has been begun.
    pub(super) fn unsent(&self) -> Option<&'static str> {
        match (self.kept.is_some(), self.reply.trim().is_empty(), self.note.trim().is_empty()) {
            (_, true, true) => None,
            (true, false, true) => Some("Your reply is not sent yet: it is kept as your draft."),
            (true, true, false) => Some("Your note is not added yet: it is kept as your draft."),
            (true, false, false) => {
                Some("Your reply is not sent and your note not added yet: they are kept as your draft.")
            }
            (false, false, true) => Some("Your reply is not sent yet. It is lost when you leave this page."),
            (false, true, false) => Some("Your note is not added yet. It is lost when you leave this page."),
            (false, false, false) => {
                Some("Your reply is not sent and your note not added yet. They are lost when you leave this page.")
            }
        }
    }

    /// Where the button stands that was pressed in vain, as far as that is known.
    pub(super) fn place_of_trouble(&self) -> Option<(&'static str, &'static str)> {
        match (self.status.is_some(), self.assignee.is_some()) {
            (true, false) => Some(("#status", "Go to “Status”")),
            (false, true) => Some(("#assignee", "Go to “Assigned to”")),
            _ => match (self.reply.trim().is_empty(), self.note.trim().is_empty()) {
                (false, true) => Some(("#reply-field", "Go to your reply")),
                (true, false) => Some(("#note-field", "Go to your note")),
                _ => None,
            },
        }
    }

    /// The choices that wait for their buttons, on a page that shows how it stands; None where there are none.
    pub(super) fn only_chosen(&self) -> Option<&'static str> {
        match (self.status.is_some(), self.assignee.is_some()) {
            (false, false) => None,
            (true, false) => Some("“Status” is chosen and not changed yet."),
            (false, true) => Some("“Assigned to” is chosen and not changed yet."),
            (true, true) => Some("“Status” and “Assigned to” are chosen and not changed yet."),
        }
    }

    pub(super) fn is_trouble(&self) -> bool {
        self.trouble.is_some() || !self.errors().is_empty()
    }
}

impl InquiryPage<'_> {
    /// The boxes for what is missing in the reply.
    pub(super) fn gaps(&self) -> Vec<Gap> {
        gaps::gaps(&self.typed.reply)
    }

    /// How many lines the box of the reply shows, where a browser cannot fit it to its words by itself.
    pub(super) fn reply_rows(&self) -> usize {
        let rows = self.typed.reply.split('\n').map(|line| line.chars().count().div_ceil(CHARACTERS_OF_A_ROW).max(1));
        rows.sum::<usize>().clamp(LEAST_ROWS, MOST_ROWS)
    }

    /// Whether a status is the one that is chosen when the page opens: what somebody chose before, where that is still possible.
    pub(super) fn is_chosen(&self, status: &Status) -> bool {
        let typed = self.typed.status.filter(|typed| self.moves.contains(typed));
        typed.unwrap_or(self.inquiry.status) == *status
    }

    /// The same for a member of staff; none of them when it is to be nobody's.
    pub(super) fn is_whose(&self, id: &str) -> bool {
        let stored = self.inquiry.assignee.as_deref().unwrap_or_default();
        let typed = self.typed.assignee.as_deref();
        typed.filter(|id| id.is_empty() || self.staff.iter().any(|member| member.id == *id)).unwrap_or(stored) == id
    }
}

#[derive(Template)]
#[template(path = "desk/lost.html")]
struct LostPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    is_gone: bool,
    inbox: &'a str,
    texts: Vec<(&'static str, String)>,
}

/// The fields in which people type, each with the words beside it.
const TEXTS: [(&str, &str); 4] =
    [("message", "Your reply"), ("note", "Your note"), ("email", "Email address"), ("phone", "Phone number")];

/// Those of them that are filled in before anybody types.
const CONTACT: [&str; 2] = ["email", "phone"];

impl Bench {
    /// The page in place of an inquiry that is gone or cannot be read, with what was typed about it, for copying; None when
    /// nothing was typed.
    pub(super) async fn lost(&self, status: StatusCode, fields: &Fields) -> Option<HttpResponse> {
        // The boxes of a correction go along with every button, and hold what is stored unless it was pressed.
        let is_typed =
            |name: &str| !CONTACT.contains(&name) || ["correct", "enter"].contains(&fields.text("then").as_str());
        let text = |name: &str| match name {
            "message" => Filled::of(fields).reply,
            _ => fields.text(name),
        };
        let texts = TEXTS.into_iter().filter(|(name, _)| is_typed(name)).map(|(name, label)| (label, text(name)));
        let texts: Vec<_> = texts.filter(|(_, text)| !text.trim().is_empty()).collect();
        if texts.is_empty() {
            return None;
        }
        let is_gone = status == StatusCode::NOT_FOUND;
        let way_back = WayBack::of(fields);
        let heading = if is_gone { "The inquiry is gone" } else { "That could not be stored" };
        let lost = LostPage {
            site: &self.site,
            head: Head::hidden(heading, ""),
            actor: &self.actor,
            outbox: self.store.outbox_counts().await.unwrap_or_default(),
            is_gone,
            inbox: way_back.href(),
            texts,
        };
        Some(page(status, &lost))
    }
}
