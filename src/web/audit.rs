//! Who did and read what, when: for admins. It names ids and references, never what people wrote.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::bench::Bench;
use super::{Head, Site, error, page, routes};
use crate::inquiry::Reference;
use crate::staff::Actor;
use crate::store::{self, AuditEntry, OutboxCounts};

/// The newest so many.
const LINES: i64 = 500;

#[derive(Template)]
#[template(path = "desk/audit.html")]
struct AuditPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    lines: Vec<Line>,
}

struct Line {
    at: String,
    who: String,
    what: String,
    subject: String,
    /// Where the subject is an inquiry.
    href: Option<String>,
    detail: String,
}

pub(super) async fn show(bench: Bench) -> HttpResponse {
    if !bench.actor.is_admin() {
        return error::forbidden(&bench.site);
    }
    bench.or_unavailable(audit(&bench).await)
}

async fn audit(bench: &Bench) -> Result<HttpResponse, store::Error> {
    let members = bench.store.staff().await?;
    let names: HashMap<&str, &str> = members.iter().map(|member| (member.id.as_str(), member.name.as_str())).collect();
    let entries = bench.store.audit(LINES).await?;
    let audit = AuditPage {
        site: &bench.site,
        head: Head::hidden("Audit log", routes::AUDIT),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        lines: entries.iter().map(|entry| line(entry, &names, bench)).collect(),
    };
    Ok(page(StatusCode::OK, &audit))
}

fn line(entry: &AuditEntry, names: &HashMap<&str, &str>, bench: &Bench) -> Line {
    let name = |id: &str| names.get(id).map_or(id, |name| *name).to_owned();
    Line {
        at: bench.policy.opening.written(entry.at),
        who: match entry.actor.as_str() {
            "writer" => "The writer".to_owned(),
            "operator" => "The operator".to_owned(),
            id => name(id),
        },
        what: words(&entry.action).to_owned(),
        href: Reference::parse(&entry.subject).map(|reference| routes::inquiry(reference.as_str())),
        subject: name(&entry.subject),
        detail: entry.detail.clone(),
    }
}

/// An action in plain words; one from a newer version is shown as it is.
fn words(action: &str) -> &str {
    match action {
        "inquiry.received" => "sent an inquiry",
        "inquiry.viewed" => "read an inquiry",
        "inquiry.status" => "changed a status",
        "inquiry.assigned" => "assigned an inquiry",
        "inquiry.note" => "wrote a note",
        "inquiry.reply" => "replied",
        "inquiry.phone" => "corrected a phone number",
        "inquiry.erased" => "erased an inquiry",
        "inbox.searched" => "searched",
        "inquiries.exported" => "exported inquiries",
        "mail.retry" => "had a mail tried again",
        "session.begun" => "signed in",
        "session.ended" => "signed out",
        "session.others_ended" => "signed out elsewhere",
        "session.proved" => "confirmed that it was them",
        "staff.added" => "added an account",
        "staff.reset" => "reset an account",
        "staff.disabled" => "disabled an account",
        "staff.password" => "set a password",
        "staff.enabled" => "enabled an account",
        "staff.role" => "changed a role",
        "staff.signed_out" => "signed somebody out everywhere",
        "staff.failed_tries" => "told of many wrong tries at an account",
        "factor.added" => "set up codes for signing in",
        "factor.removed" => "removed their codes for signing in",
        "factor.codes" => "made new recovery codes",
        "factor.recovery" => "used a recovery code",
        other => other,
    }
}
