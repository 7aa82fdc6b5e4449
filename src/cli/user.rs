//! `backwise user`: accounts from a shell on the server, for the first one and for when nobody can sign in.

use std::io::Read;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::{Failure, clock, open_key, open_store, say};
use crate::config::Config;
use crate::contact::EmailAddress;
use crate::desk::accounts::{self, By, Changed, Delivery, Link, Newcomer};
use crate::secret::SecretKey;
use crate::staff::{Hasher, Password, Role, SHORTEST_ALONE, StaffMember, read_name};
use crate::store::Store;
use crate::web;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an account; without a password it prints a one-time welcome link
    Add(AddArgs),
    /// List the accounts
    List {
        /// Write one JSON object an account
        #[arg(long)]
        json: bool,
    },
    /// Take an account's password and sessions away and print a one-time link for a new password
    Reset {
        /// The account's email address
        email: String,
        /// Take the second factor and its recovery codes away too, for a lost phone
        #[arg(long)]
        second_factor: bool,
    },
    /// Disable an account; its sessions end at once
    Disable {
        /// The account's email address
        email: String,
    },
    /// Let a disabled account sign in again
    Enable {
        /// The account's email address
        email: String,
    },
}

#[derive(Args)]
pub(super) struct AddArgs {
    /// The email address they sign in with
    email: String,
    /// What they may do: staff read and answer inquiries, admins look after accounts too
    #[arg(long)]
    role: RoleArg,
    /// The name colleagues see
    #[arg(long)]
    name: Option<String>,
    /// Read the password from stdin (its first line)
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArg {
    Admin,
    Staff,
}

#[derive(Serialize)]
struct Account<'a> {
    email: &'a str,
    name: &'a str,
    role: &'a str,
    state: &'a str,
    second_factor: bool,
    created_at: String,
    last_seen: Option<String>,
}

pub(super) async fn run(config: &Config, command: Command) -> Result<(), Failure> {
    let store = open_store(config, 2).await?;
    // A server and this command must agree on the key before either uses it.
    let key = open_key(config, &store).await?;
    let outcome = match command {
        Command::Add(args) => add(config, &store, &key, args).await,
        Command::List { json } => list(&store, json).await,
        Command::Reset { email, second_factor } => {
            let what = if second_factor { accounts::Reset::PasswordAndFactor } else { accounts::Reset::Password };
            reset(config, &store, &key, &email, what).await
        }
        Command::Disable { email } => disable(&store, &email).await,
        Command::Enable { email } => enable(&store, &email).await,
    };
    store.close().await;
    outcome
}

async fn add(config: &Config, store: &Store, key: &SecretKey, args: AddArgs) -> Result<(), Failure> {
    let email = EmailAddress::parse(&args.email)
        .map_err(|_| Failure::usage("EMAIL is not an email address; write it like name@example.org"))?;
    let role = match args.role {
        RoleArg::Admin => Role::Admin,
        RoleArg::Staff => Role::Staff,
    };
    let name = read_name(args.name.as_deref().unwrap_or_default())
        .ok_or_else(|| Failure::usage("--name can have 100 characters, none of them a control character"))?;
    let name = if name.is_empty() { email.as_str() } else { name };
    let new = Newcomer { email: &email, name, role };
    let taken = || Failure::Operation("this address has an account already; see `backwise user list`".to_owned());
    if args.password_stdin {
        let hash = hash(config, &email).await?;
        let added = accounts::add_with_password(store, By::Operator, new, &hash, clock().now()).await?;
        return if added { say("added") } else { Err(taken()) };
    }
    match accounts::add(store, key, By::Operator, new, Delivery::Shown, clock().now()).await? {
        Some(link) => print_link(config, link),
        None => Err(taken()),
    }
}

async fn hash(config: &Config, email: &EmailAddress) -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .take(4096)
        .read_to_string(&mut text)
        .map_err(|_| Failure::usage("the password on stdin is not valid UTF-8"))?;
    let typed = text.lines().next().unwrap_or_default();
    let own = [config.clinic.name.as_str(), config.clinic.city.as_str(), email.as_str()];
    let password = Password::parse(typed, &own, SHORTEST_ALONE)
        .map_err(|fault| Failure::usage(format!("the password {fault}; choose another one")))?;
    Hasher::default().hash(password).await.map_err(Failure::operation)
}

async fn list(store: &Store, json: bool) -> Result<(), Failure> {
    for member in store.staff().await? {
        let account = Account {
            email: member.email.as_str(),
            name: &member.name,
            role: member.role.as_str(),
            state: state(&member),
            second_factor: member.has_second_factor,
            created_at: member.created_at.to_string(),
            last_seen: member.seen_at.map(|at| at.to_string()),
        };
        match json {
            true => say(serde_json::to_string(&account).map_err(Failure::operation)?)?,
            false => say(format!("{}\t{}\t{}\t{}", account.email, account.role, account.state, account.name))?,
        }
    }
    Ok(())
}

fn state(member: &StaffMember) -> &'static str {
    match member {
        member if member.disabled_at.is_some() => "disabled",
        member if member.password_hash.is_none() => "no password yet",
        _ => "active",
    }
}

async fn reset(
    config: &Config,
    store: &Store,
    key: &SecretKey,
    email: &str,
    what: accounts::Reset,
) -> Result<(), Failure> {
    let member = find(store, email).await?;
    if member.disabled_at.is_some() {
        return Err(Failure::Operation("this account is disabled; `backwise user enable` it first".to_owned()));
    }
    match accounts::reset(store, key, By::Operator, &member, what, Delivery::Shown, clock().now()).await? {
        Changed::Done(link) => print_link(config, link),
        Changed::LastAdmin => Err(last_admin()),
    }
}

async fn disable(store: &Store, email: &str) -> Result<(), Failure> {
    let member = find(store, email).await?;
    match accounts::disable(store, By::Operator, &member, clock().now()).await? {
        Changed::Done(()) => say("disabled"),
        Changed::LastAdmin => Err(last_admin()),
    }
}

fn last_admin() -> Failure {
    Failure::Operation("this is the last admin; add another admin first".to_owned())
}

async fn enable(store: &Store, email: &str) -> Result<(), Failure> {
    let member = find(store, email).await?;
    accounts::enable(store, By::Operator, &member, clock().now()).await?;
    say("enabled")
}

async fn find(store: &Store, email: &str) -> Result<StaffMember, Failure> {
    let unknown = || Failure::Operation("no account has this address; see `backwise user list`".to_owned());
    let email = EmailAddress::parse(email).map_err(|_| unknown())?;
    store.staff_by_email(&email).await?.ok_or_else(unknown)
}

/// The link leads to where people reach the site; with port 0 and no `server.public_url` only `serve` knows where.
fn print_link(config: &Config, link: Link) -> Result<(), Failure> {
    let site = match (&config.server.public_url, config.server.bind.port()) {
        (None, 0) => "(the address that serve prints)".to_owned(),
        _ => super::public_url(config, config.server.bind),
    };
    let Link::Secret(secret) = link else { return say("the link is on its way by mail") };
    say(format!("one-time link, valid for an hour: {site}{}", web::welcome_path(&secret)))
}
