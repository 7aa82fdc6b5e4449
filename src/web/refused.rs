//! The page over a form of the desk that was refused, at an address of its own. The answer to the form says what is wrong, has its
//! status, and sends browsers on at once to the same page there, which takes its place in their history: who goes back is not
//! asked to send the form once more, and finds how things stand by then.

use std::collections::HashMap;
use std::sync::Mutex;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::{SignedDuration, Timestamp};

use super::bench::Bench;
use super::kept::Kept;
use super::way::inside;
use super::{guard, routes, see_other};
use crate::secret::{digest, random_secret};

/// A browser asks for the page at once. It may show what somebody erases, so it is not held for longer.
const HELD_FOR: SignedDuration = SignedDuration::from_secs(60);
/// Where another process has answered the form, the answer stays on the screen; a page that is asked for later was read before.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(10);
/// Sent on at once, browsers replace the page in their history instead of adding one.
/// Source: <https://html.spec.whatwg.org/multipage/semantics.html#shared-declarative-refresh-steps>.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// Pages that wait to be asked for, one for each session: each is shown once.
pub(super) struct Refused {
    /// Tells this process from others that serve the same desk.
    process: String,
    pages: Mutex<HashMap<Vec<u8>, Page>>,
}

struct Page {
    name: String,
    body: Bytes,
    at: Timestamp,
}

/// Where the page over a form leads that is asked for once more; else it is the page on which the form stood.
pub(super) struct Home(pub String);

/// The answer, which leads there.
pub(super) fn leading(home: String, mut answer: HttpResponse) -> HttpResponse {
    answer.extensions_mut().insert(Home(home));
    answer
}

impl Refused {
    /// # Errors
    /// When the system gives no random bytes.
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self { process: random_secret()?, pages: Mutex::default() })
    }

    /// Holds the page for who has this session, and gives its name.
    fn hold(&self, session: &str, body: Bytes, now: Timestamp) -> String {
        let name = format!("{}.{}", self.process, now.as_millisecond());
        let mut pages = self.pages.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        pages.retain(|_, page| now.duration_since(page.at) < HELD_FOR);
        pages.insert(digest(session), Page { name: name.clone(), body, at: now });
        name
    }

    /// The page of this name, where it waits for who has this session. It is there once, unless they only ask about it.
    fn page(&self, session: &str, name: &str, is_shown: bool, now: Timestamp) -> Option<Bytes> {
        let mut pages = self.pages.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let session = digest(session);
        let page = pages.get(&session).filter(|page| page.name == name)?;
        let body = Some(page.body.clone()).filter(|_| now.duration_since(page.at) < HELD_FOR);
        if is_shown {
            pages.remove(&session);
        }
        body
    }

    /// Whether another process has just given a page this name.
    fn is_elsewhere(&self, name: &str, now: Timestamp) -> bool {
        let Some((process, at)) = name.split_once('.') else { return false };
        let at = at.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        let is_new = |at| (-ON_ITS_WAY..ON_ITS_WAY).contains(&now.duration_since(at));
        process != self.process && at.is_some_and(is_new)
    }
}

/// An answer to a form, which sends browsers on where the form was refused.
pub(super) fn sent_on(answer: ServiceResponse<BoxBody>, session: &str, now: Timestamp) -> ServiceResponse<BoxBody> {
    let (request, mut response) = answer.into_parts();
    let Some(refused) = request.app_data::<web::Data<Refused>>().filter(|_| is_refused(&request, &response)) else {
        return ServiceResponse::new(request, response);
    };
    let home = response.extensions_mut().remove::<Home>().map(|Home(page)| page);
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return ServiceResponse::new(request, response.set_body(body)),
    };
    let home = home.unwrap_or_else(|| Kept::page_of(request.path()).unwrap_or(routes::INBOX).to_owned());
    let there = routes::refused(&refused.hold(session, body.clone(), now), &home);
    if let Ok(there) = HeaderValue::try_from(format!("0; url={there}")) {
        response.headers_mut().insert(REFRESH, there);
    }
    ServiceResponse::new(request, response.set_body(BoxBody::new(body)))
}

/// Pages about passwords and codes are not held.
fn is_refused(request: &HttpRequest, response: &HttpResponse) -> bool {
    let is_page = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_work = [routes::INBOX, routes::USERS].iter().any(|start| request.path().starts_with(start));
    is_page && is_work && [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CONFLICT].contains(&response.status())
}

/// What the address may ask for.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// Where to go once it was shown.
    page: String,
}

/// The page once; from then on how things stand.
pub(super) async fn show(
    bench: Bench,
    request: HttpRequest,
    name: web::Path<String>,
    refused: web::Data<Refused>,
    wish: Option<web::Query<Wish>>,
) -> HttpResponse {
    let session = guard::secret(&request, &bench.site).unwrap_or_default();
    match refused.page(&session, &name, request.method() == Method::GET, bench.now) {
        Some(body) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body),
        // A browser stays where it is.
        None if refused.is_elsewhere(&name, bench.now) => HttpResponse::NoContent().finish(),
        None => see_other(inside(&wish.map(|wish| wish.into_inner().page).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shown_once_to_its_session_and_for_a_minute() {
        let refused = Refused::new().unwrap();
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let name = refused.hold("anna", Bytes::from_static(b"what is wrong"), now);
        assert_eq!(refused.page("bert", &name, true, now), None, "nobody else’s");
        assert_eq!(refused.page("anna", "another", true, now), None);
        assert!(refused.page("anna", &name, false, now).is_some(), "asked about only");
        assert!(refused.page("anna", &name, true, now).is_some());
        assert_eq!(refused.page("anna", &name, true, now), None, "once");
        let name = refused.hold("anna", Bytes::from_static(b"what is wrong"), now);
        assert_eq!(refused.page("anna", &name, true, now + HELD_FOR), None);
        refused.hold("anna", Bytes::new(), now);
        refused.hold("bert", Bytes::new(), now + HELD_FOR);
        assert_eq!(refused.pages.lock().unwrap().len(), 1, "nothing is held for longer");
    }

    #[test]
    fn a_page_of_another_process_leaves_its_answer_on_the_screen() {
        let (refused, other) = (Refused::new().unwrap(), Refused::new().unwrap());
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let name = other.hold("anna", Bytes::new(), now);
        assert!(refused.is_elsewhere(&name, now));
        assert!(!refused.is_elsewhere(&name, now + ON_ITS_WAY), "it was read, and is asked for once more");
        assert!(!other.is_elsewhere(&name, now));
        assert!(!refused.is_elsewhere("nonsense", now));
    }
}
