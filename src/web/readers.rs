//! "Who has read my message?" For admins: what was done with one inquiry, as a page and as a file that the clinic can hand
//! to the person who wrote it.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::audit_words::{self, Names};
use super::bench::Bench;
use super::{Head, Site, audit, page, routes, see_other};
use crate::desk::{self, Access};
use crate::inquiry::Reference;
use crate::staff::Actor;
use crate::store::{self, OutboxCounts};

#[derive(Template)]
#[template(path = "desk/readers.html")]
struct ReadersPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    reference: &'a str,
    /// None when it is erased.
    inquiry: Option<String>,
    file: String,
    lines: Vec<Line<'a>>,
}

struct Line<'a> {
    at: String,
    who: &'a str,
    what: &'a str,
    detail: String,
    is_of_many: bool,
}

pub(super) async fn show(bench: Bench, request: HttpRequest, reference: web::Path<String>) -> HttpResponse {
    let (reference, accesses) = match bench.accesses(&reference).await {
        Ok(both) => both,
        Err(answer) => return answer,
    };
    let path = routes::readers(reference.as_str());
    if request.path() != path {
        return see_other(&path);
    }
    bench.or_unavailable(readers(&bench, &reference, &accesses).await)
}

async fn readers(bench: &Bench, reference: &Reference, accesses: &[Access]) -> Result<HttpResponse, store::Error> {
    let members = bench.store.staff().await?;
    let names: Names<'_> = members.iter().map(|member| (member.id.as_str(), member.name.as_str())).collect();
    let is_there = bench.store.inquiry(reference).await?.is_some();
    let readers = ReadersPage {
        site: &bench.site,
        head: Head::hidden(&format!("Who has read {reference}"), &routes::readers(reference.as_str())),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        reference: reference.as_str(),
        inquiry: is_there.then(|| routes::inquiry(reference.as_str())),
        file: routes::readers_file(reference.as_str()),
        lines: accesses.iter().map(|access| line(access, &names, bench)).collect(),
    };
    Ok(page(StatusCode::OK, &readers))
}

fn line<'a>(access: &'a Access, names: &Names<'_>, bench: &Bench) -> Line<'a> {
    Line {
        at: bench.policy.opening.written(access.at),
        who: &access.who,
        what: audit::words(&access.action),
        detail: audit_words::detail(&access.action, &access.detail, names),
        is_of_many: access.action == "inquiries.exported",
    }
}

/// The same as a file. That it was made is recorded first, and stands in it.
pub(super) async fn file(bench: Bench, reference: web::Path<String>) -> HttpResponse {
    let reference = match bench.accesses(&reference).await {
        Ok((reference, _)) => reference,
        Err(answer) => return answer,
    };
    let listed = async {
        desk::record_listing(&bench.store, &bench.actor, &reference, bench.now).await?;
        desk::accesses(&bench.store, &reference).await
    };
    let file = match listed.await {
        Ok(accesses) => desk::csv_of_accesses(&accesses),
        Err(cause) => return bench.unavailable(&cause),
    };
    let Ok(file) = file else { return HttpResponse::InternalServerError().finish() };
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"who-has-read-{reference}.csv\"")))
        .body(file)
}

impl Bench {
    /// What was done with the inquiry, for an admin; it may be erased already.
    async fn accesses(&self, reference: &str) -> Result<(Reference, Vec<Access>), HttpResponse> {
        if !self.actor.is_admin() {
            return Err(self.forbidden().await);
        }
        let Some(reference) = Reference::parse(reference) else { return Err(self.not_found().await) };
        match desk::accesses(&self.store, &reference).await {
            Ok(accesses) if accesses.is_empty() => Err(self.not_found().await),
            Ok(accesses) => Ok((reference, accesses)),
            Err(cause) => Err(self.unavailable(&cause)),
        }
    }
}
