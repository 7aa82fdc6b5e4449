//! Where a button leads that stands in place of a link, since the link would lose what is typed: it keeps the form it belongs
//! to, and goes on. `templates/desk/ways.html` draws it.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;

use super::body::Fields;
use super::{routes, see_other};

/// The form of a page whose words are kept on the way to another page.
#[derive(Clone, Debug)]
pub(crate) struct Keeping {
    /// Its id.
    pub form: &'static str,
    /// Where it is sent to be kept.
    pub action: String,
}

/// Whether a form was sent by a button that leads to another page.
pub(super) fn leads_on(fields: &Fields) -> bool {
    fields.text("then").starts_with('/')
}

/// To the page that such a button names.
pub(super) fn lead(then: &str) -> HttpResponse {
    match then {
        routes::HOME => see_other(routes::HOME),
        // The browser sends the form there once more.
        routes::LOGOUT => HttpResponse::TemporaryRedirect().insert_header((LOCATION, routes::LOGOUT)).finish(),
        desk => see_other(inside(desk)),
    }
}

/// Only a page of the desk: a link must not make our sign-in, or a button, lead to another site.
pub(super) fn inside(next: &str) -> &str {
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
