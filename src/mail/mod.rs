//! How mail leaves: a mail server or a folder. What came of a try is decided here, where the server's reply is read.

mod account;
mod courier;
mod letterhead;
mod message;
mod notice;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;

pub use courier::{Courier, deliver_due};
pub use letterhead::Letterhead;
pub use message::{render, test_message, written};

use crate::config::{Route, Security, Smtp};
use crate::outbox::{IN_A_FILE, Verdict};
use crate::secret::private_file;

/// lettre's own timeout covers the connect only, and a server may fall silent after any command.
/// Shorter than a message stays in hand, so that it is never in two hands at once.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(45);

/// The way out.
#[derive(Clone)]
pub enum Post {
    /// One file a mail.
    Folder(std::path::PathBuf),
    /// A mail server, with a few connections kept for a short while.
    Server(Box<AsyncSmtpTransport<Tokio1Executor>>),
}

impl Post {
    /// Prepares the way out that the configuration names; nothing is connected yet.
    ///
    /// # Errors
    /// An authority file that cannot be read, or TLS settings that cannot be made.
    pub fn open(route: &Route) -> io::Result<Self> {
        match route {
            Route::Folder(folder) => Ok(Self::Folder(folder.clone())),
            Route::Smtp(smtp) => Ok(Self::Server(Box::new(transport(smtp)?))),
        }
    }

    /// One attempt, never longer than 45 seconds.
    pub async fn send(&self, id: &str, message: &Message) -> Verdict {
        match self {
            Self::Folder(folder) => {
                let (into, name, bytes) = (folder.clone(), id.to_owned(), message.formatted());
                match apart(move || write_mail(&into, &name, &bytes)).await {
                    Ok(()) => Verdict::Sent(format!("{IN_A_FILE}{}", folder.join(format!("{id}.eml")).display())),
                    Err(e) => Verdict::TryAgain(format!("the mail folder cannot be written: {e}")),
                }
            }
            Self::Server(server) => match tokio::time::timeout(LONGEST_ATTEMPT, server.send(message.clone())).await {
                Ok(Ok(answer)) => {
                    let words = answer.message().collect::<Vec<_>>().join(" ");
                    Verdict::Sent(on_one_line(&format!("{} {words}", answer.code())))
                }
                Ok(Err(e)) => verdict(&e),
                Err(_) => Verdict::TryAgain("the mail server did not answer in time".to_owned()),
            },
        }
    }

    /// Whether the mail server answers, for `backwise check --mail`.
    ///
    /// # Errors
    /// What it said, or that it did not.
    pub async fn probe(&self) -> Result<(), String> {
        match self {
            Self::Folder(folder) => {
                let folder = folder.clone();
                apart(move || try_folder(&folder)).await.map_err(|e| e.to_string())
            }
            Self::Server(server) => match tokio::time::timeout(LONGEST_ATTEMPT, server.test_connection()).await {
                Ok(Ok(true)) => Ok(()),
                Ok(Ok(false)) => Err("the mail server closed the connection".to_owned()),
                Ok(Err(e)) => Err(words(&e)),
                Err(_) => Err("the mail server did not answer in time".to_owned()),
            },
        }
    }
}

/// 5xx is final, and so is an address that the server says it cannot read; everything else (4xx, refused, silent, TLS
/// trouble) may pass, and giving up would lose words.
fn verdict(error: &lettre::transport::smtp::Error) -> Verdict {
    let is_unreadable = error.is_client() && words(error).contains("SMTPUTF8");
    match error.is_permanent() || is_unreadable {
        true => Verdict::GiveUp(words(error)),
        false => Verdict::TryAgain(words(error)),
    }
}

/// The server's own words with their cause, on one line, for the desk and `mail list`.
fn words(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let next_words = next.to_string();
        if !text.contains(&next_words) {
            text = format!("{text}: {next_words}");
        }
        cause = next.source();
    }
    on_one_line(&text)
}

/// What somebody else's program said, short enough to be shown.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

fn transport(smtp: &Smtp) -> io::Result<AsyncSmtpTransport<Tokio1Executor>> {
    let tls = match smtp.security {
        Security::Plain => Tls::None,
        Security::StartTls => Tls::Required(tls_parameters(smtp)?),
        Security::Implicit => Tls::Wrapper(tls_parameters(smtp)?),
    };
    // The server may close an idle connection; one that is kept for long fails the next mail once.
    let pool = PoolConfig::new().min_idle(0).max_size(4).idle_timeout(Duration::from_secs(20));
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
        .port(smtp.port)
        .tls(tls)
        .timeout(Some(Duration::from_secs(20)))
        .pool_config(pool);
    if let Some((user, password)) = &smtp.credentials {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
    }
    Ok(builder.build())
}

fn tls_parameters(smtp: &Smtp) -> io::Result<TlsParameters> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(path) = &smtp.ca {
        let pem = fs::read(path).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
        let authority =
            Certificate::from_pem(&pem).map_err(|e| io::Error::other(format!("{}: {e}", path.display())))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(|e| io::Error::other(e.to_string()))
}

/// Files on a thread where waiting harms nobody, and no longer than a mail server would get.
async fn apart(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    match tokio::time::timeout(LONGEST_ATTEMPT, tokio::task::spawn_blocking(work)).await {
        Ok(done) => done.unwrap_or_else(|e| Err(io::Error::other(e.to_string()))),
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "it took too long")),
    }
}

/// Writes a file and takes it away again.
fn try_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let probe = folder.join(".probe.tmp");
    private_file(&probe)?.write_all(b"probe")?;
    fs::remove_file(probe)
}

/// A repeat writes the same file again, so the folder never holds a message twice, nor half of one.
fn write_mail(folder: &Path, id: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{id}.tmp"));
    let mut file = private_file(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, folder.join(format!("{id}.eml")))?;
    fs::File::open(folder)?.sync_all()
}
