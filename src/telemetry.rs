//! Log lines, on stderr. They name references and ids, never people or their words; what a line may hold
//! is decided where it is written, and tests search the whole log for words their patients typed.

use std::io;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// How log lines are written (`server.log`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One readable line an event.
    #[default]
    Text,
    /// One JSON object an event.
    Json,
}

/// The target of the lines about each entry of the audit log: for another system to keep.
pub const AUDIT_LINES: &str = "backwise::audit_log";

/// Starts logging to stderr. `filter` is what `RUST_LOG` says, such as `info,sqlx=warn`; one that cannot be
/// read counts as the default. A command that does not serve
/// leaves the lines about the audit log out: its next head proves them too. Calling this twice keeps the first. What is logged is written out until the guard is dropped.
///
/// Lines go through a bounded queue to a thread of their own: a reader that does not read its pipe costs lines, never a
/// request.
#[must_use = "lines are lost once it is dropped"]
pub fn start(format: LogFormat, filter: Option<&str>, serves: bool) -> WorkerGuard {
    let filter = filter.and_then(|text| text.parse::<Targets>().ok()).unwrap_or_else(|| default_filter(serves));
    // A closed stderr must not bring the server down, nor fill it with complaints about itself.
    let (stderr, guard) = tracing_appender::non_blocking(io::stderr());
    let quiet = fmt::layer().with_writer(stderr).with_ansi(false).log_internal_errors(false);
    let layer = match format {
        LogFormat::Text => quiet.boxed(),
        LogFormat::Json => quiet.json().boxed(),
    };
    let _already_started = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    guard
}

/// Slow statements are logged by sqlx as warnings: SQL text only, no values.
fn default_filter(serves: bool) -> Targets {
    let audit_lines = if serves { LevelFilter::INFO } else { LevelFilter::OFF };
    Targets::new()
        .with_default(tracing::Level::WARN)
        .with_target("backwise", tracing::Level::INFO)
        .with_target(AUDIT_LINES, audit_lines)
        .with_target("actix_server", tracing::Level::WARN)
        // Every stranger who sends something else than HTTP would be an error in our log.
        .with_target("actix_http", LevelFilter::OFF)
}
