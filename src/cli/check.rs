//! `backwise check`: every finding on one line, with the key or file at fault. Two things may change: an existing
//! database is brought up to date, and with `--mail` a mail folder is made.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::known::KnownDatabases;
use super::{Failure, clock, open_whole_store, say};
use crate::config::{Config, Database, Fault, Route, SETTINGS, TlsFiles};
use crate::content::{self, Content, OLDEST_READER};
use crate::mail::Post;
use crate::store::{Damage, Looking, Store};
use crate::web::certificate::{Certificate, Doubt, is_open_to_others};

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Ask the mail server too, without sending anything
    #[arg(long)]
    mail: bool,
    /// Write one JSON object a finding
    #[arg(long)]
    json: bool,
}

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Weight {
    /// The program will not run like this.
    Error,
    /// It runs, but somebody should look.
    Warning,
    /// It is as it should be.
    Ok,
}

#[derive(Serialize)]
struct Finding {
    weight: Weight,
    about: &'static str,
    words: String,
    /// The content file and its line.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// In years.
    #[serde(skip_serializing_if = "Option::is_none")]
    reading_age: Option<f64>,
}

/// Where an editor finds what a finding is about; its words begin with the same.
#[derive(Serialize)]
struct Place {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

impl Finding {
    fn new(weight: Weight, about: &'static str, words: impl Into<String>) -> Self {
        Self { weight, about, words: words.into(), place: None, reading_age: None }
    }

