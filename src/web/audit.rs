//! Who did and read what, when: for admins. It names ids and references, never what people wrote.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;

use super::audit_words::{self, Names};
use super::bench::Bench;
use super::{Head, Site, page, routes};
use crate::desk::{self, HeadError, HeadFile};
use crate::inquiry::Reference;
use crate::staff::Actor;
use crate::store::{self, AuditEntry, AuditFilter, AuditPlace, AuditProof, OutboxCounts};

/// Lines on a page.
const LINES: usize = 50;

/// What is done and how the page says it; an action from a newer version is shown as it is.
const ACTIONS: [(&str, &str); 44] = [
    ("inquiry.received", "sent an inquiry"),
    ("inquiry.viewed", "read an inquiry"),
    ("inquiry.status", "changed a status"),
    ("inquiry.assigned", "assigned an inquiry"),
    ("inquiry.escalated", "told that nobody opened an inquiry in time"),
    ("spam.digest", "told staff of new suspected spam"),
    ("inquiry.reply-failed", "a reply to an inquiry did not leave"),
    ("inquiry.reply-sent", "a reply that had not left was sent"),
    ("inquiry.undone", "took a change back"),
    ("inquiry.taken", "took down an inquiry"),
    ("inquiry.note", "wrote a note"),
    ("inquiry.note_removed", "removed a note"),
    ("inquiry.reply", "replied"),
    ("inquiry.phone", "corrected a phone number"),
    ("inquiry.merged", "merged two inquiries"),
    ("inquiry.separated", "separated two inquiries"),
    ("inquiry.contact", "corrected how to reach the writer"),
    ("inquiry.erased", "erased an inquiry"),
    ("inquiry.exported", "handed out everything about an inquiry"),
    ("inquiry.access_listed", "listed who has read an inquiry"),
    ("inbox.searched", "searched"),
    ("inquiries.exported", "exported inquiries"),
    ("mail.retry", "had a mail tried again"),
    ("mail.tested", "sent themselves a test mail"),
    ("session.begun", "signed in"),
    ("session.ended", "signed out"),
    ("session.others_ended", "signed out elsewhere"),
    ("session.proved", "confirmed that it was them"),
    ("staff.added", "added an account"),
    ("staff.reset", "reset an account"),
    ("staff.disabled", "disabled an account"),
    ("staff.password", "set a password"),
    ("staff.name", "changed their name"),
    ("staff.enabled", "enabled an account"),
    ("staff.role", "changed a role"),
    ("staff.signed_out", "signed somebody out everywhere"),
    ("staff.failed_tries", "told of many wrong tries at an account"),
    ("factor.added", "set up codes for signing in"),
    ("factor.removed", "removed their codes for signing in"),
    ("factor.codes", "made new recovery codes"),
    ("factor.recovery", "used a recovery code"),
    ("audit.accepted", "took the audit log as it is"),
    ("key.rotated", "changed the sealing key"),
    ("database.restored", "restored a copy of the database"),
];

/// What the address asks for.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Query {
    who: String,
    what: String,
    about: String,
    from: String,
    until: String,
    older: String,
    newer: String,
    verify: String,
}

impl Query {
    fn is_filtered(&self) -> bool {
        [&self.who, &self.what, &self.about, &self.from, &self.until].iter().any(|asked| !asked.is_empty())
    }
}

#[derive(Template)]
#[template(path = "desk/audit.html")]
struct AuditPage<'a> {
    site: &'a Site,
    head: Head,
    actor: &'a Actor,
    outbox: OutboxCounts,
    query: &'a Query,
    people: Vec<(&'a str, &'a str)>,
    actions: &'static [(&'static str, &'static str)],
    lines: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
    proof: Option<AuditProof>,
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

pub(super) async fn show(bench: Bench, query: Option<web::Query<Query>>, heads: web::Data<HeadFile>) -> HttpResponse {
    if !bench.actor.is_admin() {
        return bench.forbidden().await;
    }
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    let proof = match query.verify.as_str() {
        "1" => desk::prove_audit(&bench.store, &heads, &[]).await.map(Some),
        _ => Ok(None),
    };
    match proof {
        Ok(proof) => bench.or_unavailable(audit(&bench, &query, proof).await),
        Err(HeadError::Store(cause)) => bench.unavailable(&cause),
        Err(HeadError::File(cause)) => {
            tracing::error!(%cause, "the kept head of the audit log cannot be used");
            let words =
                ["The file audit.head in the data folder cannot be read or written.", "Tell who runs the server."];
            bench.say(StatusCode::SERVICE_UNAVAILABLE, "The log could not be proven", &words).await
        }
    }
}

