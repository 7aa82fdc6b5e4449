//! `backwise serve`: everything in one process, and an orderly end.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

use super::{
    CONNECTIONS, Failure, clock, keeping, load_content, open_key, open_store, open_whole_store, public_url, say,
};
use crate::clock::Clock;
use crate::config::{ClinicView, Config, Database, Route};
use crate::content::Content;
use crate::desk::{Copies, HeadFile, Policy, Rounds};
use crate::mail::{Courier, Letterhead, Post};
use crate::secret::SecretKey;
use crate::staff::{Role, StaffMember};
use crate::store::{ServerLock, Store};
use crate::web::certificate::Certificate;
use crate::web::{self, Metrics, Parts, Server, Site, Watched};

/// The courier's own connections to PostgreSQL: its sockets belong to the runtime it runs on.
const COURIER_CONNECTIONS: u32 = 3;
/// A mail in hand gets this long to leave at the end; it is claimed, so another process repeats it later if not.
const LAST_MAIL: Duration = Duration::from_secs(50);

/// A server that is ready to run: everything opened, rendered and bound, nothing started.
pub struct Prepared {
    /// Where it listens.
    pub bound: SocketAddr,
    /// How people reach it.
    pub public_url: String,
    /// Where everything is kept.
    pub store: Store,
    /// Tokens and links are made with it.
    pub key: SecretKey,
    /// Delivers mail when run.
    pub courier: Courier,
    /// What the desk does by itself.
    pub rounds: Rounds,
    /// Serves when awaited.
    pub server: Server,
    /// The small servers on listeners of their own.
    pub beside: Beside,
    lock: Option<ServerLock>,
}

/// What serves beside the site, when it is set.
#[derive(Default)]
pub struct Beside {
    /// The certificate that we show.
    pub certificate: Option<Certificate>,
    /// Where plain HTTP is sent on.
    pub redirect_bound: Option<SocketAddr>,
    /// Where `/metrics` is served.
    pub metrics_bound: Option<SocketAddr>,
    /// Each serves when awaited.
    pub servers: Vec<Server>,
}

/// Opens, renders and binds what `backwise serve` runs.
///
/// # Errors
/// Whatever keeps the server from running, with its remedy.
pub async fn prepare(config: &Config, clock: Clock) -> Result<Prepared, Failure> {
    let content = load_content(config)?;
    let certificate = config.server.tls.as_ref().map(Certificate::open).transpose();
    let certificate = certificate.map_err(|fault| Failure::usage(fault.to_string()))?;
    let lock = take_lock(config)?;
    // The database first: a missing one beside an existing key must stop us before anything is made.
    let store = open_whole_store(config, CONNECTIONS).await?;
    let key = open_key(config, &store).await?;
    let listener = listen("server.bind", config.server.bind)?;
    let bound = listener.local_addr().map_err(Failure::operation)?;
    let public_url = public_url(config, bound);
    let bell = Arc::new(Notify::new());
    let courier = Courier {
        store: courier_store(config, &store).await?,
        post: Post::open(&config.mail.route).map_err(|cause| Failure::usage(format!("mail.url: {cause}")))?,
        letterhead: Arc::new(letterhead(config, content.clone(), key.clone(), &public_url)),
        clock: clock.clone(),
        bell: bell.clone(),
    };
    let policy = policy(config, &content);
    let rounds = Rounds { store: store.clone(), policy: policy.clone(), clock: clock.clone(), bell: bell.clone() };
    let parts = Parts {
        site: Site::new(ClinicView::of(&config.clinic), &public_url, &content),
        store: store.clone(),
        key: key.clone(),
        policy,
        content,
        clock,
        heads: HeadFile::of(&config.data_dir),
        copies: Copies::of(&config.data_dir),
        bell,
        trusted_proxies: config.server.trusted_proxies.clone(),
        patience: config.patience,
        per_address_per_hour: config.limits.per_address_per_hour,
        require_second_factor: config.desk.require_second_factor,
        metrics: Metrics::default(),
    };
    let mut beside = Beside { certificate, ..Beside::default() };
    if let Some(address) = config.server.redirect_bind {
        beside.redirect(address, &parts)?;
    }
    if let Some(address) = config.server.metrics_bind {
        beside.watch(address, config, &parts)?;
    }
    let server = web::serve(parts, listener, beside.certificate.as_ref()).map_err(Failure::operation)?;
    Ok(Prepared { bound, public_url, store, key, courier, rounds, server, beside, lock })
}

impl Beside {
    fn redirect(&mut self, address: SocketAddr, parts: &Parts) -> Result<(), Failure> {
        let listener = listen("server.redirect_bind", address)?;
        self.redirect_bound = Some(listener.local_addr().map_err(Failure::operation)?);
        let server = web::redirect(parts, listener);
        self.servers.push(server.map_err(Failure::operation)?);
        Ok(())
    }

