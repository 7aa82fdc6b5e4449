//! The way back to the view of the inbox from which somebody came, and on to what is to do next. The way back goes along in
//! forms and addresses. It is read as the inbox reads its own address and is written anew, so that no foreign text is repeated
//! and nothing leads to another site.

use actix_web::HttpRequest;
use actix_web::http::header::REFERER;

use super::super::bench::Bench;
use super::super::body::Fields;
use super::super::{Site, routes};
use super::query::Query;
use super::views::View;
use crate::inquiry::{Inquiry, Status};
use crate::store::{self, Keyset, Sort, Start};

/// The field of a form, and the part of an address, that holds it.
const BACK: &str = "back";
/// Bytes. Each form of a page carries it; instead of a longer one the way leads to the inbox as it opens.
const LONGEST: usize = 1_000;

/// Where the way to the inbox leads.
#[derive(Clone, Debug, Default)]
pub(crate) struct WayBack(Option<String>);

impl WayBack {
    /// What a page of ours carried along; anything else leads to the inbox as it opens.
    pub(crate) fn parse(carried: &str) -> Self {
        Self(view(carried).filter(|view| view != routes::INBOX && view.len() <= LONGEST))
    }

    pub(crate) fn of(fields: &Fields) -> Self {
        Self::parse(&fields.text(BACK))
    }

    /// The view in which somebody pressed what led here. Browsers tell that to pages of the same site alone.
    pub(crate) fn before(request: &HttpRequest, site: &Site) -> Self {
        let from = request.headers().get(REFERER).and_then(|value| value.to_str().ok());
        from.and_then(|from| from.strip_prefix(&site.public_url)).map(Self::parse).unwrap_or_default()
    }

    pub(crate) fn href(&self) -> &str {
        self.0.as_deref().unwrap_or(routes::INBOX)
    }

    /// Whether it leads to what a search found.
    pub(crate) fn is_search(&self) -> bool {
        self.0.as_deref().is_some_and(|view| !asked(view).q.trim().is_empty())
    }

    /// What the way back is called: where it leads to another list than the inbox as it opens, by its view.
    pub(crate) fn title(&self) -> String {
        let Some(view) = &self.0 else { return "Inbox".to_owned() };
        let name = match View::of(&asked(view)) {
            _ if self.is_search() => "a search",
            Some(view) => view.title(),
            None => "with filters",
        };
        format!("Inbox: {name}")
    }

    /// The line of an inquiry in that view; where it stands there no more, the view.
    pub(crate) fn to_line(&self, inquiry: &Inquiry) -> String {
        format!("{}#{}", self.href(), inquiry.seq)
    }

    /// What goes along; None for the inbox as it opens.
    pub(crate) fn carried(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// One of our addresses, with the way back in it.
    pub(crate) fn along(&self, address: &str) -> String {
        let Some(back) = &self.0 else { return address.to_owned() };
        let (page, place) = address.find('#').map_or((address, ""), |at| address.split_at(at));
        let sign = if page.contains('?') { '&' } else { '?' };
        let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
        format!("{page}{sign}{BACK}={back}{place}")
    }
}

/// What the address of a view asks for.
fn asked(view: &str) -> Query {
    Query::read(view.split_once('?').map_or("", |(_, asked)| asked))
}

/// The address of the view that an address of the inbox asks for; None for an address of anything else.
pub(super) fn view(address: &str) -> Option<String> {
    match address.strip_prefix(routes::INBOX)?.split_at_checked(1) {
        None => Some(routes::INBOX.to_owned()),
        Some(("?", asked)) => Some(Query::read(asked).here()),
        Some(_) => None,
    }
}

/// What is to do after an inquiry, for one of the staff or for anybody: where they are working down the inbox, what follows it
/// there, so that one inquiry can be left for later, and then what stands first. Something urgent that nobody has opened comes
/// before all.
pub(crate) async fn next_to_do(
    bench: &Bench,
    staff: Option<&str>,
    shown: &Inquiry,
    is_passed: bool,
) -> Result<Option<Inquiry>, store::Error> {
    let following = is_passed.then(|| Start::After(Keyset::of(shown, Sort::UrgentFirst)));
    for start in [Some(Start::Alarms), following, Some(Start::Top)].into_iter().flatten() {
        if let Some(first) = bench.store.first_of(&Status::TO_DO, staff, start, shown.seq).await? {
            return Ok(Some(first.inquiry));
        }
    }
    Ok(None)
}