async fn audit(bench: &Bench, query: &Query, proof: Option<AuditProof>) -> Result<HttpResponse, store::Error> {
    let members = bench.store.staff().await?;
    let names: Names<'_> = members.iter().map(|member| (member.id.as_str(), member.name.as_str())).collect();
    let place = place(query);
    let limit = i64::try_from(LINES).unwrap_or(i64::MAX) + 1;
    let mut entries = bench.store.audit_page(&filter(query, bench), place, limit).await?;
    let has_more = entries.len() > LINES;
    match place {
        AuditPlace::NewerThan(_) if has_more => drop(entries.remove(0)),
        _ => entries.truncate(LINES),
    }
    let (newer, older) = neighbours(query, place, &entries, has_more);
    let people = [
        ("writer", "The writer"),
        ("operator", "The operator"),
        ("retention", "The retention rule"),
        ("system", "Backwise itself"),
    ]
    .into_iter();
    let audit = AuditPage {
        site: &bench.site,
        head: Head::hidden("Audit log", routes::AUDIT),
        actor: &bench.actor,
        outbox: bench.store.outbox_counts().await?,
        query,
        people: people.chain(members.iter().map(|member| (member.id.as_str(), member.name.as_str()))).collect(),
        actions: &ACTIONS,
        lines: entries.iter().map(|entry| line(entry, &names, bench)).collect(),
        newer,
        older,
        proof,
    };
    Ok(page(StatusCode::OK, &audit))
}

fn filter(query: &Query, bench: &Bench) -> AuditFilter {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    // As read aloud or typed, a reference has many forms; the log has one.
    let about = Reference::parse(&query.about).map(|reference| reference.to_string());
    AuditFilter {
        actor: given(&query.who),
        action: given(&query.what),
        subject: about.or_else(|| given(&query.about)),
        from: midnight(&query.from, 0, bench),
        until: midnight(&query.until, 1, bench),
    }
}

/// The beginning of a day in the clinic's zone, or of a day after it.
fn midnight(day: &str, later: i8, bench: &Bench) -> Option<Timestamp> {
    let day: Date = day.trim().parse().ok()?;
    let day = if later == 0 { day } else { day.tomorrow().ok()? };
    Some(day.to_zoned(bench.policy.opening.timezone.clone()).ok()?.timestamp())
}

fn place(query: &Query) -> AuditPlace {
    match (query.older.parse(), query.newer.parse()) {
        (Ok(seq), _) => AuditPlace::OlderThan(seq),
        (_, Ok(seq)) => AuditPlace::NewerThan(seq),
        _ => AuditPlace::Newest,
    }
}

fn neighbours(
    query: &Query,
    place: AuditPlace,
    entries: &[AuditEntry],
    has_more: bool,
) -> (Option<String>, Option<String>) {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return (None, None) };
    let upwards = matches!(place, AuditPlace::NewerThan(_));
    let more_above = if upwards { has_more } else { place != AuditPlace::Newest };
    let more_below = upwards || has_more;
    (more_above.then(|| address(query, "newer", first.seq)), more_below.then(|| address(query, "older", last.seq)))
}

/// The page's address with its filters and a place.
fn address(query: &Query, key: &str, seq: i64) -> String {
    let kept = [
        ("who", &query.who),
        ("what", &query.what),
        ("about", &query.about),
        ("from", &query.from),
        ("until", &query.until),
    ];
    let mut parts = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in kept.into_iter().filter(|(_, value)| !value.is_empty()) {
        parts.append_pair(name, value);
    }
    parts.append_pair(key, &seq.to_string());
    format!("{}?{}", routes::AUDIT, parts.finish())
}

fn line(entry: &AuditEntry, names: &Names<'_>, bench: &Bench) -> Line {
    let name = |id: &str| names.get(id).map_or(id, |name| *name).to_owned();
    Line {
        at: bench.policy.opening.written(entry.at),
        who: match entry.actor.as_str() {
            "writer" => "The writer".to_owned(),
            "operator" => "The operator".to_owned(),
            "retention" => "The retention rule".to_owned(),
            "system" => "Backwise itself".to_owned(),
            id => name(id),
        },
        what: words(&entry.action).to_owned(),
        href: Reference::parse(&entry.subject).map(|reference| routes::readers(reference.as_str())),
        subject: audit_words::subject(&entry.action, &entry.subject, names),
        detail: audit_words::detail(&entry.action, &entry.detail, names),
    }
}

/// An action in plain words.
pub(super) fn words(action: &str) -> &str {
    ACTIONS.iter().find(|(known, _)| *known == action).map_or(action, |(_, words)| words)
}
