//! How it is run: the commands, what they print and how they end. Exit 0 for success, 1 for a failed operation,
//! 2 for wrong usage or configuration.

mod audit;
mod backup;
mod check;
mod data;
mod fill;
mod keeping;
mod key;
mod known;
mod mail;
mod serve;
mod user;

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use serve::{Beside, Prepared, prepare};

use self::known::KnownDatabases;
use crate::clock::Clock;
use crate::config::{Config, Database, Detail, Fault};
use crate::content::{Content, Practice, StaffMail};
use crate::secret::SecretKey;
use crate::store::{self, Expected, Store};
use crate::telemetry;

/// Connections to PostgreSQL of one process, the courier's three not counted.
const CONNECTIONS: u32 = 10;

/// The website and inquiry desk of a clinic that offers massage for back pain.
#[derive(Parser)]
#[command(name = "backwise", version, propagate_version = true, about, after_help = AFTER_HELP)]
struct Cli {
    /// Settings file [default: backwise.toml in the working directory, when it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "Without a command, backwise serves. Every key of the settings file can be set in the environment: \
server.bind as BACKWISE_SERVER__BIND. Exit codes: 0 success, 1 a failed operation, 2 wrong usage or configuration.";

#[derive(Subcommand)]
enum Command {
    /// Serve the site and the desk, and deliver mail
    Serve,
    /// Validate configuration, content and database without serving
    Check(check::Args),
    /// Look after the accounts of the desk
    #[command(subcommand)]
    User(user::Command),
    /// Look after the outbox
    #[command(subcommand)]
    Mail(mail::Command),
    /// Write all inquiries to a file or to stdout
    Export(data::ExportArgs),
    /// Erase a person's inquiries with notes, timeline and mails, and say what went
    Erase(data::EraseArgs),
    /// Erase what was kept long enough (`serve` does it daily)
    Purge(keeping::PurgeArgs),
    /// Write a copy of the database while it is in use, and check it
    Backup(backup::BackupArgs),
    /// Check a copy of the database, make up for what happened since, and put it in place
    Restore(backup::RestoreArgs),
    /// Look after the keys under which people's words are sealed
    #[command(subcommand)]
    Key(key::Command),
    /// Fill an empty database with made-up inquiries, to measure at size
    #[command(hide = true)]
    Fill(fill::FillArgs),
    /// Look into the audit log: who did and read what
    #[command(subcommand)]
    Audit(audit::Command),
}

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Wrong usage or configuration: exit 2. Every line is one fault.
    Usage(Vec<String>),
    /// The operation failed: exit 1.
    Operation(String),
}

impl Failure {
    fn operation(cause: impl Display) -> Self {
        Self::Operation(cause.to_string())
    }

    fn usage(line: impl Into<String>) -> Self {
        Self::Usage(vec![line.into()])
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::operation(error)
    }
}

/// Reads the command line, does what it says, and gives how the process ends.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(words) => {
            // Help and version are successes; a closed stdout is nobody's fault.
            let _closed = words.print();
            return ExitCode::from(if words.use_stderr() { 2 } else { 0 });
        }
    };
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(lines)) => {
            lines.iter().for_each(|line| complain(line));
            ExitCode::from(2)
        }
        Err(Failure::Operation(line)) => {
            complain(&line);
            ExitCode::from(1)
        }
    }
}

fn complain(line: &str) {
    use std::io::Write;
    let _closed = writeln!(std::io::stderr(), "backwise: {line}");
}

/// Prints a line on stdout. A reader who went away is no failure; a full disk is.
fn say(line: impl Display) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write};
    match writeln!(std::io::stdout(), "{line}") {
        Err(cause) if cause.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Operation(format!("stdout cannot be written: {cause}")))
        }
        _ => Ok(()),
    }
}

