//! Words that were typed when a session had ended, and the page one wanted: carried through the sign-in, whatever its steps.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::body::Fields;
use super::{Head, Site, page, routes, see_other};

/// A form in which words were typed when a session had ended.
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
    /// A form that was sent to a path, and the page on which it stood; None where nobody types words.
    pub(super) fn page_of(path: &str) -> Option<&str> {
        if [routes::NEW_INQUIRY, routes::USERS].contains(&path) {
            return Some(path);
        }
        let (inquiry, action) = path.rsplit_once('/')?;
        let has_words = matches!(action, "notes" | "reply" | "contact");
        (has_words && inquiry.starts_with(routes::INBOX)).then_some(inquiry)
    }

    /// The one long text of a form, which can be sent from the page that brings it back: its name.
    fn text(&self) -> Option<&'static str> {
        match self.action.rsplit('/').next() {
            Some("notes") => Some("note"),
            Some("reply") => Some("message"),
            _ => None,
        }
    }

    fn words(&self) -> &str {
        let text = self.fields.iter().find(|(name, _)| Some(name.as_str()) == self.text());
        text.map_or("", |(_, words)| words)
    }

    /// What goes along unseen. What becomes of the inquiry is said by the button that is pressed.
    fn others(&self) -> impl Iterator<Item = &(String, String)> {
        self.fields.iter().filter(|(name, _)| Some(name.as_str()) != self.text() && name != "then")
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

    /// On to where they wanted to go, or to the words that waited.
    pub(super) fn fulfil(&self, site: &Site) -> HttpResponse {
        match &self.kept {
            Some(kept) => {
                let head = Head::hidden("Your words are kept", &self.next);
                page(StatusCode::OK, &KeptPage { site, head, kept })
            }
            None => see_other(&self.next),
        }
    }
}

fn kept(fields: &Fields) -> Option<Kept> {
    let action = fields.text(ACTION);
    if inside(&action) != action || Kept::page_of(&action).is_none() {
        return None;
    }
    let all = fields.without(&[]).into_iter();
    let fields = all.filter_map(|(name, value)| Some((name.strip_prefix(FIELD)?.to_owned(), value))).collect();
    Some(Kept { action, fields })
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
