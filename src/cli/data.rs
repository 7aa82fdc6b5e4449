//! Data out of the database: `backwise export`, `backwise erase`.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Failure, clock, complain, open_store, say};
use crate::config::{Config, Route};
use crate::contact::{EmailAddress, PhoneNumber};
use crate::desk::{self, Eraser, ExportError, ExportFormat};
use crate::inquiry::Reference;
use crate::secret::private_file;

/// A multiple of a page, so that every such number is passed.
const TOLD_EVERY: u64 = 10_000;

#[derive(Args)]
pub(super) struct ExportArgs {
    /// CSV for spreadsheets, or one JSON object a line
    #[arg(long, default_value = "csv")]
    format: FormatArg,
    /// Everything about the person with this address or phone number instead: answers, notes, replies, mails, and who has read them
    #[arg(long, value_name = "ADDRESS|NUMBER", conflicts_with = "since")]
    person: Option<String>,
    /// Only inquiries received on or after this day, in the clinic's time zone
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// Write to this file (readable by its owner only) instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Say on stderr how far it is; on a terminal it always does
    #[arg(long)]
    progress: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("whose").required(true))]
pub(super) struct EraseArgs {
    /// Every inquiry that gave this address, and what was merged with it
    #[arg(long, value_name = "ADDRESS", group = "whose")]
    email: Option<String>,
    /// The inquiry with this reference, and what was merged into it
    #[arg(long, value_name = "REF", group = "whose")]
    reference: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum FormatArg {
    Csv,
    Jsonl,
}

pub(super) async fn export(config: &Config, args: ExportArgs) -> Result<(), Failure> {
    let format = match args.format {
        FormatArg::Csv => ExportFormat::Csv,
        FormatArg::Jsonl => ExportFormat::JsonLines,
    };
    if let Some(address) = &args.person {
        return person(config, address, format, args.out.as_deref()).await;
    }
    let since = match args.since {
        Some(date) => date
            .to_zoned(config.clinic.hours.timezone.clone())
            .map_err(|_| Failure::usage("--since is no day of the calendar"))?
            .timestamp(),
        None => Timestamp::MIN,
    };
    let tells = args.progress || io::stderr().is_terminal();
    let progress = |written: u64| {
        if tells && written.is_multiple_of(TOLD_EVERY) {
            complain(&format!("{written} so far"));
        }
    };
    let store = open_store(config, 2).await?;
    let now = clock().now();
    let mut tx = store.begin().await?;
    tx.add_audit(now, "operator", "inquiries.exported", "", "").await?;
    tx.commit().await?;
    let written = match &args.out {
        Some(path) => {
            // Beside its place first: a file that was there keeps neither its mode nor half of its words.
            let draft = path.with_extension("part");
            let file =
                private_file(&draft).map_err(|cause| Failure::Operation(format!("{}: {cause}", draft.display())))?;
            let mut out = BufWriter::new(file);
            let written = desk::export(&store, format, since, &mut out, progress).await;
            written.and_then(|number| {
                sync(out)?;
                std::fs::rename(&draft, path)?;
                Ok(number)
            })
        }
        None => desk::export(&store, format, since, &mut BufWriter::new(io::stdout().lock()), progress).await,
    };
    store.close().await;
    let exported = written.map_err(Failure::operation)?;
    if args.out.is_some() {
        complain(&format!("{} exported", exported.written));
    }
    all_of_it(&exported.left_out)
}

/// An export that lacks something has failed, though the rest of it is there.
fn all_of_it(left_out: &[String]) -> Result<(), Failure> {
    match left_out {
        [] => Ok(()),
        some => Err(Failure::Operation(format!(
            "left out, since a value of it was changed outside the program and does not open: {}; look for the cause, then restore a \
             copy from before it",
            some.join(", ")
        ))),
    }
}

async fn person(config: &Config, who: &str, format: ExportFormat, out: Option<&Path>) -> Result<(), Failure> {
    let now = clock().now();
    let (email, number) = (EmailAddress::parse(who).ok(), PhoneNumber::parse(who).ok());
    if email.is_none() && number.is_none() {
        return Err(Failure::usage("--person is neither an email address nor a phone number"));
    }
    let store = open_store(config, 2).await?;
    let all = match (&email, &number) {
        (Some(email), _) => desk::everything_about(&store, email, now).await?,
        (None, Some(number)) => desk::everything_about_number(&store, number, now).await?,
        (None, None) => None,
    };
    store.close().await;
    let all = all.ok_or_else(|| {
        Failure::Operation("nobody wrote from this address or gave this number; nothing was exported".to_owned())
    })?;
    let file = desk::file_of(&all.kept, format).map_err(Failure::operation)?;
    match out {
        Some(path) => {
            write_file(path, &file).map_err(|cause| Failure::Operation(format!("{}: {cause}", path.display())))?;
        }
        None => io::stdout().write_all(&file).map_err(Failure::operation)?,
    }
    all_of_it(&all.left_out)
}

/// A file for its owner only, whole or not at all.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("part");
    let mut file = private_file(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)
}

fn sync(mut out: BufWriter<File>) -> Result<(), ExportError> {
    out.flush()?;
    Ok(out.get_ref().sync_all()?)
}

pub(super) async fn erase(config: &Config, args: EraseArgs) -> Result<(), Failure> {
    let store = open_store(config, 2).await?;
    let mut calls = 0;
    let references = match (&args.email, &args.reference) {
        (Some(email), _) => {
            let email = EmailAddress::parse(email).map_err(|_| Failure::usage("--email is not an email address"))?;
            calls = desk::forget_calls_of(&store, &email).await?;
            store.references_of_person(&email).await?
        }
        (None, reference) => {
            let reference = reference.as_deref().and_then(Reference::parse);
            vec![
                reference
                    .ok_or_else(|| Failure::usage("--reference is not a reference; write it like BW-7K3M-9QXT"))?,
            ]
        }
    };
    if calls > 0 {
        say(format!(
            "{calls} {} erased with this address",
            if calls == 1 { "draft of a call" } else { "drafts of calls" }
        ))?;
    }
    let mut number = 0;
    for reference in &references {
        let Some(inquiry) = store.inquiry_number(reference).await? else { continue };
        let erased = desk::erase_unread(&store, Eraser::Operator, inquiry, reference, clock().now()).await?;
        number += 1;
        let merged = erased.merged.iter().map(|merged| format!(", and {merged}, which was merged into it"));
        say(format!(
            "{reference} erased, with {} lines of its timeline and {} mails of the outbox{}",
            erased.entries,
            erased.mails,
            merged.collect::<String>()
        ))?;
    }
    store.close().await;
    if let (1.., Route::Folder(folder)) = (number, &config.mail.route) {
        say(format!("mails that were written to {} are files there and were not touched", folder.display()))?;
    }
    for copy in desk::Copies::of(&config.data_dir).that_are_there().iter().filter(|_| number > 0) {
        say(format!("still in the backup {copy}, which forgets it when it is restored here"))?;
    }
    match (number, calls) {
        (0, 0) => Err(Failure::Operation("no such inquiry; nothing was erased".to_owned())),
        _ => Ok(()),
    }
}
