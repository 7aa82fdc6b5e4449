//! `backwise serve`: everything in one process, and an orderly end.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

use super::{CONNECTIONS, Failure, clock, load_content, open_key, open_store, public_url, say};
use crate::config::{ClinicView, Config, Database};
use crate::content::Content;
use crate::desk::Policy;
use crate::mail::{Courier, Letterhead, Post};
use crate::secret::SecretKey;
use crate::store::{ServerLock, Store};
use crate::web::{self, Parts, Site};

/// The courier's own connections to PostgreSQL: its sockets belong to the runtime it runs on.
const COURIER_CONNECTIONS: u32 = 3;
/// A mail in hand gets this long to leave at the end; it is claimed, so another process repeats it later if not.
const LAST_MAIL: Duration = Duration::from_secs(50);

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let content = load_content(config)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let _lock = take_lock(config)?;
    // The database first: a missing one beside an existing key must stop us before anything is made.
    let store = open_store(config, CONNECTIONS).await?;
    let key = open_key(config)?;
    let listener = listen(config)?;
    let bound = listener.local_addr().map_err(Failure::operation)?;
    let public_url = public_url(config, bound);
    let bell = Arc::new(Notify::new());
    let courier = courier(config, &content, &key, &public_url, &bell, &store).await?;

    let server =
        web::serve(parts(config, content, &store, &key, &public_url, &bell), listener).map_err(Failure::operation)?;
    let handle = server.handle();
    let (stop, stopped) = watch::channel(false);
    let delivery = tokio::spawn(courier.run(stopped));
    // Before we announce ourselves: a signal sent right after the line must find us ready.
    let mut signals = Signals::new()?;
    let serving = tokio::spawn(server);
    say(format!("listening on http://{bound}"));
    if store.has_no_staff().await? {
        say(format!("make the first admin: {public_url}{}", web::welcome_path(&key.first_admin_secret())));
    }
    let mut serving = serving;
    let ended = tokio::select! {
        ended = &mut serving => Some(ended),
        () = signals.next() => None,
    };
    let _nobody_listens = stop.send(true);
    let outcome = match ended {
        Some(ended) => ended.map_err(Failure::operation)?.map_err(Failure::operation),
        None => {
            handle.stop(true).await;
            Ok(())
        }
    };
    let _too_slow = tokio::time::timeout(LAST_MAIL, delivery).await;
    store.close().await;
    outcome
}

fn take_lock(config: &Config) -> Result<Option<ServerLock>, Failure> {
    match &config.database {
        Database::Sqlite(path) => Ok(Some(ServerLock::take(path)?)),
        Database::Postgres(_) => Ok(None),
    }
}

fn listen(config: &Config) -> Result<TcpListener, Failure> {
    let bind = config.server.bind;
    TcpListener::bind(bind).map_err(|cause| {
        Failure::Operation(format!(
            "server.bind: cannot listen on {bind}: {cause}; stop what uses it, or choose another address or port"
        ))
    })
}

fn parts(
    config: &Config,
    content: Content,
    store: &Store,
    key: &SecretKey,
    public_url: &str,
    bell: &Arc<Notify>,
) -> Parts {
    Parts {
        site: Site::new(ClinicView::of(&config.clinic), public_url, &content),
        store: store.clone(),
        key: key.clone(),
        policy: policy(config, &content),
        content,
        clock: clock(),
        bell: bell.clone(),
        trusted_proxies: config.server.trusted_proxies.clone(),
        per_address_per_hour: config.limits.per_address_per_hour,
    }
}

fn policy(config: &Config, content: &Content) -> Policy {
    Policy {
        staff: config.mail.staff.clone(),
        acknowledge: config.mail.acknowledge,
        opening: config.clinic.hours.clone(),
        reply_within_hours: config.clinic.reply_within_hours,
        consent_version: content.privacy_version().to_owned(),
    }
}

async fn courier(
    config: &Config,
    content: &Content,
    key: &SecretKey,
    public_url: &str,
    bell: &Arc<Notify>,
    store: &Store,
) -> Result<Courier, Failure> {
    let store = match &config.database {
        Database::Sqlite(_) => store.clone(),
        Database::Postgres(_) => open_store(config, COURIER_CONNECTIONS).await?,
    };
    Ok(Courier {
        store,
        post: Post::open(&config.mail.route).map_err(|cause| Failure::usage(format!("mail.url: {cause}")))?,
        letterhead: Arc::new(letterhead(config, content.clone(), key.clone(), public_url)),
        clock: clock(),
        bell: bell.clone(),
    })
}

pub(super) fn letterhead(config: &Config, content: Content, key: SecretKey, public_url: &str) -> Letterhead {
    Letterhead {
        clinic: ClinicView::of(&config.clinic),
        public_url: public_url.to_owned(),
        from: config.mail.from.clone(),
        answers_to: config.clinic.email.clone(),
        detail: config.mail.detail,
        opening: config.clinic.hours.clone(),
        content,
        key,
    }
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(Failure::operation)?,
            interrupt: signal(SignalKind::interrupt()).map_err(Failure::operation)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
