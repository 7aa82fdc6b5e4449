//! `backwise audit`: proving that nobody changed the log of who did and read what.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::data::FormatArg;
use super::{Failure, clock, open_store, say};
use crate::config::Config;
use crate::desk::{self, HeadFile};
use crate::inquiry::Reference;
use crate::store::{AuditHead, AuditProof};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Prove the audit log unbroken, or name the first broken entry
    Verify(VerifyArgs),
    /// List who has read one inquiry and what was done with it, for the person who wrote it
    Show(ShowArgs),
}

#[derive(Args)]
pub(super) struct ShowArgs {
    /// The inquiry with this reference; it may be erased already
    #[arg(long, value_name = "REF")]
    reference: String,
    /// CSV for spreadsheets, or one JSON object a line
    #[arg(long, default_value = "csv")]
    format: FormatArg,
}

#[derive(Args)]
pub(super) struct VerifyArgs {
    /// A head that was printed before and kept elsewhere: the log must still hold it
    #[arg(long, value_name = "NUMBER:HASH")]
    head: Option<AuditHead>,
    /// A file of log lines as another system kept them: the log must still hold every entry they tell of
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Take the log as it is, though it lacks an end that it had before: after restoring a copy. That is recorded
    #[arg(long)]
    accept: bool,
    /// Write one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Verify(args) => verify(config, &args).await,
        Command::Show(args) => show(config, &args).await,
    }
}

async fn show(config: &Config, args: &ShowArgs) -> Result<(), Failure> {
    let reference = Reference::parse(&args.reference)
        .ok_or_else(|| Failure::usage("--reference is not a reference; write it like BW-7K3M-9QXT"))?;
    let store = open_store(config, 2).await?;
    let accesses = desk::accesses(&store, &reference).await?;
    store.close().await;
    if accesses.is_empty() {
        return Err(Failure::Operation("the audit log does not know this reference".to_owned()));
    }
    match args.format {
        FormatArg::Csv => {
            let file = desk::csv_of_accesses(&accesses).map_err(Failure::operation)?;
            std::io::stdout().write_all(&file).map_err(Failure::operation)
        }
        FormatArg::Jsonl => {
            accesses.iter().try_for_each(|access| say(serde_json::to_string(access).map_err(Failure::operation)?))
        }
    }
}

#[derive(Serialize)]
struct Proven {
    whole: bool,
    entries: u64,
    head: String,
    broken: Option<i64>,
    missing: Vec<String>,
}

async fn verify(config: &Config, args: &VerifyArgs) -> Result<(), Failure> {
    let mut known: Vec<AuditHead> = args.head.into_iter().collect();
    if let Some(log) = &args.log {
        known.extend(heads_in(log)?);
    }
    let store = open_store(config, 2).await?;
    let file = HeadFile::of(&config.data_dir);
    let proof = desk::prove_audit(&store, &file, &known).await.map_err(Failure::operation)?;
    let reached = proof.missing.iter().map(|head| head.seq).max();
    let accepted = args.accept && proof.broken.is_none();
    if let (true, Some(reached)) = (accepted, reached) {
        desk::accept_audit(&store, &file, reached, clock().now()).await.map_err(Failure::operation)?;
    }
    store.close().await;
    if args.json {
        let missing = proof.missing.iter().map(AuditHead::to_string).collect();
        let AuditProof { entries, head, broken, .. } = proof;
        let line = Proven { whole: proof.is_whole(), entries, head: head.to_string(), broken, missing };
        say(serde_json::to_string(&line).map_err(Failure::operation)?)?;
    }
    match (proof.broken, reached) {
        (Some(seq), _) => Err(Failure::Operation(format!(
            "the audit log is broken: entry {seq} is not what was written, or an entry before it was taken out or put in"
        ))),
        (None, Some(reached)) if accepted => {
            say_plainly(args, format!("taken as it is: the log had reached entry {reached}; that is recorded in it"))
        }
        (None, Some(reached)) => Err(Failure::Operation(format!(
            "the audit log is not the one that was seen before: it had reached entry {reached} and now ends at entry {}, or that \
             entry was rewritten. If you restored a copy, run: backwise audit verify --accept",
            proof.head.seq
        ))),
        (None, None) => say_plainly(args, format!("unbroken: {} entries, the head is {}", proof.entries, proof.head)),
    }
}

/// The heads that the log's lines about its entries tell, in either form of log line.
fn heads_in(log: &Path) -> Result<Vec<AuditHead>, Failure> {
    let unreadable = |cause: io::Error| Failure::Operation(format!("{}: {cause}", log.display()));
    let mut heads = Vec::new();
    for line in BufReader::new(File::open(log).map_err(unreadable)?).split(b'\n') {
        let line = line.map_err(unreadable)?;
        let line = String::from_utf8_lossy(&line);
        if line.contains("audit.entry") {
            let parts = line.split(|c: char| !c.is_ascii_hexdigit() && c != ':');
            heads.extend(parts.filter_map(|part| part.parse::<AuditHead>().ok()));
        }
    }
    if heads.is_empty() {
        return Err(Failure::Operation(format!("{}: no line here tells of an entry of the audit log", log.display())));
    }
    Ok(heads)
}

fn say_plainly(args: &VerifyArgs, words: String) -> Result<(), Failure> {
    if args.json { Ok(()) } else { say(words) }
}