    fn of_content(weight: Weight, fault: &content::Fault) -> Self {
        let place = Place { file: fault.file().to_owned(), line: Some(fault.line()) };
        Self { place: Some(place), ..Self::new(weight, "content", fault.to_string()) }
    }
}

pub(super) fn broken_configuration(args: &Args, faults: &[Fault]) -> Failure {
    if args.json {
        let findings = faults.iter().map(|fault| Finding::new(Weight::Error, "configuration", fault.to_string()));
        let printed: Result<(), Failure> = findings.into_iter().try_for_each(|finding| print(args, &finding));
        return printed.err().unwrap_or(Failure::Usage(Vec::new()));
    }
    Failure::Usage(faults.iter().map(Fault::to_string).collect())
}

/// `file` is the settings file that the command line named.
pub(super) async fn run(config: &Config, file: Option<&Path>, args: &Args) -> Result<(), Failure> {
    let mut findings = configuration(config, file);
    let (of_content, is_usage) = content(config);
    findings.extend(of_content);
    findings.extend(config.server.tls.iter().flat_map(|files| certificate(files, config.server.public_url.as_deref())));
    findings.extend(database(config).await);
    findings.extend(mail(config, args.mail).await);
    findings.iter().try_for_each(|finding| print(args, finding))?;
    let count = |weight| findings.iter().filter(|finding| finding.weight == weight).count();
    match count(Weight::Error) {
        0 if args.json => Ok(()),
        0 => say(verdict(count(Weight::Warning))),
        _ if is_usage => Err(Failure::Usage(Vec::new())),
        1 => Err(Failure::Operation("1 error".to_owned())),
        errors => Err(Failure::Operation(format!("{errors} errors"))),
    }
}

/// Renewals run weeks ahead; later than this one has probably failed.
const DAYS_LEFT: i64 = 21;

fn certificate(files: &TlsFiles, public_url: Option<&str>) -> Vec<Finding> {
    let finding = |weight, about, words: String| Finding::new(weight, about, words);
    let certificate = match Certificate::open(files) {
        Ok(certificate) => certificate,
        Err(fault) => return vec![finding(Weight::Error, "tls", fault.to_string())],
    };
    let until = certificate.expires_at();
    let days = until.duration_since(clock().now()).as_hours().div_euclid(24);
    let (weight, words) = match days {
        ..0 => (Weight::Error, "browsers refuse it; renew it".to_owned()),
        0..DAYS_LEFT => (Weight::Warning, format!("{days} days left; renew it")),
        _ => (Weight::Ok, format!("{days} days left")),
    };
    let words = format!("the certificate is good until {}: {words}", until.strftime("%Y-%m-%d"));
    let mut findings = vec![finding(weight, "tls", words)];
    findings.extend(doubts(&certificate, public_url));
    if is_open_to_others(&files.key).unwrap_or_default() {
        let words = format!("others may read the private key {0}; chmod 600 {0}", files.key.display());
        findings.push(finding(Weight::Warning, "tls", words));
    }
    findings
}

/// What browsers would hold against it. A certificate of one's own making may be meant so, and is allowed.
fn doubts(certificate: &Certificate, public_url: Option<&str>) -> Vec<Finding> {
    let url = public_url.and_then(|url| url::Url::parse(url).ok());
    let host = url.as_ref().and_then(url::Url::host_str).map(|host| host.trim_matches(['[', ']']));
    let words = |doubt| {
        match doubt {
        Doubt::NotVouchedFor => {
            "no public authority vouches for the certificate, so browsers warn everybody who was not told to trust it; get one \
             from a public authority, and put the certificates between it and the authority after it in server.tls_cert"
                .to_owned()
        }
        Doubt::OtherName => format!(
            "the certificate is not for {}, the name in server.public_url, so browsers refuse it there; get one for that name",
            host.unwrap_or_default()
        ),
    }
    };
    let doubts = certificate.doubts(host, clock().now());
    doubts.into_iter().map(|doubt| Finding::new(Weight::Warning, "tls", words(doubt))).collect()
}

/// What a person who reads the findings for the first time wants to know.
fn verdict(warnings: usize) -> String {
    match warnings {
        0 => "backwise can serve like this".to_owned(),
        1 => "backwise can serve like this; 1 warning says what to look at before patients read it".to_owned(),
        many => format!("backwise can serve like this; {many} warnings say what to look at before patients read it"),
    }
}

fn configuration(config: &Config, file: Option<&Path>) -> Vec<Finding> {
    let read = file.or_else(|| Some(Path::new(SETTINGS)).filter(|path| path.exists()));
    let words = match read {
        Some(path) => format!("every key is valid, in {} and in the environment", path.display()),
        None => format!("no {SETTINGS} is here, so the defaults and the environment hold; every key is valid"),
    };
    let ok = Finding::new(Weight::Ok, "configuration", words);
    let warning = |warning: &Fault| Finding::new(Weight::Warning, "configuration", warning.to_string());
    std::iter::once(ok).chain(config.warnings().iter().map(warning)).collect()
}

/// What the content files hold, their reading ages and what an editor should look at; and whether they cannot be used.
fn content(config: &Config) -> (Vec<Finding>, bool) {
    let content = match Content::load(config.content_dir.as_deref()) {
        Ok(content) => content,
        Err(faults) => return (faults.iter().map(|fault| Finding::of_content(Weight::Error, fault)).collect(), true),
    };
    let found = format!("{} techniques, {} conditions", content.techniques().len(), content.conditions().len());
    let mut findings = vec![Finding::new(Weight::Ok, "content", found)];
    findings.extend(content.reading_ages().iter().map(|(file, age)| reading_age(file, *age)));
    let today = config.clinic.hours.local(clock().now()).date();
    findings.extend(content.warnings(today).iter().map(|fault| Finding::of_content(Weight::Warning, fault)));
    (findings, false)
}

fn reading_age(file: &str, age: f64) -> Finding {
    let words = format!("{file}: reading age {age:.1} (Flesch–Kincaid grade plus 5; at most {OLDEST_READER})");
    Finding {
        place: Some(Place { file: file.to_owned(), line: None }),
        reading_age: Some((age * 10.0).round() / 10.0),
        ..Finding::new(Weight::Ok, "content", words)
    }
}

async fn database(config: &Config) -> Vec<Finding> {
    let finding = |weight, words: String| Finding::new(weight, "database", words);
    if let Database::Sqlite(path) = &config.database
        && !KnownDatabases::read(config, path).is_used()
    {
        return vec![finding(Weight::Ok, format!("{} will be made at the first start", path.display()))];
    }
    let store = match open_whole_store(config, 1).await {
        Ok(store) => store,
        Err(cause) => return vec![finding(Weight::Error, cause.to_string())],
    };
    let (inquiries, outbox) = match (store.counts().await, store.outbox_counts().await) {
        (Ok(inquiries), Ok(outbox)) => (inquiries, outbox),
        (Err(cause), _) | (_, Err(cause)) => return vec![finding(Weight::Error, cause.to_string())],
    };
    let mut findings =
        vec![finding(Weight::Ok, format!("{} new inquiries, {} unopened", inquiries.new, inquiries.unopened))];
    findings.extend(damage(&store).await);
    store.close().await;
    if outbox.failed > 0 {
        let words = format!(
            "{} given up; see `backwise mail list --state failed`, then `backwise mail retry`",
            mails(outbox.failed)
        );
        findings.push(Finding::new(Weight::Error, "mail", words));
    }
    if outbox.delayed > 0 {
        let words = format!(
            "{} waiting after a failed attempt; see `backwise mail list --state queued`",
            mails(outbox.delayed)
        );
        findings.push(Finding::new(Weight::Warning, "mail", words));
    }
    findings
}

/// A million inquiries are opened in less; a check must end.
const LOOKED_FOR: Duration = Duration::from_secs(10);
/// Whoever finds more has one cause to look for, not many.
const MOST_TOLD: usize = 20;

/// Sealed values that do not open, the newest rows first, for as long as there is time.
async fn damage(store: &Store) -> Vec<Finding> {
    let (mut looking, begun) = (Looking::default(), Instant::now());
    let is_done = loop {
        match store.look_for_damage(&mut looking).await {
            Ok(true) => break true,
            Ok(false) if begun.elapsed() < LOOKED_FOR => {}
            Ok(false) => break false,
            Err(cause) => return vec![Finding::new(Weight::Error, "database", cause.to_string())],
        }
    };
    let told = looking.found.iter().take(MOST_TOLD).map(|Damage { of, place }| {
        let words = format!(
            "{of}: {place} does not open: it was changed outside the program, by a failing disk perhaps; look for the cause, then \
             restore a copy from before it"
        );
        Finding::new(Weight::Error, "database", words)
    });
    let mut findings: Vec<Finding> = told.collect();
    if let more @ 1.. = looking.found.len().saturating_sub(MOST_TOLD) {
        findings.push(Finding::new(Weight::Error, "database", format!("{more} more values do not open")));
    }
    let seen = if is_done { "all" } else { "the newest" };
    let words = format!("the words of {seen} {} sealed rows were opened, to see whether they can be", looking.read);
    findings.push(Finding::new(Weight::Ok, "database", words));
    findings
}

fn mails(number: i64) -> String {
    if number == 1 { "1 mail".to_owned() } else { format!("{number} mails") }
}

/// The way out can be prepared; with `ask`, it also answers.
async fn mail(config: &Config, ask: bool) -> Option<Finding> {
    let finding = |weight, words: String| Some(Finding::new(weight, "mail", words));
    let post = match Post::open(&config.mail.route) {
        Ok(post) => post,
        Err(cause) => return finding(Weight::Error, format!("mail.url: {cause}")),
    };
    if !ask {
        return None;
    }
    match (post.probe().await, &config.mail.route) {
        (Ok(()), Route::Smtp(smtp)) => {
            finding(Weight::Ok, format!("the mail server {}:{} answers", smtp.host, smtp.port))
        }
        (Ok(()), Route::Folder(folder)) => finding(Weight::Ok, format!("mails are written to {}", shown(folder))),
        (Err(words), _) => finding(Weight::Error, format!("mail.url: {words}")),
    }
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}

fn print(args: &Args, finding: &Finding) -> Result<(), Failure> {
    if args.json {
        return say(serde_json::to_string(finding).map_err(Failure::operation)?);
    }
    let weight = match finding.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Ok => "ok",
    };
    say(format!("{weight}: {}: {}", finding.about, finding.words))
}
