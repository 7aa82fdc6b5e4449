//! Words that were typed when a session had ended, and the page one wanted: carried through the sign-in, whatever its steps.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::body::Fields;
use super::{Head, Site, page, routes, see_other};

/// Words that were typed when a session had ended.
pub(super) struct Kept {
    pub action: String,
    pub field: &'static str,
    pub words: String,
    /// Which version of the inquiry the page showed.
    pub version: String,
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
    let field = match fields.text("kept_field").as_str() {
        "note" => "note",
        "message" => "message",
        _ => return None,
    };
    let action = fields.text("kept_action");
    (inside(&action) == action).then(|| Kept {
        action,
        field,
        words: fields.text("kept_words"),
        version: fields.text("kept_version"),
    })
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