fn start(cli: Cli) -> Result<(), Failure> {
    let environment =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::load(cli.config.as_deref(), environment);
    let command = cli.command.unwrap_or(Command::Serve);
    if let (Command::Check(args), Err(faults)) = (&command, &config) {
        return Err(check::broken_configuration(args, faults));
    }
    let config = config.map_err(|faults| Failure::Usage(faults.iter().map(Fault::to_string).collect()))?;
    let (filter, serves) = (std::env::var("RUST_LOG").ok(), matches!(command, Command::Serve));
    let _log = telemetry::start(config.server.log, filter.as_deref(), serves);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::operation)?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(&config).await,
            Command::Check(args) => check::run(&config, cli.config.as_deref(), &args).await,
            Command::User(command) => user::run(&config, command).await,
            Command::Mail(command) => mail::run(&config, command).await,
            Command::Export(args) => data::export(&config, args).await,
            Command::Erase(args) => data::erase(&config, args).await,
            Command::Purge(args) => keeping::purge(&config, args).await,
            Command::Backup(args) => backup::backup(&config, args).await,
            Command::Restore(args) => backup::restore(&config, args).await,
            Command::Key(command) => key::run(&config, command).await,
            Command::Fill(args) => fill::run(&config, args).await,
            Command::Audit(command) => audit::run(&config, command).await,
        }
    })
}

/// Opens the database where the configuration says; one that was used before and is missing or damaged is refused.
async fn open_store(config: &Config, connections: u32) -> Result<Store, store::Error> {
    open_store_that_is(Expected::Used, config, connections).await
}

/// The same, with every page of a used file read.
async fn open_whole_store(config: &Config, connections: u32) -> Result<Store, store::Error> {
    open_store_that_is(Expected::Whole, config, connections).await
}

async fn open_store_that_is(expected: Expected, config: &Config, connections: u32) -> Result<Store, store::Error> {
    let (keys, patience) = (&config.privacy.keys, config.patience.database);
    match &config.database {
        Database::Sqlite(path) => {
            let known = KnownDatabases::read(config, path);
            let store =
                Store::open_sqlite(path, if known.is_used() { expected } else { Expected::Anything }, keys, patience)
                    .await?;
            known.remember()?;
            Ok(store)
        }
        Database::Postgres(url) => Store::open_postgres(url, connections, keys, patience).await,
    }
}

/// The key beside the data; made anew only while there is no inquiry whose receipt depends on it.
async fn open_key(config: &Config, store: &Store) -> Result<SecretKey, Failure> {
    let path = config.data_dir.join("secret.key");
    if !path.exists() && !store.inquiries_after(0, jiff::Timestamp::MIN, 1).await?.is_empty() {
        return Err(Failure::Operation(format!(
            "{} is missing, though the database holds inquiries, whose receipts and open forms depend on it; put it back from your copy, or, \
             to go on without them, make a new one: head -c 32 /dev/urandom > {0}",
            path.display()
        )));
    }
    std::fs::create_dir_all(&config.data_dir)
        .and_then(|()| SecretKey::load_or_create(&config.data_dir))
        .map_err(|cause| Failure::Operation(format!("{}: {cause}", config.data_dir.join("secret.key").display())))
}

fn load_content(config: &Config) -> Result<Content, Failure> {
    let content = Content::load(config.content_dir.as_deref())
        .map_err(|faults| Failure::Usage(faults.iter().map(ToString::to_string).collect()))?;
    Ok(content.as_practised(&practice(config)))
}

/// What the privacy statement says of the settings.
fn practice(config: &Config) -> Practice {
    Practice {
        staff_mail: match config.mail.detail {
            Detail::Full => StaffMail::Full,
            Detail::Contact => StaffMail::Contact,
            Detail::Link => StaffMail::Link,
        },
        recipients: config.mail.staff.len(),
        acknowledges: config.mail.acknowledge,
        kept_days: config.privacy.retention_days,
    }
}

fn public_url(config: &Config, bound: std::net::SocketAddr) -> String {
    config.server.public_url.clone().unwrap_or_else(|| format!("{}://{bound}", config.server.scheme()))
}

fn clock() -> Clock {
    Clock::system()
}
