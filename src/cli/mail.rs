//! `backwise mail`: a test mail, and the outbox from a shell.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::{Failure, clock, load_content, open_key, open_store, say, serve};
use crate::config::Config;
use crate::contact::EmailAddress;
use crate::mail::{Post, test_message};
use crate::outbox::{About, OwedMessage, State, Verdict};
use crate::store::Which;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Send one real test mail and print what the mail server answered
    Test {
        /// Where to
        address: String,
    },
    /// List the outbox, newest first
    List(ListArgs),
    /// Try mails that were given up once more, or one that waits at once
    Retry(RetryArgs),
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// Only those in this state
    #[arg(long)]
    state: Option<StateArg>,
    /// Write one JSON object a mail
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true))]
pub(super) struct RetryArgs {
    /// The mail's id, from `mail list`
    #[arg(group = "which")]
    id: Option<String>,
    /// Every mail that was given up
    #[arg(long, group = "which")]
    all: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum StateArg {
    Queued,
    Sent,
    Failed,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    state: &'a str,
    kind: &'a str,
    inquiry: Option<&'a str>,
    recipient: &'a str,
    attempts: i64,
    created_at: String,
    next_attempt_at: Option<String>,
    settled_at: Option<String>,
    answer: Option<&'a str>,
}

pub(super) async fn run(config: &Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Test { address } => test(config, &address).await,
        Command::List(args) => list(config, args).await,
        Command::Retry(args) => retry(config, args).await,
    }
}

async fn test(config: &Config, address: &str) -> Result<(), Failure> {
    let address = EmailAddress::parse(address)
        .map_err(|_| Failure::usage("ADDRESS is not an email address; write it like name@example.org"))?;
    let content = load_content(config)?;
    let key = crate::secret::SecretKey::passing().map_err(Failure::operation)?;
    let letterhead = serve::letterhead(config, content, key, &super::public_url(config, config.server.bind));
    let message = test_message(&letterhead, &address, clock().now()).map_err(Failure::Operation)?;
    let post = Post::open(&config.mail.route).map_err(|cause| Failure::usage(format!("mail.url: {cause}")))?;
    let id = format!("test-{}", clock().now().as_millisecond());
    match post.send(&id, &message).await {
        Verdict::Sent(words) => say(format!("sent: {words}")),
        Verdict::TryAgain(why) => Err(Failure::Operation(format!("not sent, and it may work later: {why}"))),
        Verdict::GiveUp(why) => Err(Failure::Operation(format!("refused: {why}"))),
    }
}

async fn list(config: &Config, args: ListArgs) -> Result<(), Failure> {
    let store = open_store(config, 1).await?;
    let state = args.state.map(|state| match state {
        StateArg::Queued => State::Queued,
        StateArg::Sent => State::Sent,
        StateArg::Failed => State::Failed,
    });
    let messages = store.outbox(state, i64::MAX).await?;
    store.close().await;
    for owed in &messages {
        let line = line(owed);
        match args.json {
            true => say(serde_json::to_string(&line).map_err(Failure::operation)?)?,
            false => say(format!(
                "{}\t{}\t{}\t{}\t{}\t{}\t{}",
                line.id,
                line.state,
                line.kind,
                line.inquiry.unwrap_or("-"),
                line.recipient,
                line.attempts,
                line.answer.unwrap_or("-")
            ))?,
        }
    }
    Ok(())
}

fn line(owed: &OwedMessage) -> Line<'_> {
    Line {
        id: &owed.id,
        state: owed.state.as_str(),
        kind: owed.kind.as_str(),
        inquiry: owed.about.reference(),
        recipient: recipient(owed),
        attempts: owed.attempts,
        created_at: owed.created_at.to_string(),
        next_attempt_at: (owed.state == State::Queued).then(|| owed.next_attempt_at.to_string()),
        settled_at: owed.settled_at.map(|at| at.to_string()),
        answer: owed.last_answer.as_deref(),
    }
}

fn recipient(owed: &OwedMessage) -> &str {
    match (&owed.recipient, &owed.about) {
        (Some(address), _) => address,
        (None, About::Inquiry { .. }) => "the writer",
        (None, About::Account(_)) => "the account's owner",
    }
}

async fn retry(config: &Config, args: RetryArgs) -> Result<(), Failure> {
    let store = open_store(config, 2).await?;
    open_key(config, &store).await?;
    let now = clock().now();
    let mut tx = store.begin().await?;
    let queued = tx.retry_messages(args.id.as_deref().map_or(Which::GivenUp, Which::One), now).await?;
    if queued > 0 {
        tx.add_audit(now, "operator", "mail.retry", args.id.as_deref().unwrap_or("all"), "").await?;
    }
    tx.commit().await?;
    store.close().await;
    match (queued, args.all) {
        (0, false) => {
            Err(Failure::Operation("no mail with this id waits or was given up; see `backwise mail list`".to_owned()))
        }
        (queued, _) => say(format!("{queued} queued")),
    }
}