    fn watch(&mut self, address: SocketAddr, config: &Config, parts: &Parts) -> Result<(), Failure> {
        let listener = listen("server.metrics_bind", address)?;
        self.metrics_bound = Some(listener.local_addr().map_err(Failure::operation)?);
        let watched = Watched {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            patience: parts.patience,
            data_dir: config.data_dir.clone(),
            certificate: self.certificate.clone(),
            metrics: parts.metrics.clone(),
        };
        self.servers.push(web::watch(watched, listener).map_err(Failure::operation)?);
        Ok(())
    }

    /// They end when they are told to stop; they hold nothing that must be finished.
    fn start(self, stopped: &watch::Receiver<bool>) {
        if let Some(address) = self.redirect_bound {
            tracing::info!(%address, "plain HTTP is sent on to HTTPS");
        }
        if let Some(address) = self.metrics_bound {
            tracing::info!(%address, "metrics are served");
        }
        if let Some(certificate) = self.certificate {
            tokio::spawn(certificate.follow_its_files(stopped.clone()));
        }
        for server in self.servers {
            tokio::spawn(run_until(server, stopped.clone()));
        }
    }
}

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let Prepared { bound, public_url, store, key, courier, rounds, server, beside, lock } =
        prepare(config, clock()).await?;
    let handle = server.handle();
    let (stop, stopped) = watch::channel(false);
    let delivery = tokio::spawn(courier.run(stopped.clone()));
    tokio::spawn(rounds.run(stopped.clone()));
    beside.start(&stopped);
    let heads = tokio::spawn(HeadFile::of(&config.data_dir).follow_until(store.clone(), stopped.clone()));
    let keeping = tokio::spawn(keeping::keep(store.clone(), config.privacy.retention_days, clock(), stopped));
    // Before we announce ourselves: a signal sent right after the line must find us ready.
    let mut signals = Signals::new()?;
    let mut serving = tokio::spawn(server);
    // Who closed our stdout does not want to know; the patients do not care.
    let _unread = say(format!("listening on {}://{bound}", config.server.scheme()));
    if let Some(way) = way_to_an_admin(&store, &key, &public_url).await? {
        let _unread = say(way);
    }
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
    // What it is at is a transaction, which then never was.
    keeping.abort();
    let _kept = heads.await;
    store.close().await;
    drop(lock);
    outcome
}

/// How somebody becomes an admin where none can sign in; None where one can.
async fn way_to_an_admin(store: &Store, key: &SecretKey, public_url: &str) -> Result<Option<String>, Failure> {
    if store.has_no_staff().await? {
        let path = web::welcome_path(&key.first_admin_secret());
        return Ok(Some(format!("make the first admin: {public_url}{path}")));
    }
    let can_sign_in = |member: &StaffMember| member.disabled_at.is_none() && member.password_hash.is_some();
    let has_one = store.staff().await?.iter().any(|member| member.role == Role::Admin && can_sign_in(member));
    let words = "no admin can sign in yet: `backwise user add EMAIL --role admin` prints a link for a new one, \
                 `backwise user reset EMAIL` for one who lost theirs";
    Ok((!has_one).then(|| words.to_owned()))
}

async fn run_until(server: Server, mut stopped: watch::Receiver<bool>) {
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let _told = stopped.wait_for(|stop| *stop).await.map(drop);
    handle.stop(true).await;
    let _ended = serving.await;
}

fn take_lock(config: &Config) -> Result<Option<ServerLock>, Failure> {
    match &config.database {
        Database::Sqlite(path) => Ok(Some(ServerLock::take(path)?)),
        Database::Postgres(_) => Ok(None),
    }
}

fn listen(key: &str, bind: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(bind).map_err(|cause| {
        Failure::Operation(format!(
            "{key}: cannot listen on {bind}: {cause}; stop what uses it, or choose another address or port"
        ))
    })
}

fn policy(config: &Config, content: &Content) -> Policy {
    Policy {
        staff: config.mail.staff.clone(),
        acknowledge: config.mail.acknowledge,
        escalate_to: config.mail.escalate_to.clone(),
        mails_leave: matches!(config.mail.route, Route::Smtp(_)),
        opening: config.clinic.hours.clone(),
        reply_within_hours: config.clinic.reply_within_hours,
        consent_version: content.privacy_version().to_owned(),
    }
}

async fn courier_store(config: &Config, store: &Store) -> Result<Store, Failure> {
    match &config.database {
        Database::Sqlite(_) => Ok(store.clone()),
        Database::Postgres(_) => Ok(open_store(config, COURIER_CONNECTIONS).await?),
    }
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
